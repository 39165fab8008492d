"""Files of pairs: the CSV that a person hands in, read into ids and what else a row tells."""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from dcn_core.config.data import DataConfig
from dcn_core.data.csv_layout import SAMPLE, separator_of
from dcn_core.data.dataset import Nouns
from dcn_core.data.encoder import Encoder
from dcn_core.data.feature import Feature
from dcn_core.data.number_style import plain_numbers
from dcn_core.data.table_names import GAPS
from dcn_core.errors import PredictionError

COLUMNS = {
    "user_id": ("user_id", "userid", "user"),
    "movie_id": ("movie_id", "movieid", "movie", "item_id", "itemid", "item"),
}
"""Names of the two columns of ids, in any case. Of a table of one's own its names are read as well."""
USUAL = {name: name for name in COLUMNS}
MOST_MEGABYTES = 300
_TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, eq=False)
class Pairs:
    """The columns of a file as they were read, row-aligned, `(n,)`.

    Attributes:
        user_id: Whole numbers, or texts where a value is none.
        movie_id: Likewise.
        given: What else the file tells, by name of the column, see `row_features`: numbers, and texts as categoricals.
    """

    user_id: pd.Series
    movie_id: pd.Series
    given: dict[str, pd.Series] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.user_id)


def id_columns(config: DataConfig) -> dict[str, str]:
    """What the two columns of `COLUMNS` are called in files of pairs: as in the table of one's own; one that it lacks is left out."""
    if config.table is None:
        return USUAL
    own = {"user_id": config.table.of("user"), "movie_id": config.table.of("item")}
    return {name: column for name, column in own.items() if column}


def row_features(encoder: Encoder, nouns: Nouns) -> dict[str, Feature]:
    """The features that belong to neither user nor item, by the name of their column."""
    own = nouns.features
    return {own.get(feature.name, feature.name): feature for feature in encoder.features if feature.level == "rating"}


def read_pairs(
    content: bytes,
    most_rows: int | None = None,
    columns: Mapping[str, str] = USUAL,
    features: Mapping[str, Feature] | None = None,
) -> Pairs:
    """Reads a CSV file; commas, semicolons, tabs and bars separate.

    Args:
        content: Of the file.
        most_rows: Most pairs.
        columns: As of `id_columns`.
        features: As of `row_features`; what the file lacks of these is left out.

    Raises:
        PredictionError: It is empty, too large, no text, or lacks a column; says which line is broken.
    """
    if len(content) > MOST_MEGABYTES * 1_000_000:
        raise PredictionError(
            f"a file of pairs may have at most {MOST_MEGABYTES} MB. Received: {len(content) / 1e6:,.0f} MB. Split it."
        )
    features = features or {}
    wanted = columns_named(columns.values()) if columns else f"at least one of {columns_named(features)}"
    what_to_do = f"Give a CSV file whose first line names {wanted}."
    try:
        lines = b"".join(itertools.islice(io.BytesIO(content), SAMPLE)).decode("utf-8-sig").splitlines()
        first = lines[0] if lines else ""
        separator = separator_of(first, lines[1:])
        names = next(csv.reader([first], delimiter=separator), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(error, what_to_do) from None
    if not first.strip():
        raise PredictionError(f"expected a file of pairs. Received one that begins with an empty line. {what_to_do}")
    ids = {name: _column(names, (column, *COLUMNS[name]), what_to_do) for name, column in columns.items()}
    given = {column: _column(names, (column,), what_to_do) for column in features if _places(names, (column,))}
    if not ids and not given:
        raise PredictionError(f"expected {wanted}. Received: {_shown(names)}. {what_to_do}")
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=pa.csv.ParseOptions(delimiter=separator),
            convert_options=pa.csv.ConvertOptions(
                strings_can_be_null=True,
                null_values=GAPS,
                column_types=dict.fromkeys([*ids.values(), *given.values()], _TEXT),
                include_columns=list(dict.fromkeys([*ids.values(), *given.values()])),
            ),
        )
    except pa.ArrowException as error:
        raise _unreadable(error, what_to_do) from None
    if most_rows is not None and len(table) > most_rows:
        raise PredictionError(f"expected at most {most_rows:,} pairs. Received: {len(table):,}. Split the file.")
    if len(table) == 0:
        raise PredictionError(f"expected at least one pair. Received none below the first line. {what_to_do}")
    nobody = pd.Series(1, index=range(len(table)))  # the id of the only user, or movie, of a table that names none
    user_id, movie_id = (_ids(table[ids[name]]) if name in ids else nobody for name in COLUMNS)
    told = {column: _given(table[name], features[column], separator) for column, name in given.items()}
    return Pairs(user_id, movie_id, told)


def columns_named(names: Iterable[str]) -> str:
    """Columns in a sentence: `the columns user_id and movie_id`."""
    *first, last = names
    return f"the columns {', '.join(first)} and {last}" if first else f"the column {last}"


def _unreadable(error: Exception, what_to_do: str) -> PredictionError:
    problem = re.sub(r"\s+", " ", str(error))[:160]
    return PredictionError(f"this file cannot be read as CSV: {problem} {what_to_do}")


def _column(names: Sequence[str], wanted: tuple[str, ...], what_to_do: str) -> str:
    """The column that bears the first of some names, or else any of them."""
    places = _places(names, wanted[:1]) or _places(names, wanted)
    if len(places) != 1:
        many = "one column" if not places else "only one column"
        raise PredictionError(f"expected {many} named {wanted[0]}. Received: {_shown(names)}. {what_to_do}")
    return places[0]


def _places(names: Sequence[str], wanted: tuple[str, ...]) -> list[str]:
    """The columns that bear one of some names, in any case."""
    any_case = {name.strip().lower() for name in wanted}
    return [name for name in names if name.strip().lower() in any_case]


def _shown(names: Sequence[str]) -> str:
    return ", ".join(name[:30] for name in names[:8])


def _given(column: pa.ChunkedArray, feature: Feature, separator: str) -> pd.Series:
    """Values as the training table's were read: numbers, or texts as a categorical."""
    values = column.unify_dictionaries().to_pandas()
    if feature.kind != "number" and not feature.edges:
        return values
    texts = pa.chunked_array([pa.array(values.cat.categories, pa.string())])
    known = pd.to_numeric(plain_numbers(texts, separator).to_pandas(), errors="coerce").to_numpy(np.float64)
    return pd.Series(np.append(known, np.nan)[values.cat.codes])


def _ids(column: pa.ChunkedArray) -> pd.Series:
    """Whole numbers if all are written as such; else texts as they are, for zeros in front may tell ids apart."""
    values = column.unify_dictionaries().to_pandas()
    texts = values.cat.categories.astype("str")
    if values.isna().any() or not texts.str.fullmatch(r"0|-?[1-9][0-9]{0,17}").all():
        return values.astype("object")
    return pd.Series(texts.astype("int64").to_numpy()[values.cat.codes])
