"""What a split asks of a model: how much of the held-out ratings is about strangers, and how much training knows too early."""

from typing import NamedTuple

import numpy as np

from dcn_core.data.dataset import Dataset
from dcn_core.data.splits import Split

PARTS = ("validation", "test")
_NOTHING = float("nan")


class Meter(NamedTuple):
    """One held-out part; shares of one, NaN where there is nothing to count.

    Attributes:
        part: "validation" or "test".
        ratings: How many it has.
        users: How many users have ratings in it; 0 where the data has no users.
        new_users: Share of these users that have none in training.
        movies: How many movies have ratings in it; 0 where the data has no movies.
        new_movies: Share of these movies that have none in training.
        of_new_users: Share of the part's ratings that are by new users.
        of_new_movies: Share that are about new movies.
        of_both: Share that are by new users about new movies.
        repeated: Share whose pair of user and movie has a rating in training too: its answer is known. NaN where the data has
            no pairs.
        before: Share for which training has a later rating by the same user: the model was told of that user's future.
        overlap: Share that are older than the newest training rating of anybody.
    """

    part: str
    ratings: int
    users: int
    new_users: float
    movies: int
    new_movies: float
    of_new_users: float
    of_new_movies: float
    of_both: float
    repeated: float
    before: float
    overlap: float


def meters(dataset: Dataset, split: Split) -> list[Meter]:
    """Returns the meter of each held-out part that has ratings."""
    user, movie = (dataset.ratings[f"{side}_row"].to_numpy() for side in ("user", "movie"))
    known_user, known_movie = np.zeros(len(dataset.users), bool), np.zeros(len(dataset.movies), bool)
    known_user[user[split.train]] = True
    known_movie[movie[split.train]] = True
    pair = user.astype(np.int64) * len(dataset.movies) + movie
    trained = np.sort(pair[split.train])
    time = dataset.ratings["timestamp"].to_numpy() if dataset.has_timestamps else None
    latest = np.full(len(dataset.users), np.iinfo(np.int64).min)
    if time is not None:
        np.maximum.at(latest, user[split.train], time[split.train])
    no_users, no_movies = "user" not in dataset.sides, "movie" not in dataset.sides
    found = []
    for part in PARTS:
        rows = getattr(split, part)
        if len(rows) == 0:
            continue
        new_user, new_movie = ~known_user[user[rows]], ~known_movie[movie[rows]]
        users, movies = np.unique(user[rows]), np.unique(movie[rows])
        place = np.searchsorted(trained, pair[rows]).clip(max=max(0, len(trained) - 1))
        repeated = trained[place] == pair[rows] if len(trained) else np.zeros(len(rows), bool)
        found.append(
            Meter(
                part=part,
                ratings=len(rows),
                users=0 if no_users else len(users),
                new_users=_NOTHING if no_users else float((~known_user[users]).mean()),
                movies=0 if no_movies else len(movies),
                new_movies=_NOTHING if no_movies else float((~known_movie[movies]).mean()),
                of_new_users=float(new_user.mean()),
                of_new_movies=float(new_movie.mean()),
                of_both=float((new_user & new_movie).mean()),
                repeated=_NOTHING if no_users or no_movies else float(repeated.mean()),
                before=_NOTHING if time is None or no_users else float((latest[user[rows]] > time[rows]).mean()),
                overlap=_NOTHING
                if time is None or len(split.train) == 0
                else float((time[rows] < time[split.train].max()).mean()),
            )
        )
    return found
