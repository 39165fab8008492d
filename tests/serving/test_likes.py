"""Shares of likes among predictions that are alike."""

import numpy as np
import pytest

from dcn_core.serving.likes import likes_near


def test_the_nearest_predictions_are_counted() -> None:
    predicted, like = np.array([0.1, 0.5, 0.52, 0.9]), np.array([0, 1, 0, 1])
    found = likes_near(predicted, like, 0.51, most=2)
    assert (found.count, found.share) == (2, 0.5)
    assert likes_near(predicted, like, 0.51, most=3).share == pytest.approx(2 / 3)
    assert likes_near(predicted, like, 0.5).count == 4


def test_the_interval_holds_a_known_share() -> None:
    rng = np.random.default_rng(0)
    predicted = rng.random(20_000)
    like = rng.random(20_000) < predicted
    held = [(found := likes_near(predicted, like, p)).low <= p <= found.high for p in np.linspace(0.05, 0.95, 19)]
    assert np.mean(held) >= 0.8


def test_without_clusters_the_interval_is_wilsons() -> None:
    like = np.arange(500) < 400
    found = likes_near(np.full(500, 0.8), like, 0.8)
    assert (found.low, found.high) == pytest.approx((0.7628, 0.8327), abs=5e-4)


def test_ratings_of_one_user_count_less_the_more_alike_they_are() -> None:
    """Twenty-five users of twenty ratings, who like nearly all or nearly nothing: the interval holds the share of all users."""
    rng = np.random.default_rng(0)
    held, naive = [], []
    for _ in range(200):
        user = np.repeat(np.arange(25), 20)
        like = (rng.random(500) < rng.choice([0.1, 0.9], 25)[user]).astype(np.float32)
        found = likes_near(np.full(500, 0.5), like, 0.5, user)
        alone = likes_near(np.full(500, 0.5), like, 0.5)
        held.append(found.low <= 0.5 <= found.high)
        naive.append(alone.low <= 0.5 <= alone.high)
    assert 0.9 <= np.mean(held) <= 1 and np.mean(naive) < 0.6


def test_where_all_are_likes_users_are_counted() -> None:
    user = np.repeat(np.arange(20), 10)
    found = likes_near(np.full(200, 0.99), np.ones(200), 0.99, user)
    assert found.high == 1 and found.low == pytest.approx(0.82, abs=0.01)
    assert likes_near(np.full(1, 0.99), np.ones(1), 0.99, np.zeros(1, int)).low < 0.1
