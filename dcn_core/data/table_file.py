"""Reads tables of any domain: CSV, Parquet and Excel, whole or only their first rows."""

import csv
import io
import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from dcn_core.data.sheet import Head, read_sheet
from dcn_core.data.table_names import GAPS, checked_names, listed, not_empty
from dcn_core.errors import DataError

__all__ = ["SUFFIXES", "Head", "is_table", "read_columns", "read_head"]

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".xlsx", ".xls", ".ods")
MOST_BYTES = 20_000_000_000
_TEXT = (".csv", ".tsv", ".txt")
_PARQUET = (".parquet", ".pq")
_HEAD = 1 << 20
SAMPLE = 1_000
"""Lines of a text file that its decimal point is read from."""


T = TypeVar("T")


def is_table(path: str | Path) -> bool:
    """Whether a path ends like the name of a table, not of an archive or folder."""
    return Path(path).suffix.lower() in SUFFIXES


def read_head(path: Path, sheet: str = "", rows: int = 5_000) -> Head:
    """Returns the first rows of a table, fast however large it is.

    Raises:
        DataError: It is no table, damaged or empty; says what was expected.
    """
    _check(path)
    if path.suffix.lower() in _TEXT:
        return Head(_guarded(path, lambda: _csv_head(path, rows)))
    if path.suffix.lower() in _PARQUET:
        return Head(_guarded(path, lambda: _parquet_head(path, rows)))
    return _guarded(path, lambda: read_sheet(path, sheet, rows))


def read_columns(path: Path, kinds: dict[str, str], sheet: str = "") -> pa.Table:
    """Returns some columns of a whole table.

    Args:
        path: The file.
        kinds: By name of the column, `text` (dictionary of strings), `number` (float64) or `any` (as the file has it).
        sheet: Of an Excel file.

    Raises:
        DataError: The file cannot be read, lacks a column, or holds something else than numbers where they are expected.
    """
    _check(path)
    if path.suffix.lower() in _TEXT:
        table = _guarded(path, lambda: _csv(path, kinds))
    elif path.suffix.lower() in _PARQUET:
        table = _guarded(path, lambda: _parquet(path, list(kinds)))
    else:
        table = _guarded(path, lambda: read_sheet(path, sheet, None)).table
    _need(path, table.column_names, kinds)
    return pa.table({name: _as(path, name, table[name], kind) for name, kind in kinds.items()})


def _check(path: Path) -> None:
    if not is_table(path):
        raise DataError(
            f"a table must be a file that ends in {', '.join(SUFFIXES)}. Received: '{path.name[:80]}'. Save it as one of these."
        )
    try:
        size = path.stat().st_size if path.is_file() else -1
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}. Check that you may read it.") from None
    if size < 0:
        raise DataError(f"there is no file {path.name}. Check the path.")
    if size == 0:
        raise DataError(f"{path.name} is empty, expected a table with a line of column names. Save it again.")
    if size > MOST_BYTES:
        raise DataError(
            f"a table may have at most {MOST_BYTES / 1e9:.0f} GB. Received: {size / 1e9:,.1f} GB. Take fewer rows."
        )


def _guarded(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except (DataError, MemoryError):
        raise
    except Exception as error:  # pyarrow, zipfile and the Excel reader raise dozens of kinds on damaged bytes
        text = " ".join(str(error).split())[:200]
        raise DataError(
            f"{path.name} cannot be read as a table: {text or type(error).__name__}. Open it in a spreadsheet and save it again."
        ) from None


def _need(path: Path, names: Sequence[str], wanted: Sequence[str] | dict[str, str]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise DataError(
            f"{path.name} has no column {listed(missing)}. It has: {listed(names)}. Correct the roles of the columns."
        )


class _Layout(NamedTuple):
    names: list[str]
    separator: str
    encoding: str
    decimal_point: str


def _layout(path: Path) -> _Layout:
    """Column names, separator, encoding and decimal point of a text file, by its first lines."""
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
    if b"\x00" in start[:4096]:
        raise DataError(f"{path.name} is no text: expected a table as CSV. Save it as CSV in UTF-8.")
    try:
        start[: max(0, len(start) - 4)].decode("utf-8-sig") if len(start) == _HEAD else start.decode("utf-8-sig")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "latin-1"
    text = start.decode("utf-8-sig" if encoding == "utf-8" else "latin-1", "replace")
    lines = [line for line in text.splitlines()[:SAMPLE] if line.strip()]
    first = lines[0] if lines else ""
    if len(start) == _HEAD and len(first) >= _HEAD - 8:
        raise DataError(
            f"the first line of {path.name} has over a million letters, expected column names. Is it a CSV?"
        )
    separator = max(",;\t|", key=lambda sign: (first.count(sign), -",;\t|".index(sign)))
    names = next(csv.reader(io.StringIO(first), delimiter=separator), [])
    whole = lines[1:] if len(start) < _HEAD else lines[1:-1]
    return _Layout(checked_names(path, names), separator, encoding, decimal_point(whole, separator))


def decimal_point(lines: Sequence[str], separator: str) -> str:
    """A comma where some column has numbers with one and none has numbers with a point, as much of Europe writes them."""
    if separator == ",":
        return "."
    try:
        columns = list(itertools.zip_longest(*csv.reader(lines, delimiter=separator), fillvalue=""))
    except csv.Error:  # a value of over a hundred thousand letters
        return "."
    comma, point = (any(_decimals(sign, column) for column in columns) for sign in ",.")
    return "," if comma and not point else "."


def _decimals(point: str, column: Sequence[str]) -> bool:
    """Whether values are numbers of which some have that decimal point."""
    numbers = [value.strip() for value in column if value.strip() not in GAPS]
    some = re.compile(rf"[-+]?\d+({re.escape(point)}\d+)?")
    return any(point in value for value in numbers) and all(map(some.fullmatch, numbers))


def _options(layout: _Layout, types: dict[str, pa.DataType], columns: list[str] | None = None) -> dict[str, Any]:
    return {
        "read_options": pyarrow.csv.ReadOptions(
            column_names=layout.names, skip_rows=1, encoding=layout.encoding, block_size=8 << 20
        ),
        "parse_options": pyarrow.csv.ParseOptions(delimiter=layout.separator, newlines_in_values=False),
        "convert_options": pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=columns or [],
            null_values=GAPS,
            strings_can_be_null=True,
            decimal_point=layout.decimal_point,
        ),
    }


def _csv_head(path: Path, rows: int) -> pa.Table:
    layout = _layout(path)
    with path.open("rb") as stream:
        lines = list(itertools.islice(stream, rows + 1))
    data = b"".join(lines)
    table = pyarrow.csv.read_csv(pa.py_buffer(data), **_options(layout, {}))
    return not_empty(path, table)


def _csv(path: Path, kinds: dict[str, str]) -> pa.Table:
    layout = _layout(path)
    _need(path, layout.names, kinds)
    text = pa.dictionary(pa.int32(), pa.string())
    types = {name: text if kind == "text" else pa.float64() for name, kind in kinds.items() if kind != "any"}
    try:
        return not_empty(path, pyarrow.csv.read_csv(path, **_options(layout, types, list(kinds))))
    except pa.ArrowInvalid as error:
        # Whatever does not fit its type is read again as text, so that `_as` can say which value it was.
        if "conversion error" not in str(error):
            raise
    plain = dict.fromkeys(kinds, pa.string())
    table = not_empty(path, pyarrow.csv.read_csv(path, **_options(layout, plain, list(kinds))))
    if layout.decimal_point == ".":
        return table
    points = {name: pc.replace_substring(table[name], ",", ".") for name, kind in kinds.items() if kind == "number"}
    return pa.table({name: points.get(name, table[name]) for name in kinds})


def _parquet_head(path: Path, rows: int) -> pa.Table:
    file = pyarrow.parquet.ParquetFile(path)
    checked_names(path, file.schema_arrow.names)
    batches = itertools.islice(file.iter_batches(batch_size=rows), 1)
    return not_empty(path, pa.Table.from_batches(list(batches), schema=file.schema_arrow))


def _parquet(path: Path, columns: list[str]) -> pa.Table:
    file = pyarrow.parquet.ParquetFile(path)
    _need(path, checked_names(path, file.schema_arrow.names), columns)
    return not_empty(path, file.read(columns=columns))


def _as(path: Path, name: str, column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    """A column as `read_columns` promises it."""
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(pc.cast(column, pa.list_(pa.string())), "|")
    if kind == "any":
        return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    try:
        if kind == "number":
            return _numbers(path, name, column)
        if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
            return column.unify_dictionaries()
        if pa.types.is_floating(column.type) and _whole(column):
            column = column.cast(pa.int64())
        return column.cast(pa.string()).dictionary_encode().unify_dictionaries()
    except pa.ArrowException as error:
        raise DataError(
            f"column '{name[:60]}' of {path.name} holds {column.type}, which is neither text nor number ({str(error)[:80]}). "
            "Ignore it, or save it in another form."
        ) from None


def _whole(column: pa.ChunkedArray) -> bool:
    known = column.drop_null()
    return bool(pc.all(pc.equal(pc.floor(known), known)).as_py() in (True, None)) and bool(
        pc.all(pc.less(pc.abs(known), 2.0**53)).as_py() in (True, None)
    )


def _numbers(path: Path, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column.cast(pa.float64(), safe=False)
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        row, value = next(
            (number, text) for number, text in enumerate(column.to_pylist(), start=1) if text and not _is_number(text)
        )
        raise DataError(
            f"column '{name[:60]}' of {path.name} must hold numbers. Received: '{value[:60]}' in row {row:,}. Make the column a "
            "category, or correct the value."
        ) from None


def _is_number(text: str) -> bool:
    try:
        pa.scalar(text).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
