"""Mean, spread and stability over seeds, from matrices made by hand."""

import json

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight.seeds import across_seeds

NAMES = ("genres", "gender", "age")


def effect(a: float, b: float, c: float) -> np.ndarray:
    """Symmetric: genres and gender, genres and age, gender and age; nothing on the diagonal."""
    return np.array([[np.nan, a, b], [a, np.nan, c], [b, c, np.nan]])


def test_each_block_has_its_mean_its_spread_and_its_ranks() -> None:
    found = across_seeds(NAMES, {1: effect(1, 3, 2), 2: effect(1, 5, 0), 7: effect(1, 4, 1)})
    frame = found.frame()
    assert frame[["feature", "other"]].to_numpy().tolist() == [
        ["genres", "age"],
        ["genres", "gender"],
        ["gender", "age"],
    ]
    assert frame["mean"].tolist() == [4, 1, 1]
    np.testing.assert_allclose(frame["spread"], [1, 0, 1])  # divided by the number of seeds less one
    assert frame[["best_rank", "worst_rank", "times_first"]].iloc[0].tolist() == [1, 1, 3]
    assert frame["seed 7"].tolist() == [4, 1, 1]
    np.testing.assert_allclose(found.spread[0, 2], np.std([3, 5, 4], ddof=1))


def test_the_same_order_every_time_is_a_stability_of_one() -> None:
    same = {seed: seed * effect(1, 3, 2) for seed in (1, 2, 3)}
    assert across_seeds(NAMES, same).rank_stability == pytest.approx(1)
    assert across_seeds(NAMES, {1: effect(1, 2, 3), 2: effect(3, 2, 1)}).rank_stability == pytest.approx(-1)


def test_both_directions_are_blocks_of_their_own_where_the_measure_has_them() -> None:
    matrix = np.arange(9.0).reshape(3, 3)
    found = across_seeds(NAMES, {1: matrix, 2: matrix + 1}, directed=True)
    assert len(found.frame()) == 9
    assert found.frame().iloc[0][["feature", "other", "mean"]].tolist() == ["age", "age", 8.5]
    assert "Age × age is the strongest block with both seeds: 8.50 ± 0.71 length of x." in found.sentence("length of x")


def test_the_sentence_is_honest_about_the_order_and_about_few_seeds() -> None:
    names = ("genres", "gender", "age", "year")
    rng = np.random.default_rng(0)

    def noise() -> np.ndarray:
        matrix = rng.uniform(0, 0.02, (4, 4))
        return np.where(np.eye(4, dtype=bool), np.nan, matrix + matrix.T)

    steady = {seed: noise() for seed in range(5)}
    for matrix in steady.values():
        matrix[0, 1:] = matrix[1:, 0] = (3, 2, 1)
    text = across_seeds(names, steady).sentence("stars")
    assert text.startswith(
        "Genres and gender are crossed most with all 5 seeds: 3.00 ± 0.00 stars. The same three lead"
    )
    assert "say little" not in text
    text = across_seeds(names, {seed: noise() for seed in range(3)}).sentence("stars")
    assert "Which three lead changes with the seed" in text and text.endswith("3 seeds say little about the spread.")
    assert "No two features" in across_seeds(NAMES, dict.fromkeys((1, 2), effect(0, 0, 0))).sentence("stars")


def test_missing_blocks_are_null_in_json() -> None:
    plain = across_seeds(NAMES, {1: effect(1, 3, 2), 2: effect(1, 3, 2)}).plain()
    assert json.loads(json.dumps(plain, allow_nan=False))["mean"][0] == [None, 1, 3]
    assert plain["seeds"] == [1, 2]


def test_one_run_has_no_spread() -> None:
    with pytest.raises(PredictionError, match=r"at least two.*Received: 1 .*another seed"):
        across_seeds(NAMES, {1: effect(1, 2, 3)})
