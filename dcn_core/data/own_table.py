"""A table of one's own as a data set: users, items and what belongs to neither, sorted out of its columns."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dcn_core.config.features import Level
from dcn_core.config.table import ColumnConfig, Role, TableConfig
from dcn_core.data.column import Column, Kind
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.table_file import read_columns
from dcn_core.data.table_names import file_name
from dcn_core.data.times import read_times
from dcn_core.data.total_row import without_total
from dcn_core.data.two_values import zeros_and_ones
from dcn_core.errors import DataError

MISSING = "missing"
"""Name of the category that gaps are where they have one of their own."""
MOST_ROWS = 50_000_000
_STEPS = 40
"""Bars in which a label that has no steps of its own is counted."""
_MOST_STEPS = 200
_SIDES: tuple[tuple[Level, Role], ...] = (("movie", "item"), ("user", "user"))
_KINDS = {"label": "label", "number": "number", "time": "any"}


def load_table(path: Path, config: TableConfig, digest: str | None = None) -> Dataset:
    """Reads a table as its roles say.

    Args:
        path: The file.
        config: What its columns are.
        digest: Its `fingerprint`, if it is known already.

    Raises:
        DataError: The file cannot be read, lacks a column or holds what its role does not allow.
    """
    used = [column for column in config.columns if column.role != "ignore"]
    table = read_columns(path, {column.column: _KINDS.get(column.role, "text") for column in used}, config.sheet)
    if table.num_rows > MOST_ROWS:
        raise DataError(
            f"a table may have at most {MOST_ROWS:,} rows. {file_name(path)} has {table.num_rows:,}. Take fewer."
        )
    return _Sorting(path, config, table).dataset(digest or fingerprint(path, config))


class _Sorting:
    """The columns of one table on their way into a data set."""

    def __init__(self, path: Path, config: TableConfig, table: pa.Table) -> None:
        self._path, self._config = path, config
        self._notes: list[str] = []
        if (rows := without_total(table)).num_rows < table.num_rows:
            self._notes.append("The last row left out: it sums up the others.")
            table = rows
        self._rows = table.num_rows
        self._values: dict[str, Any] = {}
        for name in table.column_names:
            self._values[name] = _as_numpy(table[name]) if name != config.of("time") else table[name].to_pandas()
        self._keep()

    def dataset(self, digest: str) -> Dataset:
        """The data set with this fingerprint."""
        label, (rating, center, scale) = self._config.of("label"), self._label()
        users, user_row = self._entities("user", "user_id")
        movies, movie_row = self._entities("item", "movie_id")
        movies["title"] = self._titles(movies, movie_row)
        ratings = {"user_row": user_row, "movie_row": movie_row, "rating": rating}
        if self._config.of("time") is not None:
            ratings["timestamp"] = self._times()
        tables: dict[Level, Any] = {"user": users, "movie": movies, "rating": ratings}
        rows: dict[Level, np.ndarray] = {"user": user_row, "movie": movie_row}
        known = []
        for name, column in self._config.features.items():
            if name in ("user_id", "movie_id"):
                known.append(Column(name, "user" if name == "user_id" else "movie", rare=self._config.rare))
                continue
            values = self._filled(column)
            level: Level = "rating"
            for side, role in _SIDES:
                if self._config.of(role) is not None and _belongs(values, rows[side], len(tables[side])):
                    level = side
                    values = values[_one_row_each(rows[side], len(tables[side]))]
                    break
            tables[level][name] = values
            kind: Kind = column.role  # type: ignore[assignment]
            known.append(
                Column(name, level, kind, column.separator, self._config.rare, log=column.log, buckets=column.buckets)
            )
        low, high = float(rating.min()), float(rating.max())
        if low == high:
            raise DataError(
                f"the label '{label}' of {file_name(self._path)} is {low:g} in every row: there is nothing to learn. Choose another."
            )
        item, user = self._config.of("item"), self._config.of("user")
        lower, higher = self._two()
        nouns = Nouns(
            user=noun(user, "user"),
            movie=noun(item, "item"),
            rating=_words(str(label)),
            unit=f"{'standard deviations' if scale != 1 else 'units'} of {_words(str(label))}",
            center=center,
            scale=scale,
            features={name: readable(column.column) for name, column in self._config.features.items()},
            low=lower,
            high=higher,
        )
        return Dataset(
            name=table_name(self._path),
            fingerprint=digest,
            ratings=pd.DataFrame(ratings, copy=False),
            users=users,
            movies=movies,
            rating_step=_step(rating, low, high),
            rating_min=low,
            rating_max=high,
            notes=tuple(self._notes),
            known=tuple(known),
            nouns=nouns,
        )

    def _keep(self) -> None:
        """Leaves out the rows that cannot be used, and notes how many."""
        config, keep = self._config, np.ones(self._rows, dtype=bool)
        needed: tuple[Role, ...] = ("label", "user", "item")
        for role in needed:
            if (name := config.of(role)) is not None:
                gap = _gaps(self._values[name]) & keep
                if gap.any():
                    self._notes.append(f"{_rows_word(gap)} without {name} left out.")
                    keep &= ~gap
        if config.missing == "drop":
            gap = np.zeros(self._rows, dtype=bool)
            for column in config.features.values():
                gap |= _gaps(self._values[column.column])
            if (gap & keep).any():
                self._notes.append(f"{_rows_word(gap & keep)} with a gap in a feature left out.")
                keep &= ~gap
        if not keep.any():
            raise DataError(
                f"no row of {file_name(self._path)} has all that it needs. Choose other roles, or fill the gaps."
            )
        if not keep.all():
            self._values = {name: values[keep] for name, values in self._values.items()}
            self._rows = int(keep.sum())

    def _label(self) -> tuple[np.ndarray, float, float]:
        """The labels as they are learned, float32 `(rows,)`, and the mean and scale that were taken out."""
        name = self._config.of("label") or ""
        values = self._values[name]
        if isinstance(values, pd.Categorical):
            one = zeros_and_ones(values.categories) or {}
            self._notes.append(f"{name} is {_which(one, 1)} and {_which(one, 0)}.")
            values = np.array([one[text] for text in values.categories], np.float64)[values.codes]
        if not self._config.scale_label:
            if float(np.abs(values).max()) > 3e37:
                raise DataError("labels must be below 3e37. Received a larger one. Scale the label, or correct it.")
            return values.astype(np.float32), 0.0, 1.0
        mean, scale = float(values.mean()), float(values.std())
        if not 0 < scale < np.inf:
            return np.zeros(len(values), np.float32), mean, 1.0
        self._notes.append(
            f"The {_words(name)} is measured in standard deviations of all rows, held-out ones included: "
            "a unit that every split shares. A network starts at the mean of its training rows."
        )
        return ((values - mean) / scale).astype(np.float32), mean, scale

    def _two(self) -> tuple[str, str]:
        """The lower and the higher label as the table has them where there are only two; else two empty texts."""
        values = self._values[self._config.of("label") or ""]
        if isinstance(values, pd.Categorical):
            one = zeros_and_ones(values.categories) or {}
            return min(one, key=one.__getitem__), max(one, key=one.__getitem__)
        found = pd.unique(values)
        return (f"{found.min():g}", f"{found.max():g}") if len(found) == 2 else ("", "")

    def _entities(self, role: Any, key: str) -> tuple[pd.DataFrame, np.ndarray]:
        """The table of users or items, and the row of each rating in it, int32 `(rows,)`; one for all where there are none."""
        name = self._config.of(role)
        if name is None:
            return pd.DataFrame({key: np.array([1], np.int64)}), np.zeros(self._rows, np.int32)
        codes, names = pd.factorize(self._values[name], sort=True)
        ids = _whole(names)
        table = pd.DataFrame({key: np.arange(1, len(names) + 1) if ids is None else ids})
        if ids is None:
            table["name"] = pd.Series(names.astype("object"), dtype="str")
        return table, codes.astype(np.int32)

    def _titles(self, movies: pd.DataFrame, movie_row: np.ndarray) -> pd.Series:
        title, item = self._config.of("title"), self._config.of("item")
        if title is not None:
            found = self._values[title][_one_row_each(movie_row, len(movies))]
            texts = pd.Series(np.asarray(found.astype("object")), dtype="str")
            return texts.fillna("without a title")
        if item is None:
            return pd.Series(["everything"], dtype="str")
        return movies["name"] if "name" in movies else movies["movie_id"].astype("str")

    def _filled(self, column: ColumnConfig) -> Any:
        """Values of a feature, with gaps as the table's settings want them."""
        values = self._values[column.column]
        if column.role == "list":
            return values.add_categories("").fillna("") if "" not in values.categories else values.fillna("")
        if column.role == "category" and self._config.missing == "category" and _gaps(values).any():
            return (
                values.fillna(MISSING)
                if MISSING in values.categories
                else values.add_categories(MISSING).fillna(MISSING)
            )
        return values

    def _times(self) -> np.ndarray:
        """Seconds since 1970, int64 `(rows,)`."""
        name = self._config.of("time") or ""
        column = self._values[name].reset_index(drop=True)
        seconds, either = read_times(column)
        bad = ~(np.abs(seconds) < 1e11)
        if bad.mean() > 0.5:
            raise DataError(
                f"column '{name[:60]}' must hold times: dates like 2024-05-31 or 31.05.2024, or seconds since 1970. Received: "
                f"'{str(column[int(np.argmax(bad))])[:60]}'. Give it another role."
            )
        if bad.any():
            self._notes.append(f"{_rows_word(bad)} without a readable {name} taken as the oldest.")
        if either is not None:
            self._notes.append(
                f"{name} is read month first, as in {either}: nothing in it says which number is the day."
            )
        return np.where(bad, np.nanmin(np.where(bad, np.nan, seconds)), seconds).astype(np.int64)


def table_name(path: Path) -> str:
    """What a table is called, by its file."""
    return Path(file_name(path)).stem[:80] or "table"


def fingerprint(path: Path, config: TableConfig) -> str:
    """Hex digest of a table's bytes and roles.

    Raises:
        DataError: The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{file_name(path)} cannot be read: {error.strerror}. Check that you may read it.") from None
    return hashlib.sha256(f"{content} {config.model_dump_json()}".encode()).hexdigest()


def _as_numpy(column: pa.ChunkedArray) -> Any:
    """Numbers as float64 with NaN for gaps and infinities, texts as a categorical."""
    if pa.types.is_dictionary(column.type):
        return pd.Categorical(column.to_pandas())
    values = column.to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def _rows_word(rows: np.ndarray) -> str:
    count = int(rows.sum())
    return "1 row" if count == 1 else f"{count:,} rows"


def _gaps(values: Any) -> np.ndarray:
    return values.codes < 0 if isinstance(values, pd.Categorical) else np.isnan(values)


def _one_row_each(rows: np.ndarray, size: int) -> np.ndarray:
    """A row of the table for each user or item."""
    found = np.zeros(size, dtype=np.int64)
    found[rows[::-1]] = np.arange(len(rows) - 1, -1, -1)  # the first one stays
    return found


def _belongs(values: Any, rows: np.ndarray, size: int) -> bool:
    """Whether all ratings of each user, or item, have the same value."""
    codes = values.codes if isinstance(values, pd.Categorical) else values
    own = codes[_one_row_each(rows, size)][rows]
    return bool(((own == codes) | ((own != own) & (codes != codes))).all())


def _whole(names: Any) -> np.ndarray | None:
    """Ids as whole numbers, if all are written as such; or all as 12.0, as programs write them beside gaps."""
    texts = pd.Index(names).astype("str")
    if texts.str.endswith(".0").all():
        texts = texts.str.removesuffix(".0")
    if not texts.str.fullmatch(r"(0|[1-9][0-9]{0,17})").all():
        return None
    return texts.astype("int64").to_numpy()


def _which(one: Mapping[str, int], value: int) -> str:
    return f"{value} for {' or '.join(text for text in one if one[text] == value)[:80]}"


def _step(rating: np.ndarray, low: float, high: float) -> float:
    """The step of a label's scale: 1 or a half where all labels keep to it, else a small part of its range."""
    for step in (1.0, 0.5):
        if high - low <= _MOST_STEPS * step and bool((rating / step == np.rint(rating / step)).all()):
            return step
    return (high - low) / _STEPS


def _words(header: str) -> str:
    """A column's name in the middle of a sentence: letters, digits and blanks, for sentences may be Markdown or HTML."""
    return " ".join(re.sub(r"[\W_]+", " ", header).split())[:60] or "label"


def readable(header: str) -> str:
    """A column's name as people write it: `trip_type` is a trip type. All other signs stay."""
    return " ".join(header.replace("_", " ").split()) or header


def noun(column: str | None, fallback: str) -> str:
    """What a single user or item is called: `customer_id` is a customer."""
    text = _words(column or fallback)
    for ending in (" id", " ID", "Id", "ID", " number", " no", " key", " name"):
        text = text.removesuffix(ending)
    return text.strip().lower() or fallback
