"""Predictions from the exported model beside `keras.Model.predict`."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench import Bench
from benchmarks.results import Section, Timing
from benchmarks.turns import Player, Turns, take_turns
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder
from dcn_core.data.sources import load_dataset
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore

PEER = "keras.Model.predict"
USERS = 1_000
WORKS = {"one pair": 1, "all movies for one user": 1, f"all movies for {USERS:,} users": USERS}
BATCH = 4_096


def measure(bench: Bench) -> Section:
    """Trains the default network once, then scores in turns."""
    section = Section(
        "prediction",
        "Prediction",
        notes=[
            "The default network with ids, trained on the same ratings. Both score indices that are encoded already.",
            "Ours: onnxruntime on one thread, as the app's server does it, with no TensorFlow in the process. Keras: the saved "
            f"model, `predict` in batches of {BATCH:,}, which is faster than its default of 32.",
        ],
    )
    printed = bench.run(
        *("dcn_core", "train", "--data", bench.archive, "--preset", "default", "--set", "train.epochs=1", "--json")
    )
    run = RunStore(bench.folder / "runs").open(json.loads(printed.splitlines()[-1])["run"])
    players = [Player(who, "benchmarks.prediction", [run.path, kind]) for who, kind in PLAYERS.items()]
    for player in players:
        player.ready()
    for who, answers in take_turns(players, min(3, bench.rounds)).items():
        section.timings += [Timing(who, [answer[work] for answer in answers], work) for work in WORKS]
        section.facts[f"{who}: mean predicted rating"] = f"{answers[-1]['mean']:.5f}"
    for player in players:
        player.close()
    section.facts["Pairs scored for the last line"] = f"{USERS * len(load_dataset(run.config().data).movies):,}"
    return section


def ours(run: Path) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """The app's predictor."""
    from dcn_core.serving.predictor import Predictor

    return Predictor.open(run).score


def keras_predict(run: Path) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """The saved model, read by Keras."""
    import keras

    import dcn_core.model.builder  # noqa: F401  its layers are registered

    model = keras.saving.load_model(run / "model.keras")
    return lambda inputs: model.predict(inputs, batch_size=BATCH, verbose=0)


PLAYERS = {"Playground": "ours", PEER: "keras_predict"}


def pairs(dataset: Dataset, encoder: Encoder, num_users: int, num_movies: int) -> dict[str, np.ndarray]:
    """The inputs of so many users with so many movies each."""
    users, movies = dataset.users.head(num_users), dataset.movies.head(num_movies)
    inputs = {name: values.repeat(len(movies), axis=0) for name, values in encoder.encode_users(users).items()}
    return inputs | {
        name: np.tile(values, (len(users), *[1] * (values.ndim - 1)))
        for name, values in encoder.encode_movies(movies).items()
    }


def main() -> None:
    """Plays: `python -m benchmarks.prediction RUN WHO`."""
    turns, run = Turns(), RunFolder(Path(sys.argv[1]))
    predict = globals()[sys.argv[2]](run.path)
    dataset, encoder = load_dataset(run.config().data), run.encoder()
    inputs = {
        work: pairs(dataset, encoder, users, 1 if work == "one pair" else len(dataset.movies))
        for work, users in WORKS.items()
    }
    while True:
        turns.wait()
        answer: dict[str, Any] = {}
        for work, arrays in inputs.items():
            times = 20 if len(arrays["user_id"]) < 10_000 else 1
            begin = time.perf_counter()
            for _ in range(times):
                ratings = predict(arrays)
            answer[work] = (time.perf_counter() - begin) / times
        turns.answer(**answer, mean=float(np.mean(ratings)))


if __name__ == "__main__":
    main()
