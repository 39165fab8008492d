"""Guesses from the first rows of a table what each column is. A person corrects the guess."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from dcn_core.config.table import MOST_COLUMNS, MOST_FEATURES, ColumnConfig, TableConfig
from dcn_core.data.times import read_times, whole_dates
from dcn_core.data.two_values import is_yes_or_no, zeros_and_ones
from dcn_core.errors import DataError

_USER = re.compile(
    r"^(user|customer|client|member|person|reader|visitor|patient|student|reviewer|player|passenger|guest|buyer|shopper|subscriber|viewer|listener)s?"
    r" ?(id|no|number|key|name)?$"
)
_ITEM = re.compile(
    r"^(item|movie|film|book|product|article|song|track|restaurant|game|anime|isbn|asin|sku|recipe|hotel|beer|wine|course|store|shop)s?"
    r" ?(id|no|number|key)?$"
)
_TITLE = re.compile(r"^(.* )?(title|name)$")
_LABELS = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(rating|label|target|score|star|y|output)s?$",
        r"^(review|overall|user|customer|guest|total|final|average|mean) (rating|score)s?$",
        r"^((is|has|was|did) )?(click|clicked|churn|churned|convert|converted|conversion|purchase|purchased|bought|survived|subscribed|default|defaulted|fraud|outcome)$",
        r"^(price|value|sale|sales|amount|grade|revenue|cost)s?$",
    )
)
"""Names of columns that are predicted, the surer ones first."""
_TIME = re.compile(r"(^| )(time|timestamp|date|datetime|day|when|created|at|datum|zeit|zeitpunkt)($| )")
_DATE = r"\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1\d{4}"
_SEPARATORS = "|;,/"
_FEW, _MANY = 20, 0.5
"""Distinct whole numbers up to which they are categories, and share of the rows from which texts are no categories."""
_LONG_TAIL = 20.0
"""How many times the median the largest value of a number must be for its logarithm to be taken."""
_TYPICAL = 0.2, 20.0
"""Standard deviations of a label that a network can start from as it is."""


class Facts(NamedTuple):
    """What the first rows say of a column.

    Attributes:
        values: The known ones: float64 if they are numbers, else text.
        numeric: Whether they are numbers.
        distinct: How many different ones there are.
        rows: Rows of the table, gaps included.
    """

    values: pd.Series
    numeric: bool
    distinct: int
    rows: int

    @property
    def gaps(self) -> int:
        """Rows without a value."""
        return self.rows - len(self.values)

    @property
    def two(self) -> bool:
        """Whether there are two of them, upper case aside."""
        return not self.numeric and zeros_and_ones(self.values.unique()) is not None

    @property
    def whole(self) -> bool:
        """Whether all are whole numbers."""
        return self.numeric and bool((self.values == np.floor(self.values)).all())


def facts(column: pa.ChunkedArray) -> Facts:
    """Returns what a column's values are like."""
    kind = column.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    values = column.to_pandas().dropna()
    values = values.astype("float64").loc[np.isfinite] if numeric else values.map(_as_text)
    return Facts(values, numeric, int(values.nunique()), len(column))


def guess(head: pa.Table) -> TableConfig:
    """Returns the roles that the columns of a table seem to have, and its settings.

    Raises:
        DataError: No column can be predicted, or none can predict.
    """
    columns = guess_columns(head)
    received = f"Received the columns {', '.join(column.column for column in columns)[:200]}."
    label = next((column.column for column in columns if column.role == "label"), None)
    if label is None:
        raise DataError(
            "a table needs a column to be predicted: numbers that differ, or two values such as yes and no. "
            f"{received} Say which column is the label, or add one: ratings, prices, or 0 and 1."
        )
    if not any(column.role in ("user", "item", "category", "list", "number") for column in columns):
        raise DataError(
            "a table needs at least one column that tells something of the label beside the label itself. "
            f"{received} Choose their roles by hand."
        )
    return TableConfig(columns=columns, scale_label=needs_scale(facts(head[label])))


def needs_scale(label: Facts) -> bool:
    """Whether a label has a spread that a network cannot start from as it is."""
    if not label.numeric or len(label.values) < 2 or label.values.isin((0, 1)).all():
        return False
    return not _TYPICAL[0] <= float(label.values.std()) <= _TYPICAL[1]


def guess_columns(head: pa.Table) -> tuple[ColumnConfig, ...]:
    """Returns the roles that the columns of a table seem to have; none is the label if nothing can be predicted for sure."""
    names = _looked_at(head.column_names)
    known = {name: facts(head[name]) for name in names}
    roles: dict[str, dict[str, object]] = {name: _alone(name, known[name], head[name].type) for name in names}
    for role, pattern in (("user", _USER), ("item", _ITEM)):
        found = [name for name in names if pattern.match(_plain(name)) and roles[name]["role"] != "time"]
        for name in sorted(found, key=lambda name: _plain(name).endswith("name"))[:1]:
            roles[name] = {"role": role}
    if label := _label(names, known, roles):
        roles[label] = {"role": "label"}
    items = [name for name in names if roles[name]["role"] == "item"]
    titles = [
        name
        for name in names
        if _TITLE.match(_plain(name))
        and not known[name].numeric
        and roles[name]["role"] in ("category", "ignore", "list")
        and all(_names_each(known[name], known[item]) for item in items)
    ]
    if titles and not items:
        roles[titles[0]] = {"role": "item"} if known[titles[0]].distinct < known[titles[0]].rows else {"role": "ignore"}
    elif titles:
        roles[titles[0]] = {"role": "title"}
    for name in [name for name in names if roles[name]["role"] == "time"][1:]:
        roles[name] = {"role": "ignore"}
    features = [name for name in names if roles[name]["role"] in ("category", "list", "number")]
    for name in features[MOST_FEATURES - 2 :]:
        roles[name] = {"role": "ignore"}
    return tuple(ColumnConfig.model_validate({"column": name, **roles[name]}) for name in names)


def _looked_at(names: list[str]) -> list[str]:
    """The columns that can be used: of too many the first ones, those with a name that says what they are, and the last one."""
    said = [name for name in names if any(pattern.match(_plain(name)) for pattern in (*_LABELS, _USER, _ITEM))]
    kept = set(list(dict.fromkeys([*said, names[-1], *names]))[:MOST_COLUMNS])
    return [name for name in names if name in kept]


def _plain(name: str) -> str:
    """The name of a column in small letters without signs: `Price (€)` is price, `user_id` and `userId` are user id."""
    return " ".join(re.findall(r"[^\W_]+", re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower()))


def _names_each(title: Facts, item: Facts) -> bool:
    """Whether a column tells of each item, so that it has about one value for each."""
    pairs = pd.DataFrame({"item": item.values, "title": title.values}).dropna().drop_duplicates()
    return len(pairs) <= 1.1 * item.distinct


def _alone(name: str, column: Facts, kind: pa.DataType) -> dict[str, object]:
    """The role of a column by itself, as if it were a feature."""
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return {"role": "time"}
    if not column.distinct or (column.distinct == 1 and not column.gaps):
        return {"role": "ignore"}
    if _is_time(column, _TIME.search(_plain(name)) is not None):
        return {"role": "time"}
    if pa.types.is_list(kind):
        return {"role": "list", "separator": "|"}
    if column.numeric:
        return _number(name, column)
    if separator := _separator(column):
        return {"role": "list", "separator": separator}
    many = column.distinct > max(50, _MANY * len(column.values))
    return {"role": "ignore" if many else "category"}


def _number(name: str, column: Facts) -> dict[str, object]:
    if column.whole and column.distinct <= _FEW:
        return {"role": "category"}
    lower = name.strip().lower()
    counts_up = column.whole and column.distinct == column.rows and column.rows > 10
    if counts_up and (
        lower in ("", "id", "index", "row", "no")
        or lower.endswith(("_id", " id"))
        or lower.startswith(("unnamed", "column "))
    ):
        return {"role": "ignore"}
    low, middle, high = (float(value) for value in column.values.quantile([0, 0.5, 1]))
    return {"role": "number", "log": low >= 0 and high > _LONG_TAIL * max(middle, 1e-9) and high > 1}


def _label(names: list[str], known: dict[str, Facts], roles: dict[str, dict[str, object]]) -> str | None:
    """The column that a network would predict: by its name, else the last number, else the last yes or no."""
    free = [name for name in names if roles[name]["role"] not in ("user", "item")]
    numbers = [name for name in free if known[name].numeric and known[name].distinct > 1]
    two = [name for name in free if known[name].two]
    if named := [name for pattern in _LABELS for name in free if pattern.match(_plain(name)) and name in numbers + two]:
        return named[0]
    features = [name for name in numbers if roles[name]["role"] in ("number", "category")]
    answers = [name for name in two if is_yes_or_no(known[name].values.unique())]
    return next((found[-1] for found in (features, numbers, answers) if found), None)


def _is_time(column: Facts, named: bool) -> bool:
    """Whether values are dates, or seconds since 1970 or days as 20240531 in a column named for times."""
    if column.numeric:
        numbers = column.values.to_numpy()
        return named and (bool((numbers > 1e8).mean() > 0.9) or whole_dates(numbers) is not None)
    some = column.values.head(200).astype(str)
    if not named and not some.str.match(_DATE).all():
        return False
    return len(some) > 0 and bool(np.isfinite(read_times(some).seconds).mean() > 0.9)


def _separator(column: Facts) -> str | None:
    """The sign between several categories in one text: in many rows, and what it separates comes again and again."""
    values = column.values.astype(str)
    for sign in _SEPARATORS:
        if values.str.contains(sign, regex=False).mean() < 0.2:
            continue
        parts = values.str.split(sign, regex=False).explode().str.strip()
        if parts.nunique() <= min(1000, max(20, 0.2 * len(parts))) and parts.str.len().mean() <= 30:
            return sign
    return None


def _as_text(value: object) -> str:
    return "|".join(map(str, value)) if isinstance(value, list | np.ndarray) else str(value)
