"""Two experiments over the same seeds: interval and verdict."""

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
    assert "3 seeds make the interval a rough one" in found.sentence()


@pytest.mark.parametrize(("metric", "winner"), [("mse", "first"), ("auc", "second")])
def test_which_one_is_better_depends_on_the_direction_of_the_metric(metric, winner):
    found = compare(by_seed(0.80, 0.81, 0.82), by_seed(0.90, 0.911, 0.92), METRICS[metric], NAMES)
    assert NAMES[found.winner] == winner
    assert found.sentence().startswith(f"{winner} is better than ")


def test_only_shared_seeds_count_and_two_are_needed():
    found = compare({1: 0.8, 2: 0.9, 7: 5.0}, {1: 0.7, 2: 0.8, 9: 0.0}, METRICS["mse"], NAMES)
    assert found.seeds == (1, 2)
    assert found.differences == pytest.approx((-0.1, -0.1))
    with pytest.raises(PredictionError, match=r"two seeds that both were trained with. Received: 1"):
        compare({1: 0.8, 2: 0.9}, {1: 0.7}, METRICS["mse"], NAMES)
