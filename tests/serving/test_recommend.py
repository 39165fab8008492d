"""Recommendations are the best of what is allowed, and differ from each other as far as is wished."""

import numpy as np
import pandas as pd
import pytest

from dcn_core.serving.recommend import Wish, allowed, likeness_within, rank

MOVIES = pd.DataFrame(
    {
        "movie_id": range(6),
        "genres": ["Action", "Action|Comedy", "", "Drama", "Comedy", "Action"],
        "year": pd.array([1990, 1995, 2000, None, 2005, 2010], "Int16"),
    }
)
COUNTS = np.array([50, 3, 50, 50, 50, 50])
NONE = np.array([], int)


def test_every_filter_counts() -> None:
    def rows(wish: Wish, seen: np.ndarray = NONE) -> list[int]:
        return np.flatnonzero(allowed(MOVIES, COUNTS, wish, seen)).tolist()

    assert rows(Wish()) == [0, 1, 2, 3, 4, 5]
    assert rows(Wish(), np.array([0, 5])) == [1, 2, 3, 4]
    assert rows(Wish(genres=("Comedy", "Drama"))) == [1, 3, 4]
    assert rows(Wish(years=(1995, 2005))) == [1, 2, 4]
    assert rows(Wish(least=10)) == [0, 2, 3, 4, 5]
    assert rows(Wish(genres=("Western",))) == []
    bare = MOVIES[["movie_id"]]
    assert allowed(bare, COUNTS, Wish(genres=("Comedy",), years=(1995, 2005)), NONE).all()


def test_without_diversity_the_best_come_first() -> None:
    scores = np.array([1.0, 5, 3, 4, 2, 5])
    everything = np.ones(6, bool)
    assert rank(scores, everything, np.zeros((6, 2)), Wish(most=4)).tolist() == [1, 5, 3, 2]
    assert rank(scores, np.zeros(6, bool), np.zeros((6, 2)), Wish(diversity=0.5)).tolist() == []


def test_diversity_takes_the_second_best_if_it_is_different() -> None:
    vectors = np.array([[1.0, 0], [1, 0.01], [0, 1], [-1, -1]])
    scores = np.array([5.0, 4.9, 4.5, 1.0])
    everything = np.ones(4, bool)
    assert rank(scores, everything, vectors, Wish(most=2)).tolist() == [0, 1]
    assert rank(scores, everything, vectors, Wish(most=2, diversity=0.4)).tolist() == [0, 2]


def test_more_diversity_makes_a_list_less_alike() -> None:
    rng = np.random.default_rng(0)
    vectors, scores = rng.normal(size=(200, 5)), rng.normal(size=200)
    vectors[:, 0] += scores  # the best are alike
    lists = [rank(scores, np.ones(200, bool), vectors, Wish(diversity=share)) for share in (0.0, 0.3, 0.7)]
    alike = [likeness_within(vectors, rows) for rows in lists]
    assert alike[0] > alike[1] > alike[2]
    assert all(len(set(rows.tolist())) == 10 for rows in lists)
    assert np.isnan(likeness_within(vectors, np.array([1])))
    assert likeness_within(np.array([[1.0, 0], [-1, 0]]), np.array([0, 1])) == pytest.approx(-1)
