"""Predictions for a whole file of pairs, CSV out, with a note at each row that the network knows little of."""

import io
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.own_table import MISSING
from dcn_core.serving.intervals import LEVELS, Intervals, group_of
from dcn_core.serving.pair_file import COLUMNS, USUAL, Pairs, row_features
from dcn_core.serving.predictor import NO_ID, Predictor, row_of

_ANSWER = (*COLUMNS, "rating", "low", "high", "note")
_CHUNK = 65_536


def predict_pairs(
    predictor: Predictor,
    dataset: Dataset,
    pairs: Pairs,
    scale: tuple[float, float],
    intervals: Intervals | None = None,
    level: float = 0.8,
    counts: tuple[np.ndarray, np.ndarray] | None = None,
    nouns: Nouns | None = None,
) -> pd.DataFrame:
    """Predicts every pair.

    Args:
        predictor: The network.
        dataset: The ratings that it was trained on: they say what is known of an id.
        pairs: What to predict.
        scale: Lowest and highest prediction, see `label_scale`.
        intervals: How far predictions are off; None to leave the interval out.
        level: Of the interval, one of `LEVELS`.
        counts: Training ratings by row of users and of movies; needed with `intervals`.
        nouns: The unit in which predictions are handed out; None for that in which they were learned.

    Returns:
        `user_id`, `movie_id` and what else the pairs tell as given, `rating` (predicted, within the scale), `low` and `high` if
        wanted, and `note`: empty, or what is not known of the pair, which is then answered by the rest.
    """
    sides, notes = [], []
    for table, ids, noun, called, encode in (
        (dataset.users, pairs.user_id, "user", dataset.nouns.user, predictor.encoder.encode_users),
        (dataset.movies, pairs.movie_id, "movie", dataset.nouns.movie, predictor.encoder.encode_movies),
    ):
        rows, problem = _rows(ids_of(table, noun), ids, called)
        known, nobody = encode(table), encode(row_of(table, f"{noun}_id", NO_ID)[0])
        features = {name: np.concatenate([known[name], nobody[name]]) for name in known}  # row -1 is nobody
        new = features[f"{noun}_id"] == 0 if f"{noun}_id" in features else np.zeros(len(table) + 1, bool)
        problem = np.where((problem == "") & new[rows], f"{called} not in training", problem)
        sides.append((rows, features))
        notes.append(problem)
    (users, user_features), (movies, movie_features) = sides
    row_inputs, row_notes = _encoded(predictor, dataset, pairs)
    rating = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _CHUNK):
        part = slice(start, start + _CHUNK)
        inputs = {name: values[part] for name, values in row_inputs.items()}
        inputs |= {name: index[users[part]] for name, index in user_features.items()}
        rating[part] = predictor.score(inputs | {name: index[movies[part]] for name, index in movie_features.items()})
    rating = np.clip(rating, *scale)

    unit = nouns or Nouns()

    def told(values: np.ndarray) -> np.ndarray:
        return np.round(unit.of_source(values), 3 - math.floor(math.log10(unit.scale)))

    given = {name: values for name, values in pairs.given.items() if name not in _ANSWER}
    result = pd.DataFrame({"user_id": pairs.user_id, "movie_id": pairs.movie_id, **given, "rating": told(rating)})
    if intervals is not None and counts is not None:
        both = [np.append(count, 0)[rows] for count, rows in zip(counts, (users, movies), strict=True)]
        distance = np.array(intervals.distance, np.float32)[group_of(*both), LEVELS.index(level)]
        result["low"] = told(np.maximum(rating - distance, scale[0]))
        result["high"] = told(np.minimum(rating + distance, scale[1]))
    result["note"] = _joined(*notes, *row_notes)
    return result


def not_given(predictor: Predictor, dataset: Dataset, pairs: Pairs) -> list[str]:
    """Columns that the network looks at and the pairs do not tell: those that belong to neither user nor item."""
    return [column for column in row_features(predictor.encoder, dataset.nouns) if column not in pairs.given]


def _encoded(predictor: Predictor, dataset: Dataset, pairs: Pairs) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """The inputs of the features that belong to neither user nor item, as far as the pairs tell them, and what is wrong with each."""
    inputs, notes = {}, []
    for column, feature in row_features(predictor.encoder, dataset.nouns).items():
        if column not in pairs.given:
            continue
        values = pairs.given[column]
        gap = values.isna().to_numpy()
        if feature.kind == "category" and MISSING in feature.values:
            values = values.cat.add_categories({MISSING} - set(values.cat.categories)).fillna(MISSING)
        inputs[feature.name] = feature.encode(pd.DataFrame({feature.name: values}))
        codes = feature.spec.codes(inputs[feature.name])
        unknown = (codes == 0).reshape(len(pairs), -1).any(axis=1)
        said = np.array(["", f"unknown {column}", f"no {column}"], object)
        notes.append(said[np.where(unknown, 1 + gap, 0)])
    if missing := not_given(predictor, dataset, pairs):
        notes.append(np.full(len(pairs), f"without {', '.join(missing)}", object))
    return inputs, notes


def ids_of(table: pd.DataFrame, noun: str) -> pd.Series:
    """The ids of users or movies as their source has them; those of a table whose ids are texts are its names."""
    return table["name"] if "name" in table else table[f"{noun}_id"]


def named(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """The predictions with their ids named as `id_columns` says, in a frame of its own."""
    known = frame.drop(columns=[name for name in COLUMNS if name not in columns])
    return known.rename(columns={name: own for name, own in columns.items() if own not in known})


def to_csv(frame: pd.DataFrame, columns: Mapping[str, str] = USUAL) -> bytes:
    """The predictions as CSV, their ids named as `id_columns` says. Texts of the pairs that a spreadsheet would take for a formula
    get an apostrophe in front."""
    safe = named(frame, columns)
    for name in safe.columns.drop("note", errors="ignore"):
        if not pd.api.types.is_numeric_dtype(safe[name]):
            texts = safe[name].astype("object").where(safe[name].notna(), "").astype(str)
            risky = texts.str.match(r"[=+@\t\r]|-(?!\d+$)")
            safe[name] = texts.where(~risky, "'" + texts)
    sink = io.BytesIO()
    pa.csv.write_csv(
        pa.Table.from_pandas(safe, preserve_index=False), sink, pa.csv.WriteOptions(quoting_style="needed")
    )
    return sink.getvalue()


def _rows(known: pd.Series, ids: pd.Series, noun: str) -> tuple[np.ndarray, np.ndarray]:
    """The row of each id in its table, -1 where it is not there, and what is wrong with it."""
    if pd.api.types.is_numeric_dtype(known):
        numbers = ids if pd.api.types.is_numeric_dtype(ids) else pd.to_numeric(ids, errors="coerce")
        values = numbers.to_numpy(np.float64, na_value=np.nan) if numbers.dtype.kind not in "iu" else numbers.to_numpy()
        if values.dtype.kind == "f":
            whole = np.isfinite(values) & (np.abs(values) < 2**53) & (values == np.floor(values))
            found = pd.Index(known.to_numpy()).get_indexer(np.where(whole, values, -1).astype(np.int64))
            rows = np.where(whole, found, -1)
            problem = np.where(rows >= 0, "", np.where(whole, f"unknown {noun}", f"no {noun} id"))
            return rows, problem
        rows = pd.Index(known.to_numpy()).get_indexer(values)
        return rows, np.where(rows >= 0, "", f"unknown {noun}")
    texts = ids.astype("object").where(ids.notna(), "").astype(str)
    rows = pd.Index(known.astype("object").astype(str)).get_indexer(pd.Index(texts))
    return rows, np.where(rows >= 0, "", np.where(texts == "", f"no {noun} id", f"unknown {noun}"))


def _joined(*notes: np.ndarray) -> np.ndarray:
    """All notes of each row in one text; few distinct ones, so only these are put together."""
    codes, texts = pd.factorize(notes[0].astype(object))
    for own in notes[1:]:
        own_codes, own_texts = pd.factorize(own.astype(object))
        codes, pairs = pd.factorize(codes * len(own_texts) + own_codes)
        texts = np.array(
            [
                " and ".join(filter(None, (texts[pair // len(own_texts)], own_texts[pair % len(own_texts)])))
                for pair in pairs
            ],
            object,
        )
    return np.asarray(texts[codes])
