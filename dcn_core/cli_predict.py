"""The command that asks a trained model: one pair, or a file of them."""

import json
import os
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd
import typer

from dcn_core.cli_runs import Json, Run, Runs, open_run
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.labels import label_scale
from dcn_core.data.sources import load_dataset
from dcn_core.errors import ConfigError, PredictionError
from dcn_core.files import write_atomic
from dcn_core.runs.folder import RunFolder

if TYPE_CHECKING:
    from dcn_core.serving.intervals import Intervals, Score

app = typer.Typer()


@app.command()
def predict(
    runs: Runs,
    run_id: Run,
    user: Annotated[str | None, typer.Option("--user", help="User id as in the data.")] = None,
    movie: Annotated[str | None, typer.Option("--movie", help="Movie id as in the data.")] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            "--pairs",
            help="CSV file with the columns user_id and movie_id, or those of the run's table, and whatever else of it belongs to "
            "the single row; '-' for standard input.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the predictions of --pairs go. Standard output if not given.")
    ] = None,
    interval: Annotated[
        bool, typer.Option("--interval", help="Add the columns low and high: 80 of 100 real ratings lie between them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Predicts the rating that a user would give a movie, or those of a whole file of pairs."""
    if (pairs is None) == (user is None or movie is None) or (pairs is not None and (user or movie)):
        raise ConfigError("predict needs either --user and --movie, or --pairs. Give one of the two.")
    run = open_run(runs, run_id)
    if pairs is None:
        _one(run, str(user), str(movie), as_json)
    else:
        _many(run, pairs, out, interval, as_json)


def _one(run: RunFolder, user: str, movie: str, as_json: bool) -> None:
    from dcn_core.serving.predictor import Predictor

    dataset = load_dataset(run.config().data)
    nouns = _nouns(run, dataset)
    ids = _id(dataset.users, "user", user), _id(dataset.movies, "movie", movie)
    prediction = Predictor.open(run.path).predict_pair(dataset, *ids, label_scale(dataset, run.config().data))
    prediction = replace(
        prediction,
        rating=nouns.of_source(prediction.rating),
        raw=nouns.of_source(prediction.raw),
        actual=None if prediction.actual is None else nouns.of_source(prediction.actual),
    )
    if as_json:
        typer.echo(json.dumps({"run": run.id, **asdict(prediction)}))
        return
    actual = "" if prediction.actual is None else f"  actual {prediction.actual:g}"
    typer.echo(f"{prediction.rating:.2f}{actual}")
    if prediction.unknown:
        typer.echo(f"unknown to the model: {', '.join(prediction.unknown)}")


def _nouns(run: RunFolder, dataset: Dataset) -> Nouns:
    """The unit that predictions are told in: that of the source, where ratings are predicted."""
    if run.config().data.target == "like" or dataset.nouns.scale == 1:
        return Nouns()
    run.check_ratings(dataset.fingerprint)  # by whose mean and spread they were learned
    return dataset.nouns


def _id(table: pd.DataFrame, noun: str, text: str) -> int:
    from dcn_core.serving.predictor import NO_ID

    if "name" in table:
        return next(iter(table.loc[table["name"] == text, f"{noun}_id"].tolist()), NO_ID)
    try:
        return int(text)
    except ValueError:
        raise ConfigError(f"--{noun} must be a whole number. Received: '{text[:40]}'.") from None


def _many(run: RunFolder, path: Path, out: Path | None, interval: bool, as_json: bool) -> None:
    from dcn_core.serving.batch import not_given, predict_pairs, to_csv
    from dcn_core.serving.pair_file import columns_named, id_columns, read_pairs, row_features
    from dcn_core.serving.predictor import Predictor

    began = time.perf_counter()
    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise PredictionError(f"--pairs must name a file that can be read. {path}: {error.strerror}.") from None
    columns = id_columns(run.config().data)
    dataset = load_dataset(run.config().data)
    predictor = Predictor.open(run.path, threads=len(os.sched_getaffinity(0)))
    pairs = read_pairs(content, columns=columns, features=row_features(predictor.encoder, dataset.nouns))
    missing = not_given(predictor, dataset, pairs)
    if interval and run.config().data.target == "like":
        raise ConfigError("--interval is about stars. This run predicts likes: its numbers are probabilities already.")
    bounds, counts = _intervals(run, dataset, predictor.score) if interval else (None, None)
    frame = predict_pairs(
        predictor, dataset, pairs, label_scale(dataset, run.config().data), bounds, 0.8, counts, _nouns(run, dataset)
    )
    text = to_csv(frame, columns)
    if out is None:
        if not as_json:
            sys.stdout.buffer.write(text)
    else:
        try:
            write_atomic(out, text)
        except OSError as error:
            raise PredictionError(f"--out must be a file that can be written. {out}: {error.strerror}.") from None
    noted, took = int((frame["note"] != "").sum()), time.perf_counter() - began
    if as_json:
        notes = {str(note): int(number) for note, number in frame["note"].value_counts().items() if note}
        answer = {
            "run": run.id,
            "pairs": len(frame),
            "noted": noted,
            "notes": notes,
            "not_given": missing,
            "seconds": took,
        }
        typer.echo(json.dumps(answer))
    else:
        if missing:
            typer.echo(f"predicted without {columns_named(missing)}: the file has no such column", err=True)
        typer.echo(f"{len(frame):,} pairs in {took:.1f} s, {noted:,} with a note", err=True)


def _intervals(run: RunFolder, dataset: Dataset, score: "Score") -> "tuple[Intervals, tuple[np.ndarray, np.ndarray]]":
    from dcn_core.data.encoder import encode
    from dcn_core.data.splits import split_rows
    from dcn_core.serving.intervals import calibrate, kept_intervals

    run.check_ratings(dataset.fingerprint)
    split = split_rows(dataset, run.config().data)
    users, movies = (
        np.bincount(dataset.ratings[column].to_numpy()[split.train], minlength=len(table))
        for column, table in (("user_row", dataset.users), ("movie_row", dataset.movies))
    )
    scale = label_scale(dataset, run.config().data)
    found = kept_intervals(
        run.path, dataset.fingerprint, lambda: calibrate(score, encode(dataset, run.encoder()), split, *scale)
    )
    return found, (users, movies)
