"""Reads every release of MovieLens, archive or unpacked folder, into a `Dataset`."""

import re

import numpy as np
import pandas as pd

from dcn_core.data.archive import Source, checksum
from dcn_core.data.dataset import Dataset
from dcn_core.data.ratings import RatingsTable, line_of, read_ratings
from dcn_core.data.tables import read_movies, read_users
from dcn_core.errors import DataError

_TABLES = {  # ratings, movies, users (where the release has them), name if the folder does not tell
    "ratings.dat": ("movies.dat", "users.dat", "MovieLens 1M"),
    "ratings.csv": ("movies.csv", None, "MovieLens"),
    "u.data": ("u.item", "u.user", "MovieLens 100K"),
}


def read_movielens(source: Source, fingerprint: str | None = None) -> Dataset:
    """Returns the data set of an opened archive or folder.

    Args:
        source: From `open_source`.
        fingerprint: Its `checksum`, if it is known already.

    Raises:
        DataError: Names the file, the line, what was expected, what came and what to do.
    """
    ratings_file = next(name for name in _TABLES if name in source.members)
    movies_file, users_file, name = _TABLES[ratings_file]
    if movies_file not in source.members:
        raise DataError(
            f"{source.path.name} holds {ratings_file} but no {movies_file} beside it. Expected both. Download the archive again."
        )
    has_users = users_file is not None and users_file in source.members
    if ratings_file == "ratings.dat" and not has_users:
        name = "MovieLens 10M"
    movies = read_movies(source.read(movies_file), movies_file)
    users = read_users(source.read(users_file), users_file) if users_file and has_users else None
    data = source.read(ratings_file)
    table = read_ratings(data, ratings_file, _stated_ratings(source) if ratings_file == "ratings.csv" else None)
    notes = []
    if table.left_out:
        notes.append(
            f"{table.left_out} lines at the end of {ratings_file} were left out: README.txt in the same folder says that the "
            f"release has {len(table.rating):,} ratings, so something else appended them."
        )
    if ratings_file == "u.data" and users is not None:
        table, strangers = _without_user_zero(table, users)
        if strangers:
            notes.append(
                f"{strangers} ratings of user 0 in u.data were left out: neither u.user nor the official MovieLens 100K knows "
                "this user."
            )
    if users is None:
        users = pd.DataFrame({"user_id": np.unique(table.user_id)})
    user_row = _rows_of(table.user_id, users["user_id"].to_numpy())
    movie_row = _rows_of(table.movie_id, movies["movie_id"].to_numpy())
    for rows, ids, kind, file in (
        (user_row, table.user_id, "user", users_file),
        (movie_row, table.movie_id, "movie", movies_file),
    ):
        if len(rows) and rows.min() < 0:
            row = int(np.argmin(rows))
            raise DataError(
                f"{ratings_file} line {line_of(data, row, ratings_file)}: expected a {kind} that is in {file}. "
                f"Received: {kind} {ids[row]}. Download the archive again, or add the {kind}."
            )
    _check_pairs(user_row, movie_row, len(movies), data, ratings_file, table)
    ratings = pd.DataFrame({"user_row": user_row, "movie_row": movie_row, "rating": table.rating}, copy=False)
    if table.timestamp is not None:
        ratings["timestamp"] = table.timestamp
    step = 1.0 if bool((table.rating == np.rint(table.rating)).all()) else 0.5
    return Dataset(
        name=_release(source.folder) or name,
        fingerprint=fingerprint or checksum(source),
        ratings=ratings,
        users=users,
        movies=movies,
        rating_step=step,
        rating_min=step,
        notes=tuple(notes),
    )


def _stated_ratings(source: Source) -> int | None:
    """How many ratings a release of 20M or later has, as its own README.txt states; None if that says nothing.

    The copy of latest-small that goes round with demo applications has lines of those applications' visitors after
    the official ones, some with impossible ratings and unknown users.
    """
    if "README.txt" not in source.members:
        return None
    match = re.search(rb"contains (\d{1,12}) ratings", source.read("README.txt"))
    return int(match[1]) if match else None


def _without_user_zero(table: RatingsTable, users: pd.DataFrame) -> tuple[RatingsTable, int]:
    """Leaves out the ratings of a user 0 that some copies of 100K contain, and counts them.

    In a copy that goes round with Spark courses three lines of `u.data` were overwritten by ratings of an invented
    user 0, whom neither `u.user` nor the official archive knows.
    """
    keep = table.user_id != 0
    if keep.all() or not keep.any() or bool((users["user_id"] == 0).any()):
        return table, 0
    timestamp = None if table.timestamp is None else table.timestamp[keep]
    table = RatingsTable(table.user_id[keep], table.movie_id[keep], table.rating[keep], timestamp)
    return table, int((~keep).sum())


def _rows_of(ids: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Returns the position of each id in `known`, int32, and -1 for those that are not there."""
    top = int(known.max(initial=0))
    if top <= 4 * (len(known) + len(ids)) + 1_000_000:
        table = np.full(top + 2, -1, dtype=np.int32)
        table[known] = np.arange(len(known), dtype=np.int32)
        return table[np.minimum(ids, top + 1)]
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known, ids, sorter=order), len(known) - 1)
    rows = order[place]
    return np.where(known[rows] == ids, rows, -1).astype(np.int32)


def _check_pairs(
    user_row: np.ndarray, movie_row: np.ndarray, num_movies: int, data: bytes, file: str, table: RatingsTable
) -> None:
    """Refuses a second rating of a movie by the same user."""
    pair = user_row.astype(np.int64) * num_movies + movie_row
    ordered = np.sort(pair)
    if not (ordered[1:] == ordered[:-1]).any():
        return
    row = int(np.argmax(pd.Series(pair).duplicated()))
    user, movie = table.user_id[row], table.movie_id[row]
    lines = [line_of(data, int(at), file) for at in np.flatnonzero(pair == pair[row])[:2]]
    raise DataError(
        f"{file} line {lines[1]}: expected at most one rating of a movie by a user. Received a second one of movie {movie} "
        f"by user {user}, after line {lines[0]}. Remove one of them."
    )


def _release(folder: str) -> str | None:
    """The release that a folder like "ml-25m" or "ml-10M100K" is named for."""
    match = re.fullmatch(r"ml-(\d+)([mk])(?:100k)?|ml-(latest(?:-small)?)", folder, re.IGNORECASE)
    if match is None:
        return None
    return f"MovieLens {match[3]}" if match[3] else f"MovieLens {match[1]}{match[2].upper()}"
