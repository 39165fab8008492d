"""Shrunken tables and factors against closed forms."""

import numpy as np
import pytest

from dcn_core.insight.factorization import factorize
from dcn_core.insight.tables import fit_tables

RNG = np.random.default_rng(0)


def test_tables_solve_the_ridge_regression_of_their_shrinkage() -> None:
    a, b = RNG.integers(0, 4, 500), RNG.integers(0, 3, 500)
    rating = RNG.normal(0, 1, 4)[a] + RNG.normal(0, 1, 3)[b] + RNG.normal(3, 0.5, 500)
    fitted = fit_tables({"a": a, "b": b}, {"a": 4, "b": 3}, rating, sweeps=200)
    X = np.concatenate([np.eye(4)[a], np.eye(3)[b]], axis=1)
    penalty = np.diag(np.repeat([fitted.shrinkage["a"], fitted.shrinkage["b"]], [4, 3]))
    expected = np.linalg.solve(X.T @ X + penalty, X.T @ (rating - rating.mean()))
    np.testing.assert_allclose(fitted.predict({"a": a, "b": b}), rating.mean() + X @ expected, atol=5e-3)


def test_shrinkage_is_noise_over_signal() -> None:
    code = np.repeat(np.arange(2000), 10)
    rating = RNG.normal(0, 0.5, 2000)[code] + RNG.normal(3, 1.0, len(code))
    assert fit_tables({"a": code}, {"a": 2000}, rating).shrinkage["a"] == pytest.approx(4, rel=0.15)


def test_categories_that_do_not_differ_or_were_not_seen_add_nothing() -> None:
    code = np.tile([0, 1], 500)
    fitted = fit_tables({"a": code}, {"a": 3}, np.repeat([1.0, 5.0], 500))
    assert fitted.shrinkage["a"] == np.inf
    assert fitted.predict({"a": np.array([0, 1, 2])}).tolist() == [3, 3, 3]


def test_factors_find_a_planted_product() -> None:
    users, movies = RNG.normal(0, 1, (200, 2)), RNG.normal(0, 1, (150, 2))
    pairs = RNG.permutation(200 * 150)[:9000]
    user, movie = pairs // 150, pairs % 150
    truth = np.sum(users[user] * movies[movie], axis=1)
    found = factorize(user[:8000], movie[:8000], truth[:8000], (200, 150), rank=3, penalty=0.1)
    assert np.mean((found.predict(user[8000:], movie[8000:]) - truth[8000:]) ** 2) < 0.01 * truth.var()


def test_half_a_sweep_is_ridge_regression() -> None:
    user, movie, residual = RNG.integers(0, 5, 60), np.tile(np.arange(12), 5), RNG.normal(size=60)
    user = np.repeat(np.arange(5), 12)
    found = factorize(user, movie, residual, (5, 12), rank=2, penalty=3.0, sweeps=4)
    own = residual[movie == 7]
    V = found.users[user[movie == 7]].astype(float)
    np.testing.assert_allclose(found.movies[7], np.linalg.solve(V.T @ V + 3 * np.eye(2), V.T @ own), atol=1e-5)


def test_users_and_films_without_ratings_have_zero_factors() -> None:
    found = factorize(np.array([0]), np.array([1]), np.array([1.0]), (2, 3))
    assert not found.users[1].any()
    assert not found.movies[[0, 2]].any()
