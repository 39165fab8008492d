"""Which movies to show a user: filtered, ranked by predicted rating, and as different from each other as is wished.

Diversity is maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): movie by movie, the one with the greatest
(1 - diversity) · relevance - diversity · likeness to the most alike of those already chosen.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

POOL = 300
"""Best movies among which the different ones are looked for."""


@dataclass(frozen=True)
class Wish:
    """What a recommended movie must be like.

    Attributes:
        genres: One of these at least; any if there are none.
        years: First and last release year; None for any, also an unknown one.
        least: Training ratings that it must have.
        most: Number of movies.
        diversity: From 0, the best rated, to 1, as different as possible.
    """

    genres: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    least: int = 0
    most: int = 10
    diversity: float = 0.0


def allowed(movies: pd.DataFrame, counts: np.ndarray, wish: Wish, seen: np.ndarray) -> np.ndarray:
    """Which movies may be recommended, bool `(num_movies,)`.

    Args:
        movies: As of `Dataset.movies`.
        counts: Training ratings of each.
        wish: What is asked for.
        seen: Rows of movies that the user has rated.
    """
    mask = counts >= wish.least
    mask[seen] = False
    if wish.genres and "genres" in movies:
        wanted = set(wish.genres)
        code, kinds = pd.factorize(movies["genres"].fillna("").astype(object))
        mask &= np.array([not wanted.isdisjoint(kind.split("|")) for kind in kinds], bool)[code]
    if wish.years is not None and "year" in movies:
        year = movies["year"].to_numpy(float, na_value=np.nan)
        mask &= (year >= wish.years[0]) & (year <= wish.years[1])
    return mask


def rank(scores: np.ndarray, mask: np.ndarray, vectors: np.ndarray, wish: Wish) -> np.ndarray:
    """Rows of the recommended movies in order.

    Args:
        scores: Predicted rating of each movie, `(num_movies,)`.
        mask: Which are allowed.
        vectors: What tells movies apart, `(num_movies, e)`, see `likeness.vectors`.
        wish: How many, and how different.
    """
    rows = np.flatnonzero(mask)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    if wish.diversity <= 0 or len(rows) <= 1 or vectors.shape[1] == 0:
        return rows[: wish.most]
    rows = rows[: max(POOL, wish.most)]
    relevance = scores[rows].astype(float)
    spread = relevance.max() - relevance.min()
    relevance = (relevance - relevance.min()) / (spread or 1.0)
    centred = vectors[rows] - vectors.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    nearest = np.zeros(len(rows))  # movies that point away from the chosen ones gain nothing by it
    left = np.ones(len(rows), bool)
    chosen: list[int] = []
    for _ in range(min(wish.most, len(rows))):
        value = np.where(left, (1 - wish.diversity) * relevance - wish.diversity * nearest, -np.inf)
        best = int(np.argmax(value))
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, unit @ unit[best])
    return rows[chosen]


def likeness_within(vectors: np.ndarray, rows: np.ndarray) -> float:
    """Mean cosine between each two of some movies: how much of the same they are. NaN of fewer than two.

    Also where nothing tells movies apart.
    """
    if len(rows) < 2 or vectors.shape[1] == 0:
        return float("nan")
    centred = vectors[rows] - vectors.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    both = unit @ unit.T
    return float((both.sum() - np.trace(both)) / (len(rows) * (len(rows) - 1)))
