"""Reads spreadsheets (.xlsx, .xls, .ods) in a process of its own, whose memory is bounded.

The reader makes room for all cells up to the last one: a file of two kilobytes with a cell in the last corner asks for
hundreds of gigabytes, upon which its process ends at once, whatever else it is doing.
"""

import contextlib
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from dcn_core.data.table_names import GAPS, checked_names, file_name, listed, not_empty
from dcn_core.data.zip_checks import check_directory, check_members
from dcn_core.errors import DataError
from dcn_core.interpreter import run_module

MOST_CELLS = 5_000_000
"""Rows times columns of a sheet, up to its last cell."""
MOST_BYTES = 4 << 30
"""Address space of the process that reads: five million cells take a quarter of it."""
LONGEST_S = 180
_REFUSED, _DAMAGED = 2, 3
_ADVICE = f"A spreadsheet may have at most {MOST_CELLS:,} cells, rows times columns. Save it as CSV or Parquet."


class Head(NamedTuple):
    """The beginning of a table.

    Attributes:
        table: Its first rows, each column of the type that its values suggest.
        sheets: Names of the sheets of an Excel file, else none.
    """

    table: pa.Table
    sheets: tuple[str, ...] = ()


def read_sheet(path: Path, sheet: str, rows: int | None) -> Head:
    """Returns a sheet of a spreadsheet: its first rows, or all of them.

    Raises:
        DataError: It has no such sheet, too many cells, or nothing in it.
        ValueError: The file is damaged; says how.
    """
    with tempfile.TemporaryDirectory(prefix="dcn-sheet-") as place:
        out = Path(place) / "table.arrow"
        wanted = [str(path.resolve()), sheet, "" if rows is None else str(rows), str(out)]
        try:
            done = run_module("dcn_core.data.sheet", *wanted, longest_s=LONGEST_S)
        except subprocess.TimeoutExpired:
            raise DataError(f"{file_name(path)} was not read within {LONGEST_S} seconds. {_ADVICE}") from None
        said = done.stderr.strip()
        if done.returncode == _REFUSED:
            raise DataError(said)
        if done.returncode == _DAMAGED:
            raise ValueError(said)
        if done.returncode:
            raise DataError(f"{file_name(path)} needs more memory than a spreadsheet gets. {_ADVICE}")
        with pa.ipc.open_file(pa.BufferReader(out.read_bytes())) as reader:
            table = reader.read_all()
    names = (table.schema.metadata or {}).get(b"sheets", b"").decode()
    return Head(table.replace_schema_metadata(None), tuple(filter(None, names.split("\n"))))


def _read(path: Path, sheet: str, rows: int | None) -> Head:
    from python_calamine import CalamineWorkbook

    if zipfile.is_zipfile(path):
        check_directory(path)
        with zipfile.ZipFile(path) as archive:
            check_members(file_name(path), archive.infolist())
    with CalamineWorkbook.from_path(str(path)) as book:
        sheets = tuple(book.sheet_names)
        if sheet and sheet not in sheets:
            raise DataError(
                f"{file_name(path)} has no sheet '{sheet[:60]}'. It has: {listed(sheets)}. Choose one of these."
            )
        if not sheets:
            raise DataError(f"{file_name(path)} has no sheets. Save it again with one.")
        found = book.get_sheet_by_name(sheet or sheets[0])
        if found.total_height * found.total_width > MOST_CELLS:
            raise DataError(
                f"the sheet '{(sheet or sheets[0])[:60]}' of {file_name(path)} has {found.total_height:,} rows of "
                f"{found.total_width:,} columns. {_ADVICE}"
            )
        every = found.to_python(nrows=None if rows is None else rows + 1)
    every = [row for row in every if any(value != "" for value in row)]
    if not every:
        raise DataError(f"the sheet '{(sheet or sheets[0])[:60]}' of {file_name(path)} is empty. Choose another sheet.")
    names = checked_names(path, every[0])
    columns = {name: _cells([row[place] for row in every[1:]]) for place, name in enumerate(names)}
    return Head(not_empty(path, pa.table(columns)), sheets)


def _cells(values: list[Any]) -> pa.Array:
    """A column of a sheet: numbers if all cells are, dates likewise, else texts."""
    found = [None if isinstance(value, str) and value.strip() in GAPS else value for value in values]
    there = [value for value in found if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in there):
        whole = all(float(value).is_integer() and abs(value) < 2**53 for value in there)
        cast: Callable[[Any], Any] = int if whole else float
        return pa.array(
            [None if value is None else cast(value) for value in found], pa.int64() if whole else pa.float64()
        )
    if there and all(hasattr(value, "year") for value in there):
        return pa.array([None if value is None else value.isoformat() for value in found], pa.string()).cast(
            pa.timestamp("s")
        )
    return pa.array([None if value is None else _text(value) for value in found], pa.string())


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def main() -> int:
    """Reads the sheet that the arguments name into an Arrow file. Returns the exit code; standard error says why not."""
    path, sheet, rows, out = sys.argv[1:]
    with contextlib.suppress(OSError, ValueError):  # where less is allowed already
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        found = _read(Path(path), sheet, int(rows) if rows else None)
        table = found.table.replace_schema_metadata({"sheets": "\n".join(found.sheets)})
        with pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)
    except (DataError, MemoryError) as error:
        text = str(error) if isinstance(error, DataError) else f"{file_name(Path(path))} is too large. {_ADVICE}"
        print(text, file=sys.stderr)  # noqa: T201  the caller reads it
        return _REFUSED
    except Exception as error:  # zipfile and the reader raise dozens of kinds on damaged bytes
        print(str(error) or type(error).__name__, file=sys.stderr)  # noqa: T201
        return _DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main())
