"""The people and movies of the generated world, in the proportions of MovieLens 1M."""

import numpy as np
import pandas as pd

from dcn_core.data.categories import AGE_CODES, GENRES, OCCUPATIONS
from dcn_core.data.titles import invent_titles

# Shares as published in MovieLens 1M's own tables (users per age group and occupation, movies per genre and decade).
_AGE_SHARE = np.array([222, 1103, 2096, 1193, 550, 496, 380]) / 6040
_OCCUPATION_SHARE = (
    np.array([711, 528, 267, 173, 759, 112, 236, 679, 17, 92, 195, 129, 388, 142, 302, 144, 241, 502, 70, 72, 281])
    / 6040
)
_GENRE_SHARE = np.array([503, 283, 105, 251, 1200, 211, 127, 1603, 68, 44, 343, 114, 106, 471, 276, 492, 143, 68])
_GENRE_COUNT_SHARE = np.array([0.52, 0.34, 0.108, 0.026, 0.004, 0.002])
_DECADE_SHARE = np.array([3, 34, 77, 126, 168, 191, 247, 598, 2283]) / 3727  # 1910s to 1990s
LAST_YEAR = 2000
MOST_MOVIES_SEEN = 0.6
"""The keenest user has rated at most this share of all movies."""


def population_size(num_ratings: int) -> tuple[int, int]:
    """Returns numbers of users and movies that fit so many ratings: through MovieLens 100K and 1M on a log scale."""
    size = num_ratings / 1e6
    num_users = max(1, min(round(6040 * size**0.806), num_ratings // 20))
    return num_users, max(40, round(3706 * size**0.343))


def draw_users(num_users: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Returns the users and their codes: int64 `(num_users, 3)` positions of gender (F, M), age and occupation."""
    age = rng.choice(len(AGE_CODES), num_users, p=_AGE_SHARE)
    fit = np.ones((len(AGE_CODES), len(OCCUPATIONS)))
    fit[0], fit[:, OCCUPATIONS.index("K-12 student")] = 0.12, (26, 0.8, 0.02, 0.01, 0.01, 0.01, 0.01)
    fit[:, OCCUPATIONS.index("college/grad student")] = (0.1, 4.0, 0.75, 0.1, 0.05, 0.05, 0.01)
    fit[:, OCCUPATIONS.index("retired")] = (0.01, 0.01, 0.01, 0.15, 0.5, 2.3, 11.0)
    share = _OCCUPATION_SHARE * fit
    cumulative = np.cumsum(share / share.sum(axis=1, keepdims=True), axis=1)
    occupation = (rng.random((num_users, 1)) > cumulative[age]).sum(axis=1).clip(max=len(OCCUPATIONS) - 1)
    female = np.full(len(OCCUPATIONS), 0.27)
    for name, probability in {
        "homemaker": 0.95,
        "clerical/admin": 0.5,
        "academic/educator": 0.36,
        "artist": 0.36,
        "writer": 0.36,
        "doctor/health care": 0.36,
        "scientist": 0.18,
        "programmer": 0.14,
        "technician/engineer": 0.1,
        "tradesman/craftsman": 0.1,
        "farmer": 0.1,
    }.items():
        female[OCCUPATIONS.index(name)] = probability
    gender = (rng.random(num_users) >= female[occupation]).astype(np.int64)
    users = pd.DataFrame(
        {
            "user_id": np.arange(1, num_users + 1, dtype=np.int64),
            "gender": pd.Series(np.array(["F", "M"])[gender], dtype="str"),
            "age": np.array(AGE_CODES, dtype=np.int16)[age],
            "occupation": pd.Series(np.array(OCCUPATIONS)[occupation], dtype="str"),
        }
    )
    return users, np.stack([gender, age, occupation], axis=1)


def draw_movies(num_movies: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Returns the movies and which genres each has: bool `(num_movies, 18)`."""
    decade = rng.choice(len(_DECADE_SHARE), num_movies, p=_DECADE_SHARE)
    # Within a decade later years are likelier, and the last decade reaches to LAST_YEAR.
    year = 1910 + 10 * decade + (np.sqrt(rng.random(num_movies)) * np.where(decade == 8, 11, 10)).astype(np.int64)
    number = 1 + rng.choice(len(_GENRE_COUNT_SHARE), num_movies, p=_GENRE_COUNT_SHARE)
    # Gumbel top-k draws each movie's genres without replacement.
    race = np.log(_GENRE_SHARE) + rng.gumbel(size=(num_movies, len(GENRES)))
    ranked = np.argsort(-race, axis=1)
    chosen = np.zeros((num_movies, len(GENRES)), dtype=bool)
    for rank in range(len(_GENRE_COUNT_SHARE)):
        rows = number > rank
        chosen[rows, ranked[rows, rank]] = True
    movies = pd.DataFrame(
        {
            # Gaps, as in MovieLens: whoever mixes up ids and rows notices.
            "movie_id": np.cumsum(1 + (rng.random(num_movies) < 0.05)).astype(np.int64),
            "title": pd.Series(invent_titles(ranked[:, 0], year, rng), dtype="str"),
            "year": pd.array(year, dtype="Int16"),
            "genres": pd.Series(["|".join(GENRES[i] for i in np.flatnonzero(row)) for row in chosen], dtype="str"),
        }
    )
    return movies, chosen


def draw_activity(num_users: int, num_movies: int, num_ratings: int, rng: np.random.Generator) -> np.ndarray:
    """Returns how many movies each user rates: int64 `(num_users,)`, long-tailed, at least 20, with the given sum."""
    least = min(20, num_ratings // num_users)
    most = max(int(MOST_MOVIES_SEEN * num_movies), -(-num_ratings // num_users))
    weight = np.exp(1.08 * rng.standard_normal(num_users))
    counts = np.full(num_users, least, dtype=np.int64)
    left = num_ratings - counts.sum()
    while left > 0:
        open_ = counts < most
        share = np.where(open_, weight, 0.0)
        extra = np.minimum((left * share / share.sum()).astype(np.int64), most - counts)
        if extra.sum() == 0:  # fewer left than users: one each, the keenest first
            extra[np.argsort(-share, kind="stable")[: min(left, int(open_.sum()))]] = 1
        counts += extra
        left = num_ratings - counts.sum()
    return counts
