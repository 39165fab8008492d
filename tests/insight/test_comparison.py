"""Two experiments over some seeds: interval and verdict."""

import numpy as np
import pytest

from dcn_core.config.metrics import METRICS
from dcn_core.errors import PredictionError
from dcn_core.insight.comparison import compare

NAMES = ("first", "second")


def by_seed(*values):
    return dict(enumerate(values, start=1))


def test_the_interval_is_that_of_the_paired_t_test():
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 0.1, 6), rng.normal(1.05, 0.1, 6)
    found = compare(by_seed(*a), by_seed(*b), METRICS["mse"], NAMES)
    expected = ttest_rel(b, a).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.mean == pytest.approx(np.mean(b - a))


def test_what_the_seed_could_have_done_is_no_difference():
    found = compare(by_seed(0.80, 0.81, 0.82), by_seed(0.81, 0.80, 0.825), METRICS["mse"], NAMES)
    assert found.winner is None
    assert found.sentence().startswith("No difference beyond seed noise: second has 0.0017 more MSE on average (95 %")
    assert "3 shared seeds)" in found.sentence() and "rough" in found.sentence()


@pytest.mark.parametrize(("metric", "winner"), [("mse", "first"), ("auc", "second")])
def test_which_one_is_better_depends_on_the_direction_of_the_metric(metric, winner):
    found = compare(by_seed(0.80, 0.81, 0.82), by_seed(0.90, 0.911, 0.92), METRICS[metric], NAMES)
    assert NAMES[found.winner] == winner
    assert found.sentence().startswith(f"{winner} is better than ")


def test_only_shared_seeds_count_where_there_are_two():
    found = compare({1: 0.8, 2: 0.9, 7: 5.0}, {1: 0.7, 2: 0.85, 9: 0.0}, METRICS["mse"], NAMES)
    assert found.paired and found.seeds == ((1, 2), (1, 2))
    assert found.mean == pytest.approx(-0.075)
    half = 12.7062 * 0.025  # Student's t of one degree of freedom times the error of (-0.1, -0.05)
    assert (found.low, found.high) == pytest.approx((-0.075 - half, -0.075 + half), abs=1e-4)
    assert found.winner is None


def test_without_shared_seeds_the_interval_is_that_of_welch():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(1)
    a, b = rng.normal(1, 0.1, 4), rng.normal(1.05, 0.02, 6)
    found = compare(by_seed(*a), dict(enumerate(b, start=4)), METRICS["mse"], NAMES)  # seed 4 is not enough to pair
    expected = ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert not found.paired and "4 and 6 seeds)" in found.sentence()


def test_the_spread_of_one_stands_for_the_other_that_was_trained_once():
    found = compare(by_seed(1.0, 1.2, 1.1), {1: 1.5}, METRICS["mse"], NAMES)
    half = 4.302653 * 0.1 * (1 / 3 + 1) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.4 - half, 0.4 + half))
    assert found.winner is None
    with pytest.raises(PredictionError, match="Received: one seed each"):
        compare({1: 0.8}, {1: 0.7}, METRICS["mse"], NAMES)


def test_experiments_that_never_vary_are_told_apart():
    assert compare({1: 0.8, 2: 0.8}, {3: 0.7, 4: 0.7}, METRICS["mse"], NAMES).winner == 1
    assert compare({1: 0.8, 2: 0.8}, {3: 0.8, 4: 0.8}, METRICS["mse"], NAMES).winner is None


@pytest.mark.parametrize("seeds", [(2, 2), (1, 3), (3, 3), (5, 2)])
@pytest.mark.parametrize("shift", [0, 9])
def test_chance_is_called_a_difference_in_five_of_a_hundred(seeds, shift):
    """Two standard errors, which do not know how few seeds there are, would call it one in 18 of a hundred with two seeds."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(2_000):
        first, second = (rng.normal(size=count) for count in seeds)
        found = compare(by_seed(*first), dict(enumerate(second, start=1 + shift)), METRICS["mse"], NAMES)
        wrong += found.winner is not None
    assert wrong <= 140
