"""The generated world: users, movies and ratings with the shape of MovieLens 1M and a known truth.

Each score is a sum of main effects, planted crosses, biases of single users and movies, and a small taste that each
user has for each movie; a rating is the score plus noise, rounded to whole stars. So the crosses that a network
should find, and the error that it cannot beat, are known.
"""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from dcn_core.config.world import CROSS_STRENGTH, STRONGEST, Pair
from dcn_core.data.dataset import Dataset, GroundTruth, PlantedCross
from dcn_core.data.effects import MAIN_STRENGTH, NUM_CELLS, cell_of, draw_effects
from dcn_core.data.pairs import draw_pairs
from dcn_core.data.population import draw_activity, draw_movies, draw_users, population_size
from dcn_core.errors import DataError

VERSION = 1
"""Raised whenever the same knobs give another world, so that old runs are not taken for runs on the new one."""

_INTERCEPT = 3.65  # gives the mean 3.58 of MovieLens 1M after clipping
_USER_BIAS, _MOVIE_BIAS, _TASTE, _TASTE_DIM = 0.42, 0.46, 0.22, 3  # standard deviations in stars
_OPENING = 956_700_000  # 25 April 2000, when MovieLens 1M opened
_DAY = 86_400
_CHUNK = 1 << 20  # rows at a time, to keep float64 temporaries small


def generate(
    num_ratings: int = 100_000,
    seed: int = 1,
    noise: float = 0.8,
    crosses: Mapping[Pair, float] = CROSS_STRENGTH,
) -> Dataset:
    """Returns a world of exactly `num_ratings` ratings. The same arguments give the same bytes.

    Changing only `noise` keeps users, movies, pairs and scores; changing one cross keeps all but its part of the scores.

    Args:
        num_ratings: At least 200; each user rates at least 20 movies.
        seed: Not negative.
        noise: Standard deviation of what nothing explains, in stars.
        crosses: Strength of each planted cross in stars; pairs of content features that are left out do not interact.

    Raises:
        DataError: An argument is out of bounds.
    """
    if num_ratings < 200 or seed < 0 or not 0 <= noise <= 100:
        raise DataError(
            "the generated world needs num_ratings of at least 200, a seed and a noise that are not negative. "
            f"Received: num_ratings={num_ratings}, seed={seed}, noise={noise}."
        )
    crosses = _checked(crosses)
    chance = [np.random.default_rng([seed, stream]) for stream in range(7)]
    num_users, num_movies = population_size(num_ratings)
    users, codes = draw_users(num_users, chance[0])
    movies, genres = draw_movies(num_movies, chance[1])
    # Better movies are seen more, and the most popular ones saturate.
    quality = chance[2].standard_normal(num_movies)
    reach = np.exp(1.5 * (0.35 * quality + 0.94 * chance[2].standard_normal(num_movies)))
    activity = draw_activity(num_users, num_movies, num_ratings, chance[2])
    pairs = draw_pairs(activity, reach / (1 + reach / 30), chance[3])
    user_row, movie_row = (part.astype(np.int32) for part in np.divmod(pairs, num_movies))
    del pairs
    timestamp = _timestamps(user_row, num_users, chance[4])
    # In each user's order of time, as a diary is kept.
    order = np.argsort(user_row.astype(np.int64) << 32 | (timestamp - _OPENING), kind="stable")
    user_row, movie_row, timestamp = user_row[order], movie_row[order], timestamp[order]
    del order

    cell = cell_of(codes)
    seen = (np.bincount(user_row, minlength=num_users), np.bincount(movie_row, minlength=num_movies))
    pair_code = cell[user_row] * num_movies + movie_row
    counts = np.bincount(pair_code, minlength=NUM_CELLS * num_movies).reshape(NUM_CELLS, num_movies)
    effects = draw_effects(counts, genres, movies["year"].to_numpy(np.float64), chance[5], crosses)
    user_bias = _standard(chance[5].standard_normal(num_users), seen[0]) * _USER_BIAS
    movie_bias = _standard(quality, seen[1]) * _MOVIE_BIAS
    taste = _taste(user_row, movie_row, seen, chance[5])
    bias = (_INTERCEPT + user_bias.astype(np.float32)[user_row]) + movie_bias.astype(np.float32)[movie_row]
    main_part, cross_part = (part.astype(np.float32).ravel()[pair_code] for part in effects)
    del pair_code
    score = bias + main_part + cross_part + taste
    rating = score.copy()
    if noise > 0:
        rating += np.float32(noise) * chance[6].standard_normal(num_ratings, dtype=np.float32)
    np.clip(np.rint(rating, out=rating), 1, 5, out=rating)
    best, floor = _best_prediction(score, noise)
    truth = GroundTruth(
        crosses=tuple(
            sorted(
                [PlantedCross(pair, strength) for pair, strength in crosses.items() if strength > 0]
                + [PlantedCross(("user_id", "movie_id"), float(taste.std(dtype=np.float64)))],
                key=lambda cross: -cross.strength,
            )
        ),
        main_effects=MAIN_STRENGTH | {"user_id": _USER_BIAS, "movie_id": _MOVIE_BIAS},
        noise=noise,
        floor_mse=floor,
        floors={
            "without_crosses": _mse_given(bias + main_part, rating),
            "without_ids": _mse_given(main_part + cross_part, rating),
            "without_crosses_and_ids": _mse_given(main_part, rating),
        },
        best_prediction=best,
    )
    ratings = pd.DataFrame(
        {"user_row": user_row, "movie_row": movie_row, "rating": rating, "timestamp": timestamp}, copy=False
    )
    fingerprint = _fingerprint(num_ratings, seed, noise, crosses)
    return Dataset("Generated world", fingerprint, ratings, users, movies, truth=truth)


def _checked(crosses: Mapping[Pair, float]) -> dict[Pair, float]:
    """Returns the strength of every pair of content features, 0 for those that are not named.

    Raises:
        DataError: A pair is none of them, or a strength is out of bounds.
    """
    for pair, strength in crosses.items():
        if pair not in CROSS_STRENGTH or not 0 <= strength <= STRONGEST:
            raise DataError(
                f"a planted cross needs a pair of content features, such as genres and age, and a strength of 0 to {STRONGEST} "
                f"stars. Received: {pair} with {strength}."
            )
    return {pair: float(crosses.get(pair, 0.0)) for pair in CROSS_STRENGTH}


def _fingerprint(num_ratings: int, seed: int, noise: float, crosses: Mapping[Pair, float]) -> str:
    knobs: list[object] = ["generated", VERSION, num_ratings, seed, float(noise)]
    if crosses != CROSS_STRENGTH:
        knobs.append([[*pair, strength] for pair, strength in crosses.items() if strength > 0])
    return hashlib.sha256(json.dumps(knobs).encode()).hexdigest()


def _standard(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Values of users or movies with mean 0 and deviation 1 over the ratings, per column."""
    values = values - np.average(values, axis=0, weights=counts)
    return values / np.sqrt(np.average(values**2, axis=0, weights=counts)).clip(1e-9)


def _taste(
    user_row: np.ndarray, movie_row: np.ndarray, seen: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """A cross of user and movie ids of low rank, as matrix factorisation assumes; float32 `(num_ratings,)`."""
    sides = [_standard(rng.standard_normal((len(counts), _TASTE_DIM)), counts) for counts in seen]
    user, movie = (np.ascontiguousarray(side.T, dtype=np.float32) for side in sides)
    total = np.zeros(len(user_row), dtype=np.float32)
    for factor in range(_TASTE_DIM):
        total += user[factor][user_row] * movie[factor][movie_row]
    return total * np.float32(_TASTE / np.sqrt(_TASTE_DIM))


def _timestamps(user_row: np.ndarray, num_users: int, rng: np.random.Generator) -> np.ndarray:
    """Seconds since 1970: people join over 1000 days, rate most at once and come back now and then."""
    joined = _DAY * (1000 * rng.random(num_users) ** 1.5)
    delay = rng.standard_exponential(len(user_row), dtype=np.float32)
    delay *= np.where(rng.random(len(user_row), dtype=np.float32) < 0.65, np.float32(2400), np.float32(70 * _DAY))
    return _OPENING + (joined[user_row] + delay).astype(np.int64)


def _best_prediction(score: np.ndarray, noise: float) -> tuple[np.ndarray, float]:
    """Mean of the rounded, clipped rating given the score, per row, and the mean of its variance."""
    if noise == 0:
        return np.clip(np.rint(score), 1, 5), 0.0
    from scipy.special import ndtr  # here, for it takes 0.2 s to import

    best = np.empty(len(score), dtype=np.float32)
    variance = 0.0
    for start in range(0, len(score), _CHUNK):
        part = score[start : start + _CHUNK].astype(np.float64)
        mean, square = np.ones(len(part)), np.ones(len(part))
        for star in (1, 2, 3, 4):
            above = ndtr((part - (star + 0.5)) / noise)  # P(rating > star)
            mean += above
            square += (2 * star + 1) * above  # (star + 1)² - star²
        best[start : start + _CHUNK] = mean
        variance += float((square - mean**2).sum())
    return best, variance / len(score)


def _mse_given(known: np.ndarray, rating: np.ndarray, bins: int = 400) -> float:
    """Mean squared error of the mean rating given one number, by narrow bins of it."""
    bins = max(1, min(bins, len(known) // 50))  # enough ratings in each that its mean is known
    edges = np.quantile(known[:: max(1, len(known) // 100_000)], np.linspace(0, 1, bins + 1)[1:-1])
    code = np.searchsorted(edges, known)
    n = np.bincount(code, minlength=bins).clip(1)
    mean = np.bincount(code, rating, minlength=bins) / n
    square = np.bincount(code, np.square(rating, dtype=np.float64), minlength=bins)
    return float((square - n * mean**2).sum() / len(rating))
