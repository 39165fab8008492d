"""Only the swapped feature changes, and the figures are those of a function that is known."""

import numpy as np
import pandas as pd
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import EncodedData
from dcn_core.errors import PredictionError
from dcn_core.serving import fairness


def world() -> tuple[EncodedData, Dataset]:
    """200 ratings of 20 users of two genders and 4 movies of two genres."""
    rng = np.random.default_rng(0)
    user, movie = rng.integers(0, 20, 200), rng.integers(0, 4, 200)
    rating = rng.integers(1, 6, 200).astype(np.float32)
    users, movies = {"gender": 1 + np.arange(20) % 2}, {"movie_id": np.arange(1, 5)}
    ratings = pd.DataFrame({"user_row": user, "movie_row": movie, "rating": rating})
    films = pd.DataFrame({"movie_id": range(4), "title": list("abcd"), "genres": ["War", "War", "Comedy", ""]})
    return EncodedData(users, movies, user, movie, rating), Dataset("w", "f", ratings, pd.DataFrame(), films)


def score(inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Women are predicted more for the first two movies, by 0.5 and 1 star."""
    extra = np.array([0, 0.5, 1, 0, 0])[inputs["movie_id"]]
    return 3 + extra * (inputs["gender"] == 1)


def test_changes_are_those_of_the_function() -> None:
    data, dataset = world()
    rows = np.arange(200)
    found = fairness.swap(score, data, FeatureSpec("gender", 3), rows, 1, 5)
    expected = np.array([0.5, 1, 0, 0])[data.movie_row]
    np.testing.assert_allclose(found.change, expected)
    assert found.mean == pytest.approx(expected.mean()) and found.largest == 1 and found.all_rows
    np.testing.assert_allclose(found.before, score(data.inputs(rows)))
    means = found.by_category()["mean"].tolist()
    assert means == pytest.approx([3 + expected.mean(), 3])
    genres = found.by_genre(dataset).set_index("genre")
    assert genres.loc["War", "mean"] == pytest.approx(expected[data.movie_row < 2].mean())
    assert genres.loc["War", "largest"] == 1 and genres.loc["Comedy", "mean"] == 0
    assert (genres.loc["War", "high"], genres.loc["War", "low"]) == (1, 2)
    bare = Dataset("w", "f", dataset.ratings, dataset.users, dataset.movies[["movie_id"]])
    assert found.by_genre(bare).empty


def test_too_many_ratings_are_sampled_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "MOST", 60)
    found = fairness.swap(score, world()[0], FeatureSpec("gender", 3), np.arange(200), 1, 5)
    assert len(found.rows) == 30 and not found.all_rows


def test_nothing_to_swap_is_said_so() -> None:
    data = world()[0]
    for rows, size in ((np.arange(0), 3), (np.arange(5), 2)):
        with pytest.raises(PredictionError, match="two values of 'gender'"):
            fairness.swap(score, data, FeatureSpec("gender", size), rows, 1, 5)
