"""A run's model card: one page of Markdown for whoever decides whether to use the network, computed from its files."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dcn_core import __version__, study
from dcn_core.config.applies import applies
from dcn_core.config.data import DataConfig
from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.sources import asked_rows, load_dataset
from dcn_core.data.table_names import file_name
from dcn_core.errors import PlaygroundError, RunError
from dcn_core.insight.naming import category_names
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import listed, words
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.siblings import finished_by_seed

MOST_SLICES = 5
_SPLITS = {
    "row": "Ratings were split at random.",
    "time": "The oldest ratings train and the newest test, so the future is predicted from the past.",
    "user": "Validation and test hold only users that training never saw.",
    "movie": "Validation and test hold only movies that training never saw.",
}
_MOVIELENS = (
    "MovieLens data is for research: it may not be redistributed, nor used commercially without permission of GroupLens; see the README in "
    "the archive. Cite F. Maxwell Harper and Joseph A. Konstan, *The MovieLens Datasets: History and Context*, ACM TiiS 5(4), "
    "2015."
)


def card(run: RunFolder) -> str:
    """Returns the card. What is missing of the report is computed first.

    Raises:
        RunError: The run has not finished, or its folder cannot be written.
    """
    if not run.status().finished:
        raise RunError(f"only a finished run has a model card. Run {run.id} is {run.status().state}.")
    config, result = run.config(), run.result() or {}
    try:
        dataset = load_dataset(config.data)
        run.check_ratings(dataset.fingerprint)
    except PlaygroundError:
        dataset = None  # the ratings are gone: the card says so
    report = study.complete(run, wait=True)
    encoder = run.encoder()
    features = [spec.name for spec in encoder.specs]
    categories = itertools.chain.from_iterable(category_names(encoder, name, dataset) for name in features)
    speech = Speech.of(dataset.nouns if dataset else Nouns(), config.data.target, categories)
    sides = [f"{side}s" for side in (dataset.sides if dataset else ("user", "movie"))]
    say = speech.prose
    parts = [
        f"# {plain(run.name())}",
        _network(config, features, result, speech),
        "## Data\n\n" + _data(config, dataset, speech),
        "## Protocol\n\n" + say(_protocol(config, result, sides)),
        "## Scores\n\n" + say(_scores(run, result)),
        *_found(report, speech),
        "## Limits\n\n" + say(_limits(config, sides)),
        "## Licence\n\n" + _licence(config),
        "## Settings\n\n```json\n" + _settings(config) + "\n```",
        f"Run `{run.id}`, written by DCN Playground {__version__}.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Text that is data: every sign that Markdown or HTML could read is escaped."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def _network(config: RunConfig, names: Sequence[str], result: Mapping[str, Any], speech: Speech) -> str:
    model = config.model
    parts = [f"a Deep & Cross Network, structure {model.structure}"]
    if model.structure != "deep":
        parts.append(f"{model.num_cross_layers} cross layers of kind {model.cross_kind.replace('_', ' ')}")
    if model.structure != "cross":
        parts.append(f"deep layers of {', '.join(map(str, model.deep_layer_sizes))}")
    size = f" It has {result['parameters']:,} weights." if "parameters" in result else ""
    nouns, own = speech.nouns, speech.nouns != Nouns()
    aim = "how a user rates a movie" if config.data.target == "rating" else "how likely it is that a user likes a movie"
    if own:
        aim = f"the probability that {nouns.rating} is {nouns.high}" if nouns.high else f"the {nouns.rating}"
    features = ", ".join(plain(speech.feature(name) if own else words(name)) for name in names)
    text = f"{', '.join(parts)}. It predicts {plain(aim)} from {features}.{size}"
    return text[:1].upper() + text[1:]


def _data(config: RunConfig, dataset: Dataset | None, speech: Speech) -> str:
    if dataset is None:
        return f"The ratings, `{_source(config.data)}`, are not where they were, so nothing is known of them here."
    ratings, nouns = dataset.ratings["rating"], dataset.nouns
    steps = f" in steps of {dataset.rating_step:g}" if dataset.has_steps else ""
    whose = "".join(
        f" {word} {len(dataset.table(side)):,} {side}s"
        for word, side in (("by", "user"), ("of", "movie"))
        if side in dataset.sides
    )
    lines = [
        f"{plain(dataset.name)}: {speech.prose(f'{dataset.num_ratings:,} ratings{whose}')}, the {nouns.rating} "
        f"from {nouns.of_source(dataset.rating_min):g} to {nouns.of_source(dataset.rating_max):g}{steps}; "
        f"mean {nouns.of_source(ratings.mean()):.3f}, standard deviation {nouns.scale * ratings.std(ddof=0):.3f}."
    ]
    if dataset.truth is not None:
        lines.append(
            f"It is a generated world: users, movies and ratings are invented, and {len(dataset.truth.crosses)} crosses are planted in "
            f"it. No predictor can have a mean squared error below {dataset.truth.floor_mse:.4f} on average."
        )
    lines += [plain(note) for note in dataset.notes]
    return "\n\n".join(lines)


def _source(config: DataConfig) -> str:
    """The source without the folders of the machine that it was read on."""
    return file_name(Path(config.source)).replace("`", "'")


def _protocol(config: RunConfig, result: Mapping[str, Any], sides: Sequence[str]) -> str:
    data, train = config.data, config.train
    shares = f"{data.validation_fraction:.0%} for validation and {data.test_fraction:.0%} for test"
    kept = (
        f" Kept are the weights of epoch {result['best_epoch']}, the best on validation."
        if "best_epoch" in result
        else ""
    )
    again = ""
    if data.split == "row" and sides:
        again = f" New {listed(sides)} are predicted worse than this card says: here others of their ratings are in training, as in most papers."
    return "\n\n".join(
        (
            f"{_SPLITS[data.split]}{again} {shares}, split seed {data.split_seed}. The encoder was fitted on training ratings only; a value "
            "that training did not see goes through an unknown category.",
            f"{train.optimizer}, learning rate {train.learning_rate:g} ({train.learning_rate_schedule}), batches of {train.batch_size:,}, at "
            f"most {train.epochs} epochs, patience {train.patience}, seed {train.seed}.{kept} Test ratings were looked at once, "
            "at the end.",
        )
    )


def _scores(run: RunFolder, result: Mapping[str, Any]) -> str:
    """Every score, and its mean and spread over the runs that differ by their seed only."""
    others = [other.result() or {} for other in finished_by_seed(RunStore(run.path.parent), run).values()]
    rows, spread = [], len(others) > 1
    for part, scores in (result.get("scores") or {}).items():
        for name, value in (scores or {}).items():
            row = [part, name.upper().replace("_", " "), f"{value:.4f}"]
            if spread:
                values = [
                    found
                    for other in others
                    if (found := ((other.get("scores") or {}).get(part) or {}).get(name)) is not None
                ]
                row.append(f"{np.mean(values):.4f} ± {np.std(values, ddof=1):.4f}" if len(values) > 1 else "")
            rows.append(row)
    heads = ["Ratings", "Score", "This run", *([f"Mean ± standard deviation of {len(others)} seeds"] if spread else [])]
    note = "" if spread else "\n\nOnly one seed was trained: how far scores vary by chance is not known."
    return _table(heads, rows) + note


def _found(report: study.Report, speech: Speech) -> Iterator[str]:
    """What the report says: crosses, ladder, and where the network is worst."""
    said = [
        report.sections[section].sentences[name]
        for section, name in (("crosses", "crosses"), ("ladder", "ladder"), ("errors", "calibration"))
        if section in report.sections and name in report.sections[section].sentences
    ]
    if said:
        yield "## What was found\n\n" + "\n".join(f"- {plain(speech.sentence(sentence))}" for sentence in said)
    errors = report.sections.get("errors")
    if errors is not None and len(errors.tables.get("slices", ())):
        rows = [
            [
                plain(f"{row['slice']}: {row['category']}"),
                f"{row['count']:,}",
                f"{row['mse']:.3f}",
                f"{row['mse_low']:.3f} to {row['mse_high']:.3f}",
            ]
            for row in errors.tables["slices"].head(MOST_SLICES).to_dict("records")
        ]
        heads = [speech.prose(head) for head in ("Slice of the validation ratings", "Ratings", "MSE", "95 % interval")]
        yield f"## Where it is worst\n\n{plain(speech.sentence(errors.sentences.get('slices', '')))}\n\n{_table(heads, rows)}"


def _limits(config: RunConfig, sides: Sequence[str]) -> str:
    data = config.data
    lines = ["Predictions are averages: they say little about one rating, whose noise is most of the error."]
    if data.split == "row" and sides:
        lines.append(f"The split is by row: nothing is said of {listed(sides)} that are new.")
    if {"user_id", "movie_id"} & set(data.features) and not config.model.id_dropout:
        lines.append("Single ids are remembered; a new one goes through an embedding that was hardly trained.")
    if {"gender", "age", "occupation"} & set(data.features):
        lines.append("It sees personal attributes; check the slices before decisions depend on it.")
    lines.append("Crosses are what the network computes with, not causes.")
    return "\n".join(f"- {line}" for line in lines)


def _licence(config: RunConfig) -> str:
    if asked_rows(config.data):
        return "The ratings are generated by this program and free of rights of others."
    terms = "The terms of the data hold." if config.data.table else _MOVIELENS
    return f"{terms} Weights and exports derive from the {'data' if config.data.table else 'ratings'}."


def _settings(config: RunConfig) -> str:
    values = config.model_dump(mode="json")
    values["data"]["source"] = _source(config.data)
    values["data"] = {name: value for name, value in values["data"].items() if applies("data", name, values)}
    return json.dumps(values, indent=1, ensure_ascii=False)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
