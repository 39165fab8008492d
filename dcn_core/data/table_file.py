"""Reads tables of any domain: CSV, Parquet and Excel, whole or only their first rows."""

import contextlib
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from dcn_core.data.csv_layout import Layout, layout_of
from dcn_core.data.number_style import column_style, plain_numbers
from dcn_core.data.sheet import Head, read_sheet
from dcn_core.data.table_names import GAPS, checked_names, file_name, listed, not_empty
from dcn_core.data.total_row import without_total
from dcn_core.data.two_values import zeros_and_ones
from dcn_core.errors import DataError

__all__ = ["SUFFIXES", "Head", "is_table", "read_columns", "read_head"]

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".xlsx", ".xls", ".ods")
MOST_BYTES = 20_000_000_000
_PARQUET = b"PAR1"
_SHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
T = TypeVar("T")


def is_table(path: str | Path) -> bool:
    """Whether a path ends like the name of a table, not of an archive or folder."""
    return Path(path).suffix.lower() in SUFFIXES


def read_head(path: Path, sheet: str = "", rows: int = 5_000) -> Head:
    """Returns the first rows of a table, fast however large it is.

    Raises:
        DataError: It is no table, damaged or empty; says what was expected.
    """
    kind = _checked(path)
    if kind == "text":
        return Head(_named(path, without_total(_guarded(path, lambda: _csv_head(path, rows)))))
    head = _guarded(
        path, lambda: Head(_parquet_head(path, rows)) if kind == "parquet" else read_sheet(path, sheet, rows)
    )
    return head._replace(table=_named(path, without_total(_with_numbers(head.table))))


def read_columns(path: Path, kinds: dict[str, str], sheet: str = "") -> pa.Table:
    """Returns some columns of a whole table.

    Args:
        path: The file.
        kinds: By name of the column, `text` (dictionary of strings), `number` (float64), `label` (a number, or a text if it is
            one of two) or `any` (as the file has it).
        sheet: Of an Excel file.

    Raises:
        DataError: The file cannot be read, lacks a column, or holds something else than numbers where they are expected.
    """
    kind = _checked(path)
    if kind == "text":
        table = _guarded(path, lambda: _csv(path, kinds))
    elif kind == "parquet":
        table = _guarded(path, lambda: _parquet(path, list(kinds)))
    else:
        table = _guarded(path, lambda: read_sheet(path, sheet, None)).table
    _need(path, table.column_names, kinds)
    if kind != "text":
        table = _plain(table, kinds)
    return pa.table({name: _as(path, name, table[name], wanted) for name, wanted in kinds.items()})


def _checked(path: Path) -> Literal["text", "parquet", "sheet"]:
    """What a file holds by its first bytes, whatever its name says."""
    if not is_table(path):
        raise DataError(
            f"a table must be a file that ends in {', '.join(SUFFIXES)}. Received: '{file_name(path)[:80]}'. Save it as one of these."
        )
    start = b""
    try:
        size = path.stat().st_size if path.is_file() else -1
        if size > 0:
            with path.open("rb") as stream:
                start = stream.read(4)
    except OSError as error:
        raise DataError(f"{file_name(path)} cannot be read: {error.strerror}. Check that you may read it.") from None
    if size < 0:
        raise DataError(f"there is no file {file_name(path)}. Check the path.")
    if size == 0:
        raise DataError(f"{file_name(path)} is empty, expected a table with a line of column names. Save it again.")
    if size > MOST_BYTES:
        raise DataError(
            f"a table may have at most {MOST_BYTES / 1e9:.0f} GB. Received: {size / 1e9:,.1f} GB. Take fewer rows."
        )
    return "parquet" if start == _PARQUET else "sheet" if start in _SHEETS else "text"


def _guarded(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except (DataError, MemoryError):
        raise
    except Exception as error:  # pyarrow, zipfile and the Excel reader raise dozens of kinds on damaged bytes
        text = " ".join(str(error).split())[:200]
        raise DataError(
            f"{file_name(path)} cannot be read as a table: {text or type(error).__name__}. Open it in a spreadsheet and save it again."
        ) from None


def _need(path: Path, names: Sequence[str], wanted: Sequence[str] | dict[str, str]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise DataError(
            f"{file_name(path)} has no column {listed(missing)}. It has: {listed(names)}. Correct the roles of the columns."
        )


def _options(layout: Layout, types: dict[str, pa.DataType], columns: list[str] | None = None) -> dict[str, Any]:
    return {
        "read_options": pyarrow.csv.ReadOptions(
            column_names=layout.names, skip_rows=layout.skip, encoding=layout.encoding, block_size=8 << 20
        ),
        "parse_options": pyarrow.csv.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
        "convert_options": pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=columns or [],
            null_values=GAPS,
            strings_can_be_null=True,
        ),
    }


def _csv_head(path: Path, rows: int) -> pa.Table:
    layout = layout_of(path)
    with path.open(encoding=layout.encoding, newline="") as stream:
        lines = list(itertools.islice(stream, layout.skip + rows))
        quotes = sum(line.count('"') for line in lines)
        while (
            quotes % 2 and len(lines) < layout.skip + 2 * rows and (line := stream.readline())
        ):  # to the end of a value
            lines.append(line)
            quotes += line.count('"')
    data = "".join(lines).encode()
    layout = layout._replace(encoding="utf-8")
    return _with_numbers(
        not_empty(path, pyarrow.csv.read_csv(pa.py_buffer(data), **_options(layout, {}))), layout.separator
    )


def _named(path: Path, table: pa.Table) -> pa.Table:
    """Returns the table.

    Raises:
        DataError: Its names are values: there is no line of names.
    """
    texts = [name for name in table.column_names if _is_text(table[name])]
    others = [name for name in table.column_names if name not in texts]
    if texts and all(map(_is_number, others)) and all(pc.any(pc.equal(table[name], name)).as_py() for name in texts):
        raise DataError(
            f"{file_name(path)} seems to have no line of column names: its first line, {listed(table.column_names)}, reads like the others. "
            "Add one at the top."
        )
    return table


def _csv(path: Path, kinds: dict[str, str]) -> pa.Table:
    layout = layout_of(path)
    _need(path, layout.names, kinds)
    text = pa.dictionary(pa.int32(), pa.string())
    types = {name: text if kind == "text" else pa.float64() for name, kind in kinds.items() if kind != "any"}
    numbers = {name for name, kind in kinds.items() if kind in ("number", "label")}
    types |= dict.fromkeys(numbers & layout.styled, pa.string())
    try:
        table = pyarrow.csv.read_csv(path, **_options(layout, types, list(kinds)))
    except pa.ArrowInvalid as error:
        # Whatever does not fit its type is read again as text, so that `_as` can say which value it was.
        if "conversion error" not in str(error):
            raise
        table = pyarrow.csv.read_csv(path, **_options(layout, dict.fromkeys(kinds, pa.string()), list(kinds)))
    return _plain(not_empty(path, table), kinds, layout.separator)


def _plain(table: pa.Table, kinds: dict[str, str], separator: str = ";") -> pa.Table:
    """The columns of a table with what is written in those that should be numbers as programs write it."""
    texts = {name for name, kind in kinds.items() if kind in ("number", "label") and _is_text(table[name])}
    return pa.table({name: plain_numbers(table[name], separator) if name in texts else table[name] for name in kinds})


def _with_numbers(table: pa.Table, separator: str = ";") -> pa.Table:
    """A table whose columns of texts are numbers where all are some that people write."""
    for place, name in enumerate(table.column_names):
        if _is_text(table[name]) and (style := column_style(table[name], separator)):
            with contextlib.suppress(pa.ArrowInvalid):
                table = table.set_column(place, name, style.plain(table[name]).cast(pa.float64()))
    return table


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
        return _decoded(column)
    try:
        if kind == "number":
            return _numbers(path, name, column)
        if kind == "label":
            return _label(path, name, column)
        if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
            return column.unify_dictionaries()
        if pa.types.is_floating(column.type) and _whole(column):
            column = column.cast(pa.int64())
        return column.cast(pa.string()).dictionary_encode().unify_dictionaries()
    except pa.ArrowException as error:
        raise DataError(
            f"column '{name[:60]}' of {file_name(path)} holds {column.type}, which is neither text nor number ({str(error)[:80]}). "
            "Ignore it, or save it in another form."
        ) from None


def _label(path: Path, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers, or a dictionary of two texts."""
    column = _decoded(column)
    if _is_text(column):
        texts = column.cast(pa.string()).dictionary_encode().unify_dictionaries()
        distinct = texts.chunk(0).dictionary.to_pylist()
        if zeros_and_ones(distinct) is not None and not all(_is_number(text) for text in distinct if text):
            return texts
    return _numbers(path, name, column, "numbers, or two values such as yes and no")


def _whole(column: pa.ChunkedArray) -> bool:
    known = column.drop_null()
    return bool(pc.all(pc.equal(pc.floor(known), known)).as_py() in (True, None)) and bool(
        pc.all(pc.less(pc.abs(known), 2.0**53)).as_py() in (True, None)
    )


def _numbers(path: Path, name: str, column: pa.ChunkedArray, expected: str = "numbers") -> pa.ChunkedArray:
    column = _decoded(column)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if not _is_text(column):
        return column.cast(pa.float64(), safe=False)
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        row, value = next(
            (number, text) for number, text in enumerate(column.to_pylist(), start=1) if text and not _is_number(text)
        )
        raise DataError(
            f"column '{name[:60]}' of {file_name(path)} must hold {expected}. Received: '{value[:60]}' in row {row:,}. Make the column a "
            "category, or correct the value."
        ) from None


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _is_number(text: str) -> bool:
    try:
        pa.scalar(text).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
