"""The original notebook's own steps as one script: `python -m benchmarks.notebook_steps ARCHIVE FOLDER`.

Unpack, read three tables with pandas, merge, encode, split, train with Keras `fit`. Prints one JSON object of seconds. It
trains one epoch; the caller scales it.
"""

import json
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

GENRE_SLOTS = 6


def prepare(archive: Path, folder: Path) -> tuple[Any, ...]:
    """From the archive to arrays, as the notebook does it: `(train inputs, validation inputs, y, y, vocabularies)`."""
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import LabelEncoder

    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    base = next(folder.rglob("ratings.dat")).parent

    def read(name: str, columns: list[str]) -> pd.DataFrame:
        return pd.read_csv(base / name, sep="::", engine="python", names=columns, encoding="latin-1")

    ratings = read("ratings.dat", ["user_id", "movie_id", "rating", "timestamp"])
    users = read("users.dat", ["user_id", "gender", "age", "occupation", "zip"])
    movies = read("movies.dat", ["movie_id", "title", "genres"])
    movies["genres"] = movies["genres"].fillna("").str.split("|")
    table = ratings.merge(users, on="user_id").merge(movies, on="movie_id")
    for column in ("gender", "age", "occupation"):
        table[column] = LabelEncoder().fit_transform(table[column])
    names = ["UNK", *sorted({genre for genres in movies["genres"] for genre in genres if genre})]
    number = {genre: index for index, genre in enumerate(names)}
    padded = table["genres"].apply(lambda g: ([number.get(name, 0) for name in g] + [0] * GENRE_SLOTS)[:GENRE_SLOTS])
    inputs = {"genres": np.array(padded.tolist(), np.int32)}
    inputs |= {column: table[column].to_numpy(np.int32) for column in ("gender", "age", "occupation")}
    train, validation = train_test_split(np.arange(len(table)), test_size=0.25, random_state=11)
    rating = table["rating"].to_numpy(np.float32)
    parts = [{name: values[rows] for name, values in inputs.items()} for rows in (train, validation)]
    vocabularies = {name: int(values.max()) + 1 for name, values in inputs.items()}
    return (*parts, rating[train], rating[validation], vocabularies)


def main() -> None:
    """Runs the steps and prints what they took."""
    begin = time.perf_counter()
    train, validation, train_y, validation_y, vocabularies = prepare(Path(sys.argv[1]), Path(sys.argv[2]))
    prepared = time.perf_counter()
    import keras

    from benchmarks.keras_fit import notebook_network
    from dcn_core.config.features import FeatureSpec

    class Clock(keras.callbacks.Callback):
        """When the first step, which traces and compiles, and the training rows of the epoch were done."""

        first = last = 0.0

        def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
            self.first = self.first or time.perf_counter()
            self.last = time.perf_counter()

    sizes = [FeatureSpec(name, vocabularies[name], values[:1].size) for name, values in train.items()]
    model = notebook_network(sizes)
    model.compile(optimizer="rmsprop", loss="mse")
    clock = Clock()
    fit = time.perf_counter()
    model.fit(
        train,
        train_y,
        batch_size=256,
        epochs=1,
        validation_data=(validation, validation_y),
        verbose=2,
        callbacks=[clock],
    )
    end = time.perf_counter()
    print(  # noqa: T201  the answer
        json.dumps(
            {
                "prepare_s": prepared - begin,
                "import_and_build_s": fit - prepared,
                "first_step_s": clock.first - fit,
                "epoch_s": end - clock.first,
                "validation_s": end - clock.last,
            }
        )
    )


if __name__ == "__main__":
    main()
