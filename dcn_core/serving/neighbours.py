"""What similar users gave a movie, and what a user gave similar movies: ratings to hold a prediction against."""

from dataclasses import dataclass

import numpy as np

from dcn_core.serving.likeness import cosine, nearest

MOST = 20
"""Neighbours that are asked."""


@dataclass(frozen=True)
class Neighbours:
    """Those of most likeness among all that there is a training rating of.

    Attributes:
        rows: Their rows, most alike first.
        likeness: Cosine of each, -1 to 1.
        rating: What was given.
        asked: Number of all that were compared.
    """

    rows: np.ndarray
    likeness: np.ndarray
    rating: np.ndarray
    asked: int

    @property
    def mean(self) -> float | None:
        """Mean of their ratings; None without any."""
        return float(self.rating.mean()) if len(self.rating) else None


def neighbours(
    others: np.ndarray, rating: np.ndarray, table: np.ndarray, own: np.ndarray, without: int | None, most: int = MOST
) -> Neighbours:
    """Finds the nearest of those who rated.

    Args:
        others: Rows of the users who rated a movie, or of the movies that a user rated, `(n,)`.
        rating: Their ratings, `(n,)`.
        table: Vectors of all users, or movies, as of `likeness.vectors`.
        own: The vector that they are compared with.
        without: A row that is left out: the asked one itself.
        most: How many to return.
    """
    if without is not None:
        rating, others = rating[others != without], others[others != without]
    if len(others) == 0 or table.shape[1] == 0:
        return Neighbours(others[:0], np.empty(0), rating[:0], 0)
    alike = cosine(table, own)[others]
    order = nearest(alike, most)
    return Neighbours(others[order], alike[order], rating[order], len(others))
