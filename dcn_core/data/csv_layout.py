"""How a CSV is written: its column names, separator, encoding and numbers, by its first lines."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dcn_core.data.number_style import number_style
from dcn_core.data.table_names import GAPS, checked_names, file_name
from dcn_core.errors import DataError

_HEAD = 1 << 20
SAMPLE = 1_000
"""Lines of a text file that its separator and the style of its numbers are read from."""
_SEPARATORS = ",;\t|"
_SAID = re.compile(r"sep=(.)", re.IGNORECASE)
"""The line with which spreadsheets say what separates."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PAGE = re.compile(r"\s*<(\?xml|!doctype|html|head|table)\b", re.IGNORECASE)
_JSON = re.compile(r"\s*\[?\s*\{\s*\"")
_LONGEST_HEADER = 100
"""Lines."""


class Layout(NamedTuple):
    """How a text file is written.

    Attributes:
        names: Of its columns.
        skip: Lines before the first row.
        separator: Between the values of a line.
        encoding: Of its letters.
        styled: The columns whose numbers are not as programs write them.
    """

    names: list[str]
    skip: int
    separator: str
    encoding: str
    styled: frozenset[str]


def layout_of(path: Path) -> Layout:
    """Column names, separator, encoding and styled columns of a text file, by its first lines."""
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
    encoding = _encoding(path, start)
    text = start.decode(encoding, "replace").removeprefix("\ufeff")
    _refuse_other_formats(path, text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:SAMPLE]
    skip = next((number for number, line in enumerate(lines) if line.strip()), 0)
    said = _SAID.fullmatch(lines[skip].strip())
    skip += bool(said)
    header = _header(lines[skip:])
    if len(start) == _HEAD and len(header) >= _HEAD - 8:
        raise DataError(
            f"the first line of {file_name(path)} has over a million letters, expected column names. Is it a CSV?"
        )
    skip += header.count("\n") + 1
    rows = [line for line in (lines[skip:] if len(start) < _HEAD else lines[skip:-1]) if line.strip()]
    separator = said.group(1) if said else separator_of(header, rows)
    names = next(csv.reader(io.StringIO(header, newline=""), delimiter=separator), [])
    names = checked_names(path, [" ".join(name.splitlines()) for name in _padded(names, _rows(rows, separator))])
    return Layout(names, skip, separator, encoding, styled(names, rows, separator))


def _encoding(path: Path, start: bytes) -> str:
    if start.startswith(_UTF_16):
        return "utf-16"
    if b"\x00" in start[:4096]:
        raise DataError(
            f"{file_name(path)} is no text: expected a table as CSV. Save it as CSV in UTF-8; unpack it first if it is packed."
        )
    whole = start[: max(0, len(start) - 4)] if len(start) == _HEAD else start
    for encoding in ("utf-8", "cp1252"):
        try:
            whole.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _refuse_other_formats(path: Path, text: str) -> None:
    kind = "a web page" if _PAGE.match(text) else "JSON" if _JSON.match(text) else None
    if kind:
        raise DataError(f"{file_name(path)} is {kind}, expected a table. Open it in a spreadsheet and save it as CSV.")


def _header(lines: Sequence[str]) -> str:
    """The line of column names; several where a name in quotes has line breaks."""
    for number in range(1, min(len(lines), _LONGEST_HEADER) + 1):
        header = "\n".join(lines[:number])
        if header.count('"') % 2 == 0:
            return header
    return lines[0] if lines else ""


def _padded(names: list[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The names with an empty one where all rows have one more value: behind, if nothing stands there, else in front, as R does."""
    if not names or not rows or any(len(row) != len(names) + 1 for row in rows):
        return names
    return ["", *names] if any(row[-1] for row in rows) else [*names, ""]


def separator_of(first: str, lines: Sequence[str]) -> str:
    """The sign that is most often in the first line, of those that part all lines alike; no comma in numbers if ; or tab do."""
    alike = [
        sign for sign in _SEPARATORS if sign in first and len({len(row) for row in _rows([first, *lines], sign)}) == 1
    ]
    if {";", "\t"} & set(alike) and any(re.search(r"\d,\d", line) for line in lines):
        alike = [sign for sign in alike if sign != ","]
    return max(alike or _SEPARATORS, key=lambda sign: (first.count(sign), -_SEPARATORS.index(sign)))


def styled(names: Sequence[str], lines: Sequence[str], separator: str) -> frozenset[str]:
    """The columns whose numbers are not as programs write them."""
    columns = itertools.zip_longest(*_rows(lines, separator), fillvalue="")
    texts = {name: [value.strip() for value in column] for name, column in zip(names, columns, strict=False)}
    known = {name: [value for value in values if value not in GAPS] for name, values in texts.items()}
    return frozenset(name for name, values in known.items() if number_style(values, separator))


def _rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:  # a value of over a hundred thousand letters
        return []
