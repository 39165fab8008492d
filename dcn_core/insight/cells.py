"""Ratings sorted into cells of equal features, and how much they differ within: the floor of those features."""

from collections.abc import Sequence

import numpy as np

from dcn_core.config.features import Level
from dcn_core.data.encoder import EncodedData


class Codes:
    """Categories of all ratings by feature: content features as encoded, genres as the set of a film, ids as rows.

    Each value of a number is a category.
    """

    def __init__(self, data: EncodedData) -> None:
        self._data = data
        self._owner: dict[str, np.ndarray] = {
            "user_id": np.arange(int(data.user_row.max(initial=0)) + 1),
            "movie_id": np.arange(int(data.movie_row.max(initial=0)) + 1),
        }
        for name, index in data.features.items():
            if index.ndim == 2:
                ordered = np.sort(index, axis=1)  # "Action|Comedy" and "Comedy|Action" are one set
                self._owner[name] = np.unique(ordered, axis=0, return_inverse=True)[1].ravel()
            elif index.dtype.kind == "f":
                self._owner[name] = np.unique(index, return_inverse=True)[1]
            elif name not in self._owner:
                self._owner[name] = index

    def size(self, name: str) -> int:
        """Number of categories."""
        return int(self._owner[name].max(initial=0)) + 1

    def of(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Category of each rating, `(len(rows),)`."""
        level: Level | None = {"user_id": "user", "movie_id": "movie"}.get(name)  # type: ignore[assignment]
        return self._owner[name][self._data.rows_of(level or self._data.level(name), rows)]

    def cell(self, names: Sequence[str], rows: np.ndarray) -> np.ndarray:
        """Category of each rating in the table of all combinations, int64 `(len(rows),)`."""
        code = np.zeros(len(rows), dtype=np.int64)
        for name in names:
            code = code * self.size(name) + self.of(name, rows)
        return code

    def cells(self, names: Sequence[str]) -> int:
        """Number of all combinations."""
        return int(np.prod([self.size(name) for name in names], dtype=np.float64))


def floor_mse(codes: Codes, rating: np.ndarray, features: Sequence[str]) -> float:
    """Unbiased variance of the ratings within cells of equal features, in stars²; cells with one rating say nothing.

    NaN where under a tenth of the ratings share their cell with another, as with user and film ids together.
    """
    every = np.flatnonzero(np.isfinite(rating))  # what is neither like nor dislike has no label
    rating = rating[every]
    cell = (
        np.unique(codes.cell(features, every), return_inverse=True)[1]
        if codes.cells(features) < 2**62
        else np.arange(len(every))
    )
    n = np.bincount(cell)
    total = np.bincount(cell, rating)
    square = np.bincount(cell, np.square(rating, dtype=np.float64))
    shared = n > 1
    if n[shared].sum() < 0.1 * len(rating):
        return float("nan")
    variance = (square[shared] - total[shared] ** 2 / n[shared]) / (n[shared] - 1)
    return float(np.average(variance, weights=n[shared]))
