"""Reads the tables of users and of movies of each MovieLens release. They are small: clarity before speed."""

import csv
import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from dcn_core.data.categories import AGE_CODES, GENRES, OCCUPATIONS, age_code
from dcn_core.errors import DataError

_YEAR = re.compile(r"\((\d{4})(?:\s*[-–]\s*\d{0,4})?\)\s*$")
_NO_GENRES = {"", "(no genres listed)", "unknown"}


def read_users(data: bytes, file: str) -> pd.DataFrame:
    """Returns the users in the bytes of `users.dat` (1M) or `u.user` (100K), in their order.

    Exact ages, as in 100K, become the seven age groups; occupations keep the names of their release.

    Raises:
        DataError: Names the file, the line, what was expected and what came.
    """
    grouped = file == "users.dat"
    columns: dict[str, list] = {"user_id": [], "gender": [], "age": [], "occupation": []}
    for line, fields in _lines(
        data, file, "::" if grouped else "|", 5, "user id, gender, age, occupation and zip code"
    ):
        gender, age, occupation = (fields[1], fields[2], fields[3]) if grouped else (fields[2], fields[1], fields[3])
        if gender not in ("F", "M"):
            raise _fault(file, line, "'F' or 'M' as gender", gender)
        years = _whole(age, file, line, "age")
        if grouped and years not in AGE_CODES:
            raise _fault(file, line, f"one of {', '.join(map(str, AGE_CODES))} as age", age)
        if grouped:
            code = _whole(occupation, file, line, "occupation")
            if code >= len(OCCUPATIONS):
                raise _fault(file, line, f"an occupation from 0 to {len(OCCUPATIONS) - 1}", occupation)
            occupation = OCCUPATIONS[code]
        elif not occupation.strip():
            raise _fault(file, line, "the name of an occupation", occupation)
        columns["user_id"].append(_whole(fields[0], file, line, "user id"))
        columns["gender"].append(gender)
        columns["age"].append(years if grouped else age_code(years))
        columns["occupation"].append(occupation.strip())
    users = pd.DataFrame(columns).astype({"user_id": "int64", "gender": "str", "age": "int16", "occupation": "str"})
    return _with_unique_ids(users, "user_id", file)


def read_movies(data: bytes, file: str) -> pd.DataFrame:
    """Returns the movies in the bytes of `movies.dat` (1M, 10M), `movies.csv` (20M and later) or `u.item` (100K).

    Raises:
        DataError: Names the file, the line, what was expected and what came.
    """
    read: dict[str, Callable[[bytes, str], Iterator[tuple[int, str, str, list[str], str]]]] = {
        "movies.dat": _movies_dat,
        "movies.csv": _movies_csv,
        "u.item": _u_item,
    }
    columns: dict[str, list] = {"movie_id": [], "title": [], "year": [], "genres": []}
    for line, movie_id, title, genres, date in read[file](data, file):
        if not title.strip():
            raise _fault(file, line, "a title", title)
        columns["movie_id"].append(_whole(movie_id, file, line, "movie id"))
        columns["title"].append(title.strip())
        columns["year"].append(_year(title, date))
        names = (genre.strip() for genre in genres)
        columns["genres"].append("|".join(dict.fromkeys(name for name in names if name not in _NO_GENRES)))
    movies = pd.DataFrame(columns).astype({"movie_id": "int64", "title": "str", "year": "Int16", "genres": "str"})
    return _with_unique_ids(movies, "movie_id", file)


def _movies_dat(data: bytes, file: str) -> Iterator[tuple[int, str, str, list[str], str]]:
    for line, fields in _lines(data, file, "::", 3, "movie id, title and genres", at_least=True):
        yield line, fields[0], "::".join(fields[1:-1]), fields[-1].split("|"), ""


def _u_item(data: bytes, file: str) -> Iterator[tuple[int, str, str, list[str], str]]:
    expected = "movie id, title, two dates, address and 19 genre flags"
    for line, fields in _lines(data, file, "|", 24, expected):
        flags = fields[5:]
        if any(flag not in ("0", "1") for flag in flags):
            raise _fault(file, line, "19 genre flags of 0 or 1", "|".join(flags))
        # The first flag is "unknown".
        genres = [name for name, flag in zip(GENRES, flags[1:], strict=True) if flag == "1"]
        yield line, fields[0], fields[1], genres, fields[2]


def _movies_csv(data: bytes, file: str) -> Iterator[tuple[int, str, str, list[str], str]]:
    rows = csv.reader(io.StringIO(_decoded(data, file, ("utf-8-sig",)), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        if any(header.count(name) != 1 for name in ("movieId", "title")) or header.count("genres") > 1:
            raise DataError(
                f"{file} line 1: expected the columns movieId,title,genres. Received: {','.join(header)[:200]!r}. "
                "Give a CSV as in MovieLens 20M or later."
            )
        movie_id, title = header.index("movieId"), header.index("title")
        genres = header.index("genres") if "genres" in header else None
        for fields in rows:
            if not fields:
                continue
            if len(fields) != len(header):
                raise _fault(file, rows.line_num, f"{len(header)} fields separated by commas", ",".join(fields))
            yield (
                rows.line_num,
                fields[movie_id],
                fields[title],
                fields[genres].split("|") if genres is not None else [],
                "",
            )
    except csv.Error as error:
        raise DataError(
            f"{file} line {rows.line_num}: expected comma-separated fields, titles with commas in double quotes ({error}). "
            "Is the file cut off?"
        ) from None


def _lines(
    data: bytes, file: str, separator: str, count: int, expected: str, *, at_least: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yields number and fields of each line that is not empty."""
    # 10M is UTF-8, 1M and 100K are Latin-1, whose accents are no valid UTF-8.
    text = _decoded(data, file, ("utf-8-sig", "latin-1"))
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if not line:
            continue
        fields = line.split(separator)
        if len(fields) != count and not (at_least and len(fields) > count):
            raise _fault(file, number, f"{count} fields separated by {separator!r}: {expected}", line)
        yield number, fields


def _decoded(data: bytes, file: str, encodings: tuple[str, ...]) -> str:
    if not data or data.isspace():
        raise DataError(f"{file} is empty, expected a line per user or movie. Download the archive again.")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line, wrong = data.count(b"\n", 0, error.start) + 1, data[error.start : error.end]
    raise DataError(
        f"{file} line {line}: expected text in UTF-8. Received the bytes {wrong!r}. Save the file as UTF-8, or download it again."
    )


def _whole(text: str, file: str, line: int, what: str) -> int:
    text = text.strip()
    # isdigit alone lets ² through, int alone +1 and 1_000.
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise _fault(file, line, f"a whole number as {what}", text)
    return int(text)


def _year(title: str, date: str) -> int | None:
    """The year at the end of a title, else that of a date like 01-Jan-1995."""
    match = _YEAR.search(title)
    text = match[1] if match else date[-4:]
    year = int(text) if text.isascii() and text.isdigit() else 0
    return year if 1870 <= year <= 2100 else None


def _with_unique_ids(table: pd.DataFrame, column: str, file: str) -> pd.DataFrame:
    again = table[column].duplicated()
    if again.any():
        row = int(np.argmax(again))
        raise DataError(
            f"{file}: expected each {column.replace('_', ' ')} once. Received {table[column][row]} again, in row {row + 1}. "
            "Remove one of the two lines."
        )
    return table


def _fault(file: str, line: int, expected: str, received: str) -> DataError:
    shown = repr(received[:80]) + ("…" if len(received) > 80 else "")
    return DataError(f"{file} line {line}: expected {expected}. Received: {shown}. Correct or remove the line.")
