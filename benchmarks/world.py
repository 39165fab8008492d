"""Data of MovieLens 1M's exact shape, as a data set and as an archive in its format."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dcn_core.config.data import DataConfig
from dcn_core.data.categories import OCCUPATIONS
from dcn_core.data.dataset import Dataset
from dcn_core.data.generated import generate
from dcn_core.data.sources import load_dataset

NUM_RATINGS = 1_000_209


def ratings_to_measure(archive: Path | None) -> Dataset:
    """Returns the data set of an archive, or else a generated one with the numbers of ratings, users and movies of 1M."""
    return load_dataset(DataConfig(source=str(archive))) if archive else generated_1m()


def generated_1m() -> Dataset:
    """Returns 1,000,209 generated ratings by 6,040 users of 3,706 movies."""
    world = generate(1_000_000)  # this number has exactly so many users and movies
    more = generate(10_000, seed=2).ratings  # users and movies of a smaller world, so rows of this one too
    pairs = [frame["user_row"] * np.int64(len(world.movies)) + frame["movie_row"] for frame in (world.ratings, more)]
    more = more[~pairs[1].isin(pairs[0])].head(NUM_RATINGS - world.num_ratings)
    return replace(world, ratings=pd.concat([world.ratings, more], ignore_index=True), truth=None)


def write_archive(dataset: Dataset, path: Path) -> Path:
    """Writes a data set as `ml-1m.zip` is laid out, and returns the path."""
    ratings, users, movies = dataset.ratings, dataset.users, dataset.movies
    columns = {
        "ratings.dat": (
            users["user_id"].to_numpy()[ratings["user_row"]],
            movies["movie_id"].to_numpy()[ratings["movie_row"]],
            ratings["rating"].to_numpy(np.int64),
            ratings["timestamp"].to_numpy(),
        ),
        "users.dat": (
            users["user_id"],
            users["gender"],
            users["age"],
            users["occupation"].map(OCCUPATIONS.index),
            ["00000"] * len(users),
        ),
        "movies.dat": (movies["movie_id"], movies["title"], movies["genres"]),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in columns.items():
            lines = ("::".join(map(str, row)) for row in zip(*values, strict=True))
            archive.writestr(f"ml-1m/{name}", ("\n".join(lines) + "\n").encode("latin-1", errors="replace"))
    return path
