"""Intervals hold what they promise on ratings that neither training nor calibration saw."""

import math
from pathlib import Path

import numpy as np
import pytest

from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.errors import PredictionError
from dcn_core.serving import intervals
from dcn_core.serving.intervals import GROUPS, LEVELS, calibrate, group_of, kept_intervals


def world(n: int = 12_000, seed: int = 0) -> tuple[EncodedData, Split]:
    """Ratings of 400 users, some of them rare, which are harder to predict; the feature `score` is the expectation."""
    rng = np.random.default_rng(seed)
    user = np.minimum(rng.geometric(0.02, n) - 1, 399).astype(np.int32)
    movie = rng.integers(0, 40, n, dtype=np.int32)
    spread = np.where(user < 45, 0.5, 1.2)
    rating = (3 + spread * rng.normal(size=n)).astype(np.float32)  # not cut off, so that no distance is tied
    data = EncodedData({"user_id": user[:400] * 0}, {"movie_id": np.zeros(40, np.int32)}, user, movie, rating)
    rows = rng.permutation(n)
    return data, Split(rows[: n // 2], rows[n // 2 : 3 * n // 4], rows[3 * n // 4 :])


def threes(inputs: dict[str, np.ndarray]) -> np.ndarray:
    """A network that always says 3."""
    return np.full(len(inputs["movie_id"]), 3.0, np.float32)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_share_of_held_out_ratings_in_their_interval_is_the_level(seed: int) -> None:
    data, split = world(seed=seed)
    found = calibrate(threes, data, split, -20, 20)
    for level, covered in zip(LEVELS, found.covered, strict=True):
        # The share varies with the calibration as well as with the test rows: four standard deviations of both.
        tolerance = 4 * math.sqrt(level * (1 - level) * (2 / len(split.test)))
        assert abs(covered - level) < tolerance
    for number in np.flatnonzero(np.array(found.own) & (np.array(found.tested) > 200)):
        spread = math.sqrt(0.16 * (1 / found.tested[number] + 1 / found.calibrated[number]))
        assert abs(found.covered_by_group[number][LEVELS.index(0.8)] - 0.8) < 4 * spread


def test_what_is_hardly_known_has_the_wider_interval() -> None:
    found = calibrate(threes, *world(), 1, 5)
    assert found.own[2] and found.own[3]
    assert found.distance[2][1] > 1.5 * found.distance[3][1]


def test_a_distance_is_the_order_statistic_of_the_formula() -> None:
    error = np.arange(1, 20) / 10  # n = 19: ⌈20 · 0.9⌉ = 18th smallest
    assert intervals._distances(error)[LEVELS.index(0.9)] == 1.8
    assert intervals._distances(error)[LEVELS.index(0.95)] == 1.9
    assert intervals._distances(error[:18])[LEVELS.index(0.95)] == math.inf  # ⌈19 · 0.95⌉ = 19 > 18


def test_a_small_group_takes_the_distance_of_all() -> None:
    data, split = world(2_000)
    found = calibrate(threes, data, split, 1, 5)
    assert not found.own[0]
    assert found.distance[0] == intervals._distances(np.abs(data.rating[split.validation] - 3).astype(float))
    assert found.around(4.9, 0, 0.95, 1, 5)[1] == 5


def test_groups_go_by_the_lesser_known_of_user_and_movie() -> None:
    assert [GROUPS[int(group_of(a, b))] for a, b in ((0, 99), (1, 99), (9, 10), (10, 49), (50, 1000))] == [
        GROUPS[0],
        GROUPS[1],
        GROUPS[1],
        GROUPS[2],
        GROUPS[3],
    ]


def test_no_validation_and_no_test_ratings_are_said_so() -> None:
    data, split = world(1_000)
    with pytest.raises(PredictionError, match="needs validation rows"):
        calibrate(threes, data, Split(split.train, split.validation[:0], split.test), 1, 5)
    untested = calibrate(threes, data, Split(split.train, split.validation, split.test[:0]), 1, 5)
    assert untested.covered == () and untested.tested == (0,) * len(GROUPS)


@pytest.mark.parametrize("damage", [b"", b"[1]", b'{"version": 2}', None])
def test_intervals_are_kept_beside_the_model_they_belong_to(tmp_path: Path, damage: bytes | None) -> None:
    (tmp_path / "model.onnx").write_bytes(b"one")
    data, split = world(1_000)
    calls = []

    def make() -> intervals.Intervals:
        calls.append(1)
        return calibrate(threes, data, split, 1, 5)

    first = kept_intervals(tmp_path, "data", make)
    again = kept_intervals(tmp_path, "data", make)
    assert len(calls) == 1
    np.testing.assert_equal(again.covered_by_group, first.covered_by_group)
    assert again.distance == first.distance and again.covered == first.covered and again.own == first.own
    if damage is None:
        (tmp_path / "model.onnx").write_bytes(b"another")
    else:
        (tmp_path / intervals.FILE).write_bytes(damage)
    assert kept_intervals(tmp_path, "data", make).distance == first.distance
    assert len(calls) == 2
    kept_intervals(tmp_path, "other data", make)
    assert len(calls) == 3
