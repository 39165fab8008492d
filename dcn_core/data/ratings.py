"""Reads the table of ratings of any MovieLens release fast, and names the line of the first fault."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv

from dcn_core.errors import DataError

_LAST_TIME = 4_102_444_800  # the year 2100
_FIELDS = ("user id", "movie id", "rating", "timestamp")


class RatingsTable(NamedTuple):
    """The columns of a table of ratings, each `(num_ratings,)`: int64, int64, float32 and int64 or None.

    `left_out` counts the lines at the end that were not read.
    """

    user_id: np.ndarray
    movie_id: np.ndarray
    rating: np.ndarray
    timestamp: np.ndarray | None
    left_out: int = 0


class Layout(NamedTuple):
    """How the text is laid out.

    Attributes:
        separator: "::", a tab or a comma.
        columns: Position of user id, movie id, rating and, if there is one, timestamp among the fields of a line.
        num_fields: Fields of each line.
        has_header: Whether the first line names the columns.
    """

    separator: str
    columns: tuple[int, ...]
    num_fields: int
    has_header: bool


def read_ratings(data: bytes, file: str, most: int | None = None) -> RatingsTable:
    """Returns the ratings in the bytes of `ratings.dat`, `ratings.csv` or `u.data`.

    Args:
        data: The bytes.
        file: Name of the file, which tells the format.
        most: Leave out what comes after so many ratings.

    Raises:
        DataError: Names the file, the line, what was expected and what came.
    """
    layout = _layout(data, file)
    # "1::50::5" split at ":" has empty fields between; skipping them is faster than replacing "::" in the whole text.
    stride = 2 if layout.separator == "::" else 1
    names = [f"between_{position}" for position in range(layout.num_fields * stride - (stride - 1))]
    types = {name: pa.null() for name in names} if stride == 2 else {}
    for position, field in zip(layout.columns, _FIELDS, strict=False):
        names[position * stride] = field
        types[field] = pa.float32() if field == "rating" else pa.int64()
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(data),
            read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=int(layout.has_header)),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=layout.separator[0], quote_char='"' if layout.separator == "," else False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                # Fields between and unused columns: only the former must be empty, so only they are read.
                column_types=types,
                include_columns=[name for name in names if name in types],
                null_values=[""] if stride == 2 else [],
            ),
        )
    except pa.ArrowException as error:
        raise _first_fault(data, file, layout, str(error)) from None
    if table.num_rows == 0:
        raise DataError(f"{file} holds no ratings, expected at least one line. Download the archive again.")
    left_out = max(0, table.num_rows - most) if most else 0
    table = table.slice(0, table.num_rows - left_out)
    for field in _FIELDS[: len(layout.columns)]:
        if table[field].null_count:
            raise _first_fault(data, file, layout, f"an empty {field}")
    columns = [table[field].to_numpy() for field in _FIELDS[: len(layout.columns)]]
    _check_ranges(data, file, layout, columns)
    return RatingsTable(columns[0], columns[1], columns[2], columns[3] if len(columns) == 4 else None, left_out)


def line_of(data: bytes, row: int, file: str) -> int:
    """Returns the number of the line, from 1, that holds rating `row`, counted from 0; empty lines hold none."""
    row += file.endswith(".csv")
    for number, line in enumerate(data.splitlines(), start=1):
        if line:
            if row == 0:
                return number
            row -= 1
    return 0


def _layout(data: bytes, file: str) -> Layout:
    beginning = data[:10_000].strip(b"\r\n")  # a slice, for the text may have a gigabyte
    if not beginning:
        raise DataError(f"{file} is empty, expected a line per rating. Download the archive again.")
    first = beginning.splitlines()[0]
    if file.endswith(".csv"):
        header = [name.strip().strip('"') for name in first.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split(",")]
        wanted = ["userId", "movieId", "rating", "timestamp"]
        if any(header.count(name) != 1 for name in wanted[:3]) or header.count("timestamp") > 1:
            raise DataError(
                f"{file} line 1: expected the columns userId,movieId,rating,timestamp. "
                f"Received: {','.join(header)[:200]!r}. Give a CSV as in MovieLens 20M or later."
            )
        return Layout(",", tuple(header.index(name) for name in wanted if name in header), len(header), has_header=True)
    separator = "\t" if file == "u.data" else "::"
    num_fields = len(first.split(separator.encode()))
    if num_fields not in (3, 4):
        raise DataError(
            f"{file} line 1: expected user id, movie id, rating and timestamp separated by {separator!r}. "
            f"Received: {_shown(first)}. Is this the file of another release?"
        )
    return Layout(separator, tuple(range(num_fields)), num_fields, has_header=False)


def _check_ranges(data: bytes, file: str, layout: Layout, columns: list[np.ndarray]) -> None:
    user, movie, rating = columns[:3]
    rules = [
        (user >= 0, user, "user id that is not negative"),
        (movie >= 0, movie, "movie id that is not negative"),
        (
            (rating >= 0.5) & (rating <= 5) & (rating * 2 == np.floor(rating * 2)),
            rating,
            "rating from 0.5 to 5 in half stars",
        ),
    ]
    if len(columns) == 4:
        time = columns[3]
        rules.append(
            ((time >= 0) & (time <= _LAST_TIME), time, "timestamp in seconds since 1970, before the year 2100")
        )
    for good, values, expected in rules:
        if not good.all():
            row = int(np.argmin(good))
            raise DataError(
                f"{file} line {line_of(data, row, file)}: expected a {expected}. Received: {values[row]}. "
                "Correct or remove the line."
            )


def _first_fault(data: bytes, file: str, layout: Layout, reason: str) -> DataError:
    """The error of the first line that cannot be read, found slowly, for the fast reader does not tell."""
    separator = layout.separator.encode()
    for number, line in enumerate(data.splitlines(), start=1):
        if not line or (layout.has_header and number == 1):
            continue
        fields = line.split(separator)
        if len(fields) != layout.num_fields:
            return DataError(
                f"{file} line {number}: expected {layout.num_fields} fields separated by {layout.separator!r}. "
                f"Received {len(fields)}: {_shown(line)}. Is the file cut off?"
            )
        for position, field in zip(layout.columns, _FIELDS, strict=False):
            text = fields[position].strip().strip(b'"')
            try:
                value = float(text) if field == "rating" else int(text)
            except ValueError:
                kind = "number" if field == "rating" else "whole number"
                return DataError(
                    f"{file} line {number}: expected a {kind} as {field}. Received: {_shown(text)}. "
                    "Correct or remove the line."
                )
            if field != "rating" and abs(value) >= 2**63:
                return DataError(
                    f"{file} line {number}: expected a {field} below 2^63. Received: {_shown(text)}. Correct it."
                )
    return DataError(f"{file} cannot be read as a table of ratings: {reason}. Download the archive again.")


def _shown(text: bytes) -> str:
    return repr(text[:80].decode("latin-1")) + ("…" if len(text) > 80 else "")
