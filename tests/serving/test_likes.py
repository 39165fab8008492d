"""Shares of likes among predictions that are alike."""

import numpy as np
import pytest

from dcn_core.serving.likes import likes_near


def test_the_nearest_predictions_are_counted() -> None:
    predicted, like = np.array([0.1, 0.5, 0.52, 0.9]), np.array([0, 1, 0, 1])
    found = likes_near(predicted, like, 0.51, most=2)
    assert (found.count, found.share) == (2, 0.5)
    assert found.low == pytest.approx(0.0945, abs=1e-4) and found.high == pytest.approx(
        0.9055, abs=1e-4
    )  # Wilson, 1 of 2
    assert likes_near(predicted, like, 0.5).count == 4


def test_the_interval_holds_a_known_share() -> None:
    rng = np.random.default_rng(0)
    predicted = rng.random(20_000)
    like = rng.random(20_000) < predicted
    held = [(found := likes_near(predicted, like, p)).low <= p <= found.high for p in np.linspace(0.05, 0.95, 19)]
    assert np.mean(held) >= 0.8
