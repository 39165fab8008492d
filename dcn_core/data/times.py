"""Times of any table in seconds since 1970: numbers, days as 20240531, ISO dates, and dates whose day or month comes first."""

from typing import NamedTuple

import numpy as np
import pandas as pd

_DATE = r"^\s*(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})(?!\d)(?P<rest>.*)$"
_TODAY = r"(?i)^\s*(now|today|t?\d{1,2}:)"
"""Texts that pandas takes for a time of the day on which it reads them."""
_OLDEST = -30_610_224_000
"""The year 1000 in seconds: what has a day but no year is read as of the year 1."""
_CENTURY = 69
"""The two digits of a year from which it is one of the 20th century, as in POSIX."""


class Times(NamedTuple):
    """A column of times.

    Attributes:
        seconds: Since 1970, float64 `(rows,)`, NaN where a value is none.
        either: A date of a column in which day and month could be swapped everywhere: it was read month first.
    """

    seconds: np.ndarray
    either: str | None = None


def read_times(column: pd.Series) -> Times:
    """Returns the times of a column.

    Numbers are days as of `whole_dates`, or else seconds, or thousandths, millionths or billionths of one, by their size.
    Dates with the year in front are ISO. Of the others, those with dots are day first. Those with slashes or dashes have one order in the whole column:
    what more of them allow, and month first where all allow both.
    """
    column = column.reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(column):
        seconds = column.to_numpy(np.float64, na_value=np.nan)
        if (days := whole_dates(seconds)) is not None:
            return Times(days)
        middle = float(np.nanmedian(np.abs(seconds))) if np.isfinite(seconds).any() else 0.0
        return Times(seconds / next((unit for unit in (1e9, 1e6, 1e3) if middle / unit > 1e8), 1.0))
    if column.dtype.kind == "M":
        return Times(_seconds(pd.to_datetime(column, utc=True)))
    texts, either = _year_first(column.astype("str"))
    texts = texts.mask(texts.str.match(_TODAY))
    return Times(_seconds(pd.to_datetime(texts, errors="coerce", utc=True, format="mixed")), either)


def whole_dates(numbers: np.ndarray) -> np.ndarray | None:
    """Returns days that are written as 20240531 in seconds since 1970, NaN where a number is none; None unless nearly all are."""
    known = (numbers >= 1900_01_01) & (numbers <= 2100_12_31) & (numbers == np.floor(numbers))
    whole = np.where(known, numbers, 0).astype(np.int64)
    year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (day - 1)
    known &= (month >= 1) & (month <= 12) & (date.astype("datetime64[M]") == first)
    if not known.sum() > 0.9 * np.isfinite(numbers).sum():
        return None
    return np.where(known, date.astype("datetime64[s]").astype(np.float64), np.nan)


def _seconds(times: pd.Series) -> np.ndarray:
    seconds = times.astype("datetime64[s, UTC]").astype("int64").to_numpy(np.float64)
    seconds[times.isna().to_numpy() | (seconds < _OLDEST)] = np.nan
    return seconds


def _year_first(texts: pd.Series) -> tuple[pd.Series, str | None]:
    """The texts with dates in the order of ISO, and a date of which only the default said what is the day."""
    found = texts.str.extract(_DATE).dropna()
    if found.empty:
        return texts, None
    first, second, year = (found[name].astype("int64") for name in ("first", "second", "year"))
    dotted = found["sign"] == "."
    day_first, month_first = ~dotted & (first > 12), ~dotted & (second > 12)
    swapped = dotted | (day_first.sum() > month_first.sum())
    day, month = first.where(swapped, second), second.where(swapped, first)
    year = year.where(year > 99, year + np.where(year < _CENTURY, 2000, 1900))
    iso = [part.astype("str").str.zfill(2) for part in (year, month, day)]
    read = texts.copy()
    read[found.index] = (iso[0] + "-" + iso[1] + "-" + iso[2] + found["rest"]).where(month <= 12)
    either = texts[found.index][~dotted & (first != second)]
    decided = bool((day_first | month_first).any())
    return read, None if decided or either.empty else either.iloc[0].strip()
