"""Two networks on the same ratings: where their predictions differ, and which is better on which slice."""

import numpy as np
import pandas as pd

from dcn_core.data.dataset import Dataset
from dcn_core.errors import PredictionError
from dcn_core.insight.clusters import clustered_interval, clusters
from dcn_core.insight.residuals import FEWEST_RATINGS, slicings

FEWEST_USERS = 10
"""People below which an interval says little: the ratings of one person are not independent of each other."""
ALL = "all"
"""The slice that holds all ratings."""


def duel(
    dataset: Dataset,
    rows: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    train_rows: np.ndarray | None = None,
    label: np.ndarray | None = None,
) -> pd.DataFrame:
    """Compares two networks slice by slice, rating by rating.

    Both are asked about the same ratings, so the difference of their squared errors on each counts, and what is hard for
    both cancels. Its interval allows for ratings of one person, and of one movie, being alike (`clustered_mean`), and is so
    wide that it holds for all slices together with 95 % (Bonferroni).

    Args:
        dataset: Ratings, users and movies.
        rows: Ratings that both were asked about, `(n,)`.
        first: Predictions of the first network, `(n,)`.
        second: Of the second, `(n,)`.
        train_rows: Ratings by which popularity is counted.
        label: What was predicted of each of `rows`, 1 or 0 for likes; the ratings if not given.

    Returns:
        `slice`, `category`, `count`, `first` and `second` (MSE of each), `difference` (first - second: below zero the first is
        better), `difference_low`, `difference_high`, `winner` ("first", "second", or "" where the interval holds zero) and
        `apart` (root mean square distance of the predictions). The slice `ALL` of all ratings stands first; then by
        distance of the interval from zero. Slices with fewer than 30 ratings or 10 people are left out.

    Raises:
        PredictionError: There are no ratings, or another number of predictions.
    """
    if not len(rows) or not len(rows) == len(first) == len(second):
        raise PredictionError(
            "a comparison needs at least one rating and two predictions for each. Received: "
            f"{len(rows)} ratings, {len(first)} and {len(second)} predictions."
        )
    actual = dataset.ratings["rating"].to_numpy(float)[rows] if label is None else label.astype(float)
    alike, person = clusters(dataset, rows), dataset.ratings["user_row"].to_numpy()[rows]
    alone = len(dataset.users) == 1  # a table without users
    errors = (first.astype(float) - actual) ** 2, (second.astype(float) - actual) ** 2
    apart = (first.astype(float) - second.astype(float)) ** 2
    members = [(ALL, "All ratings", np.ones(len(rows), bool))]
    members += slicings(dataset, rows, train_rows)
    members = [
        (name, category, own)
        for name, category, own in members
        if name == ALL or (own.sum() >= FEWEST_RATINGS and (alone or len(np.unique(person[own])) >= FEWEST_USERS))
    ]
    confidence = 1 - 0.05 / len(members)
    found = []
    for name, category, own in members:
        by = [code[own] for code in alike]
        mean, low, high = clustered_interval(errors[0][own] - errors[1][own], *by, confidence=confidence)
        winner = "first" if high < 0 else "second" if low > 0 else ""
        mse = [float(part[own].mean()) for part in errors]
        distance = float(np.sqrt(apart[own].mean()))
        found.append((name, category, int(own.sum()), *mse, mean, low, high, winner, distance))
    columns = ["slice", "category", "count", "first", "second", "difference", "difference_low", "difference_high"]
    frame = pd.DataFrame(found, columns=[*columns, "winner", "apart"])
    sure = pd.concat([frame["difference_low"], -frame["difference_high"]], axis=1).max(axis=1)
    sure[frame["slice"] == ALL] = np.inf
    order = sure.sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)
