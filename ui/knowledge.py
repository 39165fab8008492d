"""What the training ratings say without any model: means of users and movies, and which part each rating is in."""

from dataclasses import dataclass

import numpy as np

from dcn_core.data.dataset import Dataset
from dcn_core.data.splits import Split

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Knowledge:
    """Counts and means over the training rows.

    Attributes:
        part: Index into `PARTS` of each rating, int8 `(num_ratings,)`.
        overall: Mean training rating.
        movie_count, movie_mean: By row of `Dataset.movies`; the mean is NaN where there is no rating.
        user_count, user_mean: By row of `Dataset.users`.
    """

    part: np.ndarray
    overall: float
    movie_count: np.ndarray
    movie_mean: np.ndarray
    user_count: np.ndarray
    user_mean: np.ndarray


def knowledge(dataset: Dataset, split: Split) -> Knowledge:
    """Returns what the training rows of a split say."""
    part = np.full(dataset.num_ratings, -1, np.int8)
    for number, rows in enumerate((split.train, split.validation, split.test)):
        part[rows] = number
    rating = dataset.ratings["rating"].to_numpy()[split.train]
    found = []
    for column, table in (("movie_row", dataset.movies), ("user_row", dataset.users)):
        rows = dataset.ratings[column].to_numpy()[split.train]
        count = np.bincount(rows, minlength=len(table))
        total = np.bincount(rows, weights=rating, minlength=len(table))
        found += [count, np.divide(total, count, out=np.full(len(table), np.nan), where=count > 0)]
    return Knowledge(part, float(rating.mean()), *found)


def known_rating(dataset: Dataset, user_row: int, movie_row: int) -> int | None:
    """Row of `Dataset.ratings` in which a user rated a movie, None if there is none."""
    ratings = dataset.ratings
    rows = np.flatnonzero((ratings["user_row"].to_numpy() == user_row) & (ratings["movie_row"].to_numpy() == movie_row))
    return int(rows[-1]) if len(rows) else None
