"""All pictures of one trained network in the order of the inspect page, for those who read it as a whole."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dcn_core.config.model import ModelConfig
from dcn_core.insight.embeddings import principal_components
from dcn_core.insight.interactions import num_cross_layers
from dcn_core.insight.path import Path
from dcn_core.insight.report import Section
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import STARS, label
from dcn_core.pictures import crosses, depth, embeddings, errors, film, gates, knockouts, ladder, path, weights
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.spoken import spoken, spoken_table

MOST_PAIRS = 3
"""Pairs of features that are shown category by category, the strongest ones."""


@dataclass(frozen=True, eq=False)
class Chapter:
    """A section of the page.

    Attributes:
        title: As in the app.
        pictures: In order.
        drawing: HTML that stands before them.
        missing: Why some of it could not be computed, a sentence each.
    """

    title: str
    pictures: Sequence[Picture]
    drawing: str = ""
    missing: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Material:
    """What is known of one trained network.

    Attributes:
        config: The architecture.
        insight: Arrays of a run's `insight.npz`.
        kept: The network's weights by name.
        sections: Of its report.
        problems: Why other sections could not be written, by name.
        categories: Readable names by feature, index-aligned.
        example: One validation rating on its way, None where the ratings cannot be read.
        actual: Its real rating.
        features: Names in the order in which they stand in x0.
        best_epoch: The epoch whose weights were kept.
    """

    config: ModelConfig
    insight: Mapping[str, np.ndarray]
    kept: Mapping[str, np.ndarray]
    sections: Mapping[str, Section]
    problems: Mapping[str, str]
    categories: Mapping[str, Sequence[str]]
    example: Path | None = None
    actual: float | None = None
    features: Sequence[str] = field(default_factory=tuple)
    best_epoch: int | None = None
    speech: Speech = field(default_factory=Speech)


def chapters(known: Material) -> Iterator[Chapter]:
    """Yields the chapters that this network has."""
    for title, names, draw in (
        ("Crosses", ("crosses", "categories"), _crosses),
        ("Is it real?", ("knockouts",), _knockouts),
        ("Weights", ("ranks",), _weights),
        ("Gates", ("gates",), _gates),
        ("Parts and depth", ("depth",), _depth),
        ("One rating", (), _example),
        ("Embeddings", ("maps",), _embeddings),
        ("Film", ("film",), _film),
        ("Errors", ("errors",), _errors),
        ("Ladder", ("ladder",), _ladder),
    ):
        missing = [known.problems[name] for name in names if name in known.problems]
        pictures = [spoken(picture, known.speech) for picture in draw(known)]
        drawing = ""
        if title == "One rating" and known.example is not None:
            drawing = _told(known.example, known.config, known.actual, known.speech)
        if pictures or missing:
            yield Chapter(known.speech.prose(title), pictures, drawing, missing)


def _told(example: Path, config: ModelConfig, actual: float | None, speech: Speech) -> str:
    """The way of an example with its sentence, how to read it, and its numbers."""
    table = spoken_table(path.numbers(example), speech).to_html(
        index=False, border=0, na_rep="", float_format=lambda value: f"{value:.5g}"
    )
    return (
        f'<p class="said">{html.escape(speech.sentence(example.sentence(actual), raw=True))}</p>{path.drawing(example, config, actual, speech)}'
        f"<details><summary>How to read it</summary>{html.escape(speech.prose(path.ABOUT, raw=True))}</details>"
        f'<details><summary>Numbers</summary><div class="table">{table}</div></details>'
    )


def _crosses(known: Material) -> Iterator[Picture]:
    found = known.sections.get("crosses")
    for measure in crosses.offered(known.config, known.insight, found):
        yield crosses.pair_map(known.config, known.insight, found, measure)
    section = known.sections.get("categories")
    if found is not None and section is not None:
        pairs = [(row["feature"], row["other"]) for row in found.tables["pairs"].to_dict("records")]
        readable = [pair for pair in pairs if set(pair) != {"user_id", "movie_id"}] or pairs
        for feature, other in readable[:MOST_PAIRS]:
            yield crosses.category_map(section, feature, other, known.categories)
    if found is not None and "recovery" in found.sentences:
        yield crosses.truth(found, relative=known.speech.unit != STARS)


def _knockouts(known: Material) -> Iterator[Picture]:
    if (found := known.sections.get("knockouts")) is not None:
        yield knockouts.parts(found)
        blocks = knockouts.blocks(found, list(known.features))
        if blocks is not None:
            yield blocks


def _weights(known: Material) -> Iterator[Picture]:
    found = known.sections.get("ranks")
    for number in range(1, num_cross_layers(known.config) + 1):
        yield weights.weights(known.config, known.kept, known.insight, number)
        if found is not None:
            yield weights.singular_values(known.config, found, number)
    if found is not None and found.tables:
        yield weights.rank_curve(known.config, found)


def _gates(known: Material) -> Iterator[Picture]:
    found = known.sections.get("gates")
    if found is not None and found.tables:
        feature = gates.telling(found, known.features)
        for number in range(1, num_cross_layers(known.config) + 1):
            yield gates.gates(known.config, found, number, feature, known.categories[feature])


def _depth(known: Material) -> Iterator[Picture]:
    if (found := known.sections.get("depth")) is not None:
        yield depth.heads(found)
        if "mix" in found.tables:
            yield depth.mix(found)
        if "layers" in found.tables:
            yield depth.growth(found)
        if "orders" in found.tables:
            yield depth.orders(found)


def _example(known: Material) -> Iterator[Picture]:
    if known.example is not None:
        yield path.steps(known.example, known.actual)


def _embeddings(known: Material) -> Iterator[Picture]:
    found = known.sections.get("maps")
    for feature in (name for name in known.features if f"embedding/{name}" in known.kept):  # a number has no table
        frame = principal_components(known.kept[f"embedding/{feature}"], known.categories[feature], 3)
        frame[label("length")] = frame["length"]
        yield embeddings.principal_map(feature, frame, label("length"), 2)
        layout = None if found is None else embeddings.neighbour_map(feature, frame, found, label("length"), 2)
        if layout is not None:
            yield layout


def _film(known: Material) -> Iterator[Picture]:
    found = known.sections.get("film")
    if found is not None and "epochs" in found.arrays:
        for measure in film.offered(found)[:1]:
            yield film.pair_film(found, known.features, known.insight["block_sizes"], measure, 0, known.best_epoch)
        if "recovery" in found.tables:
            yield film.recovery(found)


def _errors(known: Material) -> Iterator[Picture]:
    if (found := known.sections.get("errors")) is not None:
        if len(found.tables["slices"]):
            yield errors.slices(found)
        yield errors.calibration(found)


def _ladder(known: Material) -> Iterator[Picture]:
    if (found := known.sections.get("ladder")) is not None:
        yield ladder.ladder(found, known.speech)
