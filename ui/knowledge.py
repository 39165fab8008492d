"""What the training ratings say without any model: means of users and movies, and which part each rating is in."""

from dataclasses import dataclass

import numpy as np

from dcn_core.config.data import DataConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import EncodedData
from dcn_core.data.labels import labels
from dcn_core.data.splits import Split
from dcn_core.insight.ladder import ladder as climb

_RUNGS = {"mean": "Always the mean", "user and movie bias": "User and movie bias"}
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


def ladder(dataset: Dataset, split: Split, config: DataConfig | None = None) -> dict[str, float]:
    """What simple predictors reach on the validation ratings, as the loss by name: what a network has to beat.

    The loss is the mean squared error of ratings, or the log loss of likes.

    They are the rungs of `dcn_core.insight.ladder` that take a moment, so that the lines beside the learning curve and the
    ladder of a finished run show the same numbers.
    """
    user, movie = (dataset.ratings[name].to_numpy() for name in ("user_row", "movie_row"))
    config = config or DataConfig()
    rating = labels(dataset, config)
    frame = climb(EncodedData({}, {}, user, movie, rating), split, ("user_id", "movie_id"), only=tuple(_RUNGS))
    column = "validation_mse" if config.target == "rating" else "validation_log_loss"
    rungs = {_RUNGS[row["rung"]]: float(row[column]) for row in frame.to_dict("records")}
    if dataset.truth is not None and config.target == "rating":
        best = dataset.truth.best_prediction[split.validation]
        rungs["Noise alone"] = float(np.mean((rating[split.validation] - best) ** 2))
    return rungs
