"""Maps that keep neighbours together: the same for the same seed, and honest about what they keep."""

import numpy as np
import pytest

from dcn_core.insight.neighbourhoods import kept_neighbours, neighbour_map, neighbour_map_sentence

RNG = np.random.default_rng(0)
GROUPS = np.repeat(np.eye(6)[:3], 20, axis=0) + 0.05 * RNG.normal(size=(60, 6))


@pytest.mark.parametrize("axes", [2, 3])
def test_the_same_seed_gives_the_same_map_and_groups_stay_together(axes: int) -> None:
    places = neighbour_map(GROUPS, axes)
    assert places.shape == (60, axes)
    np.testing.assert_array_equal(places, neighbour_map(GROUPS, axes))
    groups = places.reshape(3, 20, axes)
    within = np.linalg.norm(groups - groups.mean(axis=1, keepdims=True), axis=2).mean()
    between = np.linalg.norm(groups.mean(axis=1) - groups.mean(axis=1)[[1, 2, 0]], axis=1).mean()
    assert between > 1.5 * within
    assert kept_neighbours(GROUPS, places) > 0.3


def test_few_points_and_short_embeddings_have_a_map() -> None:
    assert neighbour_map(RNG.normal(size=(6, 2)), 3).shape == (6, 3)


def test_a_map_that_is_the_table_keeps_all_and_a_random_one_few() -> None:
    circle = np.stack([np.cos(angle := np.linspace(0, 6, 80)), np.sin(angle)], axis=1)
    assert kept_neighbours(circle, circle) == 1
    assert kept_neighbours(circle, RNG.normal(size=(80, 2))) < 0.35


def test_the_sentence_tells_how_much_is_kept() -> None:
    assert neighbour_map_sentence(0.62, 1500) == (
        "Of the 10 nearest of each of 1,500 embeddings, 62 % are also its nearest on this map."
    )
