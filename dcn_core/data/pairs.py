"""Who rates what: distinct pairs of user and movie, fast at any size."""

import numpy as np

_DENSE = 0.12
"""Users who rate more than this share of all movies are drawn exactly; for the others rejection is faster."""


def draw_pairs(activity: np.ndarray, popularity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws, for each user, distinct movies one after the other in proportion to popularity.

    Args:
        activity: How many movies each user rates, int64 `(num_users,)`; each less than the number of movies.
        popularity: Positive weights, `(num_movies,)`.
        rng: Source of chance.

    Returns:
        `user * num_movies + movie` of each pair, int64 `(activity.sum(),)`, ascending.
    """
    num_movies = len(popularity)
    dense = activity > _DENSE * num_movies
    parts = [_exponential_race(np.flatnonzero(dense), activity, popularity, rng)]
    cumulative = np.cumsum(popularity / popularity.sum())
    user, want = np.flatnonzero(~dense), activity[~dense]
    kept = np.empty(0, dtype=np.int64)
    short = want
    while len(user):
        # Drawing again what was drawn twice is the same as drawing without replacement.
        drawn = np.searchsorted(cumulative, rng.random(int(short.sum())), side="right")
        new = np.repeat(user, short) * num_movies + np.minimum(drawn, num_movies - 1)
        kept = _distinct(np.concatenate([kept, new]))
        owner = np.searchsorted(user, kept // num_movies)
        short = want - np.bincount(owner, minlength=len(user))
        unfinished = short > 0
        parts.append(kept[~unfinished[owner]])
        kept = kept[unfinished[owner]]
        user, want, short = user[unfinished], want[unfinished], short[unfinished]
    pairs = np.concatenate(parts)
    pairs.sort()
    return pairs


def distinct_pairs(user: np.ndarray, movie: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns each pair of a user's and a movie's row once, int64 `(pairs,)` each."""
    num_movies = int(movie.max()) + 1
    users, movies = np.divmod(_distinct(user.astype(np.int64) * num_movies + movie), num_movies)
    return users, movies


def _distinct(numbers: np.ndarray) -> np.ndarray:
    """Sorts numbers in place and returns each once."""
    numbers.sort()  # np.unique hashes, five times slower here
    return numbers[np.append(True, numbers[1:] != numbers[:-1])]


def _exponential_race(
    users: np.ndarray, activity: np.ndarray, popularity: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Pairs of busy users: each movie arrives at an exponential time with its popularity as rate, the first ones win."""
    parts = [np.empty(0, dtype=np.int64)]
    for user in users:
        arrival = rng.standard_exponential(len(popularity)) / popularity
        parts.append(user * len(popularity) + np.argpartition(arrival, activity[user] - 1)[: activity[user]])
    return np.concatenate(parts)
