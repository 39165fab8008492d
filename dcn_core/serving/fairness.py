"""What only one feature of the users changes: each prediction again with every other value of it, all else the same."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.config.features import FeatureSpec
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import EncodedData
from dcn_core.errors import PredictionError
from dcn_core.serving.intervals import Score

MOST = 1_500_000
"""Predictions that are made; of more, a random sample of the ratings is taken."""
FEWEST = 30
"""Ratings that a genre needs."""


@dataclass(frozen=True, eq=False)
class Swaps:
    """The predictions for some ratings with each value of one feature.

    Attributes:
        feature: The one that was changed.
        categories: Indices of its values, the unknown one left out, `(K,)`.
        rows: The ratings, `(n,)`.
        predicted: `(n, K)`, in stars.
        before: `(n,)`, predictions with the value that each has.
        all_rows: Whether these are all ratings that were given, or a sample.
    """

    feature: str
    categories: np.ndarray
    rows: np.ndarray
    predicted: np.ndarray
    before: np.ndarray
    all_rows: bool

    @property
    def change(self) -> np.ndarray:
        """How far each prediction can be moved, `(n,)`: the highest less the lowest."""
        return np.ptp(self.predicted, axis=1)

    @property
    def mean(self) -> float:
        """Mean of `change`."""
        return float(self.change.mean())

    @property
    def largest(self) -> float:
        """Largest `change`."""
        return float(self.change.max())

    def by_category(self) -> pd.DataFrame:
        """`category` (index) and `mean`: what all ratings would be predicted on average if everybody had this value."""
        return pd.DataFrame({"category": self.categories, "mean": self.predicted.mean(axis=0)})

    def by_genre(self, dataset: Dataset) -> pd.DataFrame:
        """`genre`, `ratings`, `mean` and `largest` change, and `high` and `low`: the values with the highest and lowest mean.

        Largest mean first; genres with fewer than `FEWEST` ratings are left out. Empty where there are no genres.
        """
        found = []
        if "genres" in dataset.movies:
            kinds = dataset.movies["genres"].fillna("").str.split("|")
            movie = dataset.ratings["movie_row"].to_numpy()[self.rows]
            for genre in sorted({name for names in kinds for name in names if name}):
                own = np.array([genre in names for names in kinds])[movie]
                if own.sum() >= FEWEST:
                    means = self.predicted[own].mean(axis=0)
                    change = self.change[own]
                    ends = self.categories[[int(np.argmax(means)), int(np.argmin(means))]]
                    found.append((genre, int(own.sum()), float(change.mean()), float(change.max()), *map(int, ends)))
        frame = pd.DataFrame(found, columns=["genre", "ratings", "mean", "largest", "high", "low"])
        return frame.sort_values("mean", ascending=False, ignore_index=True, kind="stable")


def swap(score: Score, data: EncodedData, spec: FeatureSpec, rows: np.ndarray, low: float, high: float) -> Swaps:
    """Asks for some ratings again and again, each time with another value of one feature for all of them.

    Args:
        score: The trained network.
        data: All ratings, encoded.
        spec: The feature.
        rows: The ratings, the test part for instance.
        low: Lowest rating of the scale, within which predictions are put.
        high: Highest rating of the scale.

    Raises:
        PredictionError: There are no ratings, or the feature has fewer than two values.
    """
    categories = np.arange(1, spec.vocabulary_size)
    if len(rows) == 0 or len(categories) < 2:
        raise PredictionError(
            f"a swap needs ratings and two values of '{spec.name}'. Received: {len(rows)} ratings and {len(categories)} values."
        )
    most = max(1, MOST // len(categories))
    chosen = np.sort(np.random.default_rng(0).permutation(rows)[:most])
    inputs = data.inputs(chosen)
    predicted = np.empty((len(chosen), len(categories)), np.float32)
    for number, category in enumerate(categories):
        value = spec.values(np.full(len(chosen), category))
        predicted[:, number] = np.clip(score({**inputs, spec.name: value}), low, high)
    before = np.clip(score(inputs), low, high)
    return Swaps(spec.name, categories, chosen, predicted, before, len(chosen) == len(rows))
