"""Predictions for a whole file of pairs: CSV in, CSV out, with a note at each row that the network knows little of."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from dcn_core.config.data import DataConfig
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.errors import PredictionError
from dcn_core.serving.intervals import LEVELS, Intervals, group_of
from dcn_core.serving.predictor import NO_ID, Predictor, row_of

COLUMNS = {
    "user_id": ("user_id", "userid", "user"),
    "movie_id": ("movie_id", "movieid", "movie", "item_id", "itemid", "item"),
}
"""Names of the two columns that are read, in any case; others are left aside. Of a table of one's own its names are read as well."""
_USUAL = {name: name for name in COLUMNS}
MOST_MEGABYTES = 300
_CHUNK = 65_536


@dataclass(frozen=True, eq=False)
class Pairs:
    """The two columns of a file as they were read: whole numbers, or texts where a value is none. Row-aligned, `(n,)`."""

    user_id: pd.Series
    movie_id: pd.Series

    def __len__(self) -> int:
        return len(self.user_id)


def id_columns(config: DataConfig) -> dict[str, str]:
    """What the two columns of `COLUMNS` are called in files of pairs: as in the table of one's own; one that it lacks is left out."""
    if config.table is None:
        return _USUAL
    own = {"user_id": config.table.of("user"), "movie_id": config.table.of("item")}
    return {name: column for name, column in own.items() if column}


def read_pairs(content: bytes, most_rows: int | None = None, columns: Mapping[str, str] = _USUAL) -> Pairs:
    """Reads a CSV file; commas, semicolons and tabs separate.

    Args:
        content: Of the file.
        most_rows: Most pairs.
        columns: As of `id_columns`.

    Raises:
        PredictionError: It is empty, too large, no text, or lacks a column; says which line is broken.
    """
    if len(content) > MOST_MEGABYTES * 1_000_000:
        raise PredictionError(
            f"a file of pairs may have at most {MOST_MEGABYTES} MB. Received: {len(content) / 1e6:,.0f} MB. Split it."
        )
    what_to_do = f"Give a CSV file whose first line names {columns_named(list(columns.values()))}."
    first = content[:10_000].lstrip(b"\xef\xbb\xbf").split(b"\n")[0].strip()
    if not first:
        raise PredictionError(f"expected a file of pairs. Received one that begins with an empty line. {what_to_do}")
    separator = max(b",;\t", key=lambda sign: first.count(sign))
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(content),
            parse_options=pa.csv.ParseOptions(delimiter=chr(separator)),
            convert_options=pa.csv.ConvertOptions(strings_can_be_null=True),
        )
        names = table.column_names
    except (pa.ArrowException, UnicodeDecodeError) as error:
        problem = re.sub(r"\s+", " ", str(error))[:160]
        raise PredictionError(f"this file cannot be read as CSV: {problem} {what_to_do}") from None
    except Exception:  # pyarrow raises plain exceptions for some damaged headers
        raise PredictionError(f"this file cannot be read as CSV. {what_to_do}") from None
    found = {name: _column(names, (column, *COLUMNS[name]), what_to_do) for name, column in columns.items()}
    if most_rows is not None and len(table) > most_rows:
        raise PredictionError(f"expected at most {most_rows:,} pairs. Received: {len(table):,}. Split the file.")
    if len(table) == 0:
        raise PredictionError(f"expected at least one pair. Received none below the first line. {what_to_do}")
    nobody = pd.Series(1, index=range(len(table)))  # the id of the only user, or movie, of a table that names none
    return Pairs(*(_plain(table.column(found[name])) if name in found else nobody for name in COLUMNS))


def columns_named(names: Sequence[str]) -> str:
    """What the first line of a file has to name: `the columns user_id and movie_id`."""
    if not names:
        return "one column at least"
    return f"the {'column' if len(names) == 1 else 'columns'} {' and '.join(names)}"


def _column(names: list[str], wanted: tuple[str, ...], what_to_do: str) -> int:
    plain = [name.strip().strip('"\ufeff').strip().lower() for name in names]
    places = [index for index, name in enumerate(plain) if name == wanted[0].strip().lower()]
    places = places or [index for index, name in enumerate(plain) if name in wanted]
    if len(places) != 1:
        shown = ", ".join(name[:30] for name in names[:8])
        many = "one column" if not places else "only one column"
        raise PredictionError(f"expected {many} named {wanted[0]}. Received: {shown}. {what_to_do}")
    return places[0]


def _plain(column: pa.ChunkedArray) -> pd.Series:
    """Numbers and texts as they are; dates and whatever else was read into a value as the text it was."""
    kind = column.type
    if not any(
        fits(kind) for fits in (pa.types.is_integer, pa.types.is_floating, pa.types.is_string, pa.types.is_null)
    ):
        column = column.cast(pa.string())
    return column.to_pandas()


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
        `user_id` and `movie_id` as given, `rating` (predicted, within the scale), `low` and `high` if wanted, and `note`: empty, or
        what is not known of the pair, which is then answered by the rest: ids, and columns that belong to the single rating.
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
    rating = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _CHUNK):
        part = slice(start, start + _CHUNK)
        inputs = {name: index[users[part]] for name, index in user_features.items()}
        rating[part] = predictor.score(inputs | {name: index[movies[part]] for name, index in movie_features.items()})
    rating = np.clip(rating, *scale)

    unit = nouns or Nouns()

    def told(values: np.ndarray) -> np.ndarray:
        return np.round(unit.of_source(values), 3 - math.floor(math.log10(unit.scale)))

    result = pd.DataFrame({"user_id": pairs.user_id, "movie_id": pairs.movie_id, "rating": told(rating)})
    if intervals is not None and counts is not None:
        both = [np.append(count, 0)[rows] for count, rows in zip(counts, (users, movies), strict=True)]
        distance = np.array(intervals.distance, np.float32)[group_of(*both), LEVELS.index(level)]
        result["low"] = told(np.maximum(rating - distance, scale[0]))
        result["high"] = told(np.minimum(rating + distance, scale[1]))
    result["note"] = _joined(*notes, np.full(len(pairs), _without(predictor, dataset), object))
    return result


def _without(predictor: Predictor, dataset: Dataset) -> str:
    """What the network looks at and pairs do not tell: columns that belong to neither user nor movie."""
    names = [feature.name for feature in predictor.encoder.features if feature.level == "rating"]
    return f"without {', '.join(dataset.nouns.features.get(name, name) for name in names)}" if names else ""


def ids_of(table: pd.DataFrame, noun: str) -> pd.Series:
    """The ids of users or movies as their source has them; those of a table whose ids are texts are its names."""
    return table["name"] if "name" in table else table[f"{noun}_id"]


def to_csv(frame: pd.DataFrame, columns: Mapping[str, str] = _USUAL) -> bytes:
    """The predictions as CSV, their ids named as `id_columns` says. Ids that a spreadsheet would take for a formula get an
    apostrophe in front."""
    safe = frame.copy()
    for name in ("user_id", "movie_id"):
        if not pd.api.types.is_numeric_dtype(safe[name]):
            texts = safe[name].astype("object").where(safe[name].notna(), "").astype(str)
            risky = texts.str.match(r"[=+@\t\r]|-(?!\d+$)")
            safe[name] = texts.where(~risky, "'" + texts)
    safe = safe.drop(columns=[name for name in COLUMNS if name not in columns])
    safe = safe.rename(columns={name: own for name, own in columns.items() if own not in safe})
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
    codes, kinds = zip(*(pd.factorize(own.astype(object)) for own in notes), strict=True)
    texts = np.empty([len(own) for own in kinds], object)
    for place in np.ndindex(texts.shape):
        texts[place] = " and ".join(filter(None, (own[index] for own, index in zip(kinds, place, strict=True))))
    return np.asarray(texts[codes])
