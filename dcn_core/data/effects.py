"""The taste of the generated world: planted main effects and planted crosses of its features."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dcn_core.config.features import FeatureName
from dcn_core.config.world import CROSS_STRENGTH, Pair
from dcn_core.data.categories import AGE_CODES, GENRES, OCCUPATIONS

MAIN_STRENGTH: dict[FeatureName, float] = {"genres": 0.2, "gender": 0.05, "age": 0.08, "occupation": 0.06, "year": 0.12}
"""Standard deviation of each main effect over the ratings, in stars."""

NUM_CELLS = 2 * len(AGE_CODES) * len(OCCUPATIONS)
"""A cell is one combination of gender, age group and occupation: all that the features say about a user."""


class Effects(NamedTuple):
    """What the features add to a score; `mains + crosses` by cell and movie, each `(NUM_CELLS, num_movies)`."""

    mains: np.ndarray
    crosses: np.ndarray


def cell_of(codes: np.ndarray) -> np.ndarray:
    """Returns the cell of each user from `(num_users, 3)` positions of gender, age and occupation."""
    return (codes[:, 0] * len(AGE_CODES) + codes[:, 1]) * len(OCCUPATIONS) + codes[:, 2]


def draw_effects(
    counts: np.ndarray,
    genres: np.ndarray,
    year: np.ndarray,
    rng: np.random.Generator,
    strengths: Mapping[Pair, float] = CROSS_STRENGTH,
) -> Effects:
    """Draws the effects and scales each to its strength over the ratings.

    A main effect has mean zero. A cross has mean zero for each value of either feature, so no additive model
    can learn any part of it: as a product of a user's and a movie's value it is centred on both sides.

    Args:
        counts: Number of ratings by cell and movie, `(NUM_CELLS, num_movies)`.
        genres: Which genres each movie has, bool `(num_movies, 18)`.
        year: Release years, `(num_movies,)`.
        rng: Source of chance. The shape of every cross is drawn, planted or not, so that no strength changes another cross.
        strengths: Of the crosses, in stars.
    """
    cells = np.indices((2, len(AGE_CODES), len(OCCUPATIONS))).reshape(3, -1)
    gender, age, occupation = (np.eye(size)[code] for size, code in zip((2, 7, 21), cells, strict=True))
    of_cell, of_movie = counts.sum(axis=1) / counts.sum(), counts.sum(axis=0) / counts.sum()
    genre_share = genres / genres.sum(axis=1, keepdims=True)  # the mean over a movie's genres
    era = (year - np.average(year, weights=of_movie)) / 25.0
    youth = np.linspace(1.0, -1.0, len(AGE_CODES))

    def scaled(values: np.ndarray, strength: float) -> np.ndarray:
        values = values - (counts * values).sum() / counts.sum()
        return values * (strength / max(1e-9, np.sqrt((counts * values**2).sum() / counts.sum())))

    main: dict[FeatureName, np.ndarray] = {
        "genres": (genre_share @ rng.standard_normal(len(GENRES)))[None, :],
        "gender": (gender @ np.array([0.5, -0.5]))[:, None],
        "age": (age @ (0.3 * rng.standard_normal(len(AGE_CODES)) - youth))[:, None],
        "occupation": (occupation @ rng.standard_normal(len(OCCUPATIONS)))[:, None],
        "year": (np.clip(-era, None, 1.6) + 0.15 * np.sin(3 * era))[None, :],
    }
    by_age = np.cumsum(rng.standard_normal((len(AGE_CODES), len(GENRES))), axis=0)  # neighbours are alike
    tables: dict[FeatureName, tuple[np.ndarray, np.ndarray]] = {
        "age": (age, by_age),
        "gender": (gender, np.outer([1.0, -1.0], rng.standard_normal(len(GENRES)))),
        "occupation": (occupation, rng.standard_normal((len(OCCUPATIONS), len(GENRES)))),
    }
    cross: dict[Pair, np.ndarray] = {
        ("genres", feature): _pure(of_cell @ one_hot, table, of_movie @ genre_share, one_hot, genre_share)
        for feature, (one_hot, table) in tables.items()
    }
    eras = np.stack([era, np.maximum(era, -1.0)], axis=1)  # a line with a bend at 25 years before the mean
    cross["age", "year"] = _centred(age @ np.stack([youth, -(youth**2)], axis=1), of_cell) @ _centred(eras, of_movie).T
    own = rng.standard_normal((2, len(OCCUPATIONS)))
    cross["gender", "occupation"] = _pure_within((gender.T * of_cell) @ occupation, own)[cells[0], cells[2]][:, None]

    further = rng.spawn(1)[0]  # a source of their own: the world without them stays the same to the bit
    own = np.cumsum(further.standard_normal((2, len(AGE_CODES))), axis=1)
    cross["gender", "age"] = _pure_within((gender.T * of_cell) @ age, own)[cells[0], cells[1]][:, None]
    own = further.standard_normal((len(AGE_CODES), len(OCCUPATIONS)))
    cross["age", "occupation"] = _pure_within((age.T * of_cell) @ occupation, own)[cells[1], cells[2]][:, None]
    waves = np.stack([np.sin(2 * era), np.cos(2 * era)], axis=1)
    of_user: dict[Pair, np.ndarray] = {("gender", "year"): gender, ("occupation", "year"): occupation}
    for pair, one_hot in of_user.items():
        by_wave = _centred(one_hot @ further.standard_normal((one_hot.shape[1], 2)), of_cell)
        cross[pair] = by_wave @ _centred(waves, of_movie).T
    own = ((genre_share @ further.standard_normal((len(GENRES), 2))) * waves).sum(axis=1)
    cross["genres", "year"] = _without_mains(own, genre_share, year, of_movie)[None, :]

    effects = Effects(np.zeros(counts.shape), np.zeros(counts.shape))
    for name, strength in MAIN_STRENGTH.items():
        effects.mains[...] += scaled(main[name], strength)
    for pair, strength in strengths.items():
        if strength > 0:
            effects.crosses[...] += scaled(cross[pair], strength)
    return effects


def _centred(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return values - weights @ values


def _pure(
    row_share: np.ndarray, table: np.ndarray, column_share: np.ndarray, one_hot: np.ndarray, membership: np.ndarray
) -> np.ndarray:
    """Spreads a table over cells and movies after taking out its row and column means."""
    table = table - (table @ column_share)[:, None]
    table = table - (row_share @ table)[None, :]
    return one_hot @ table @ membership.T


def _pure_within(joint: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Takes the row and column means out of a table whose two features are not independent, by turns until none is left."""
    rows, columns = joint.sum(axis=1).clip(1e-12), joint.sum(axis=0).clip(1e-12)
    for _ in range(200):
        table = table - ((joint * table).sum(axis=1) / rows)[:, None]
        table = table - ((joint * table).sum(axis=0) / columns)[None, :]
    return table


def _without_mains(values: np.ndarray, genre_share: np.ndarray, year: np.ndarray, of_movie: np.ndarray) -> np.ndarray:
    """Takes out of values of movies all that a sum of effects of genres and of single years can say; `(num_movies,)`."""
    years = np.unique(year, return_inverse=True)[1]
    additive = np.concatenate([genre_share, np.eye(years.max() + 1)[years]], axis=1)
    root = np.sqrt(of_movie)  # weighted least squares
    weights = np.linalg.lstsq(additive * root[:, None], values * root, rcond=None)[0]
    rest: np.ndarray = values - additive @ weights
    return rest
