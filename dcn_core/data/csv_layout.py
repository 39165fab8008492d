"""How a CSV is written: its column names, separator, encoding and numbers, by its first lines."""

import csv
import io
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dcn_core.data.number_style import NumberStyle, number_style
from dcn_core.data.table_names import GAPS, checked_names, file_name
from dcn_core.errors import DataError

_HEAD = 1 << 20
SAMPLE = 1_000
"""Lines of a text file that its separator and the style of its numbers are read from."""
_SEPARATORS = ",;\t|"


class Layout(NamedTuple):
    """How a text file is written.

    Attributes:
        names: Of its columns.
        separator: Between the values of a line.
        encoding: Of its letters.
        styles: Of the columns whose numbers are not as programs write them.
    """

    names: list[str]
    separator: str
    encoding: str
    styles: dict[str, NumberStyle]


def layout_of(path: Path) -> Layout:
    """Column names, separator, encoding and number styles of a text file, by its first lines."""
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
    if b"\x00" in start[:4096]:
        raise DataError(f"{file_name(path)} is no text: expected a table as CSV. Save it as CSV in UTF-8.")
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
            f"the first line of {file_name(path)} has over a million letters, expected column names. Is it a CSV?"
        )
    whole = lines[1:] if len(start) < _HEAD else lines[1:-1]
    separator = separator_of(first, whole)
    names = checked_names(path, next(csv.reader(io.StringIO(first), delimiter=separator), []))
    return Layout(names, separator, encoding, number_styles(names, whole, separator))


def separator_of(first: str, lines: Sequence[str]) -> str:
    """The sign that is most often in the first line, of those that part all lines alike; no comma in numbers if ; or tab do."""
    alike = [
        sign for sign in _SEPARATORS if sign in first and len({len(row) for row in _rows([first, *lines], sign)}) == 1
    ]
    if {";", "\t"} & set(alike) and any(re.search(r"\d,\d", line) for line in lines):
        alike = [sign for sign in alike if sign != ","]
    return max(alike or _SEPARATORS, key=lambda sign: (first.count(sign), -_SEPARATORS.index(sign)))


def number_styles(names: Sequence[str], lines: Sequence[str], separator: str) -> dict[str, NumberStyle]:
    """The style of each column whose numbers are not as programs write them."""
    columns = itertools.zip_longest(*_rows(lines, separator), fillvalue="")
    texts = {name: [value.strip() for value in column] for name, column in zip(names, columns, strict=False)}
    found = {
        name: number_style([value for value in values if value not in GAPS], separator)
        for name, values in texts.items()
    }
    return {name: style for name, style in found.items() if style}


def _rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:  # a value of over a hundred thousand letters
        return []
