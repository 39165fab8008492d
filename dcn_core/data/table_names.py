"""What holds for the columns of every table, whatever format it comes in."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from dcn_core.errors import DataError

MOST_COLUMNS = 2_000
_OF_UPLOAD = re.compile(r"(^|-)[0-9a-f]{24}$")
"""What an upload has behind its name, an archive alone."""
GAPS = ["", " ", "NA", "N/A", "n/a", "n.a.", "#N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "-", "?", "\\N"]
GAPS += ["#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"]  # what spreadsheets show of an error
"""Texts that stand for a missing value."""


def file_name(path: Path) -> str:
    """What a person knows a file by: an upload is kept under a longer name."""
    return f"{_OF_UPLOAD.sub('', path.stem) or 'upload'}{path.suffix}"


def checked_names(path: Path, names: Sequence[Any]) -> list[str]:
    """Returns the names of a table's columns as texts; a column without one is `column 3`.

    Raises:
        DataError: There are none, too many, or one twice.
    """
    found = [str(name).strip() if name is not None else "" for name in names]
    if not any(found):
        raise DataError(f"{file_name(path)} has no line of column names. Add one at the top.")
    if len(found) > MOST_COLUMNS:
        raise DataError(
            f"a table may have at most {MOST_COLUMNS:,} columns. {file_name(path)} has {len(found):,}. Take fewer."
        )
    named = [name[:200] or f"column {number}" for number, name in enumerate(found, start=1)]
    twice = [name for name in dict.fromkeys(named) if named.count(name) > 1]
    if twice:
        raise DataError(f"{file_name(path)} has several columns {listed(twice)}. Give each a name of its own.")
    return named


def listed(names: Sequence[str]) -> str:
    """Names of columns or sheets for a message."""
    shown = ", ".join(f"'{name[:60]}'" for name in names[:12])
    return shown + (f" and {len(names) - 12:,} more" if len(names) > 12 else "")


def not_empty(path: Path, table: pa.Table) -> pa.Table:
    """Returns the table.

    Raises:
        DataError: It has no rows.
    """
    if table.num_rows == 0:
        raise DataError(f"{file_name(path)} has column names but no rows. Expected at least one.")
    return table
