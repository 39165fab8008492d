"""A finished run's insight as one HTML file, which opens without the app and without a network."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dcn_core import study
from dcn_core.coach import advise, epochs_of
from dcn_core.config.metrics import loss_metric, loss_words
from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.encoder import Encoder
from dcn_core.data.labels import labels
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.data.table_names import file_name
from dcn_core.errors import PlaygroundError, RunError
from dcn_core.files import write_atomic
from dcn_core.insight.naming import category_names
from dcn_core.insight.network import network_class
from dcn_core.insight.path import example_row, pair_indices, path
from dcn_core.insight.speech import Speech
from dcn_core.pictures import summary
from dcn_core.pictures.chapters import Chapter, Material, chapters
from dcn_core.pictures.page import page
from dcn_core.runs.folder import RunFolder


def write_page(run: RunFolder, file: Path) -> None:
    """Writes the page, whole or not at all. What is missing of the report is computed first.

    Raises:
        RunError: The run has not finished, or a folder cannot be written.
    """
    if file.is_dir() or not file.parent.is_dir():
        raise RunError(f"--html must name a file in a folder that exists. Received: {file}")
    text = report(run)
    try:
        write_atomic(file, text.encode())
        file.chmod(0o644)  # it is made to be passed on
    except OSError as error:
        raise RunError(f"{file} cannot be written: {error.strerror}.") from None


def report(run: RunFolder) -> str:
    """Returns the page: what the run is and how it learned, then everything that Inspect shows.

    Raises:
        RunError: The run has not finished, or its folder cannot be written.
    """
    if not run.status().finished:
        raise RunError(f"only a finished run has something to inspect. Run {run.id} is {run.status().state}.")
    return page(run.name(), _about(run), itertools.chain(_learned(run), chapters(_material(run))))


def _learned(run: RunFolder) -> Iterator[Chapter]:
    """The curve and what it says; nothing where no epoch was told. Like all chapters drawn when asked for, in the page's colours."""
    epochs = epochs_of(run.events()[0])
    if not epochs:
        return
    advice = advise(epochs, run.config())
    text = advice.text if advice else f"It ran {len(epochs)} {'epoch' if len(epochs) == 1 else 'epochs'}."
    errors = pd.DataFrame(epochs).set_axis(["epoch", "training", "validation"], axis=1)
    best = (run.result() or {}).get("best_epoch")
    loss = loss_metric(run.config().data.target)
    axis = loss.title if run.config().data.table else f"{loss.title}, {loss.unit}"
    yield Chapter("How it learned", [summary.curve(errors, text, best, axis)])


def _material(run: RunFolder) -> Material:
    report = study.complete(run, wait=True)
    config, encoder, weights = run.config(), run.encoder(), run.weights()
    try:
        dataset = load_dataset(config.data)
        run.check_ratings(dataset.fingerprint)
    except PlaygroundError:  # the ratings are gone: the network is still there
        dataset = None
    features = [spec.name for spec in encoder.specs]
    nouns = Nouns() if dataset is None else dataset.nouns
    categories = {name: category_names(encoder, name, dataset) for name in features}
    known = Material(
        config=config.model,
        insight=run.insight(),
        kept=weights,
        sections=report.sections,
        problems=report.problems,
        features=features,
        best_epoch=(run.result() or {}).get("best_epoch"),
        categories=categories,
        speech=Speech.of(nouns, config.data.target, itertools.chain(*categories.values())),
    )
    return known if dataset is None else _with_example(known, config, encoder, dataset)


def _with_example(known: Material, config: RunConfig, encoder: Encoder, dataset: Dataset) -> Material:
    """Adds the way of a validation rating: the one that the app shows first."""
    row = int(example_row(split_rows(dataset, config.data).validation))
    rating = dataset.ratings.iloc[row]
    network = network_class(config.data.target)(config.model, encoder.specs, known.kept)
    indices = pair_indices(encoder, dataset, int(rating["user_row"]), int(rating["movie_row"]), row)
    found = path(network, indices, known.categories)
    return replace(known, example=found, actual=float(labels(dataset, config.data)[row]))


def _about(run: RunFolder) -> list[str]:
    """What the run is, in a few lines."""
    config, result = run.config(), run.result() or {}
    model = config.model
    parts = [f"structure {model.structure}"]
    if model.structure != "deep":
        parts.append(f"{model.num_cross_layers} cross layers of kind {model.cross_kind.replace('_', ' ')}")
    if model.structure != "cross":
        parts.append(f"deep layers of {', '.join(map(str, model.deep_layer_sizes)) or 'none'}")
    scores = [f"{part} {loss_words(values)}" for part, values in result.get("scores", {}).items() if values]
    source = file_name(Path(config.data.source))
    return [", ".join(parts), f"ratings: {source}, split by {config.data.split}", ", ".join(scores), f"run {run.id}"]
