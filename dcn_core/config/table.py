"""What each column of a table of one's own is, and how its gaps and rarities are handled."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from dcn_core.config.fields import Config, setting

Role = Literal["user", "item", "title", "label", "category", "list", "number", "time", "ignore"]
ROLES: tuple[Role, ...] = get_args(Role)
MOST_COLUMNS, MOST_FEATURES = 500, 60
_ONCE = ("user", "item", "title", "label", "time")
_FEATURES = ("category", "list", "number")
_TAKEN = {"user_id", "movie_id", "user_row", "movie_row", "user", "title", "rating", "timestamp"}
_MOVIELENS = {"genres", "gender", "age", "occupation", "year"}
"""Names whose values are known to be MovieLens's codes."""

Header = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ColumnConfig(Config):
    """One column of a table.

    Attributes:
        column: Its name, as in the file.
        role: What it is.
        separator: Between the categories of a list.
        log: Whether a number is read as the logarithm of one plus itself: for prices, counts and all that has a long tail.
        buckets: Categories of about equally many rows into which a number is cut; 0 leaves it a number.
    """

    column: Header
    role: Role
    separator: Annotated[str, StringConstraints(min_length=1, max_length=8)] = "|"
    log: bool = False
    buckets: int = Field(default=0, ge=0, le=100)


class TableConfig(Config):
    """The columns of a table that are used, in their order, and what holds for all of them."""

    columns: tuple[ColumnConfig, ...] = Field(min_length=1, max_length=MOST_COLUMNS)
    sheet: str = setting(
        "",
        label="Sheet",
        group="Table",
        help="Name of the sheet of an Excel file; the first one if empty.",
        max_length=100,
    )
    missing: Literal["category", "unknown", "drop"] = setting(
        "category",
        label="Missing values",
        group="Table",
        help="category: a gap is a category of its own, a missing number the mean. unknown: a gap is treated like a category "
        "that training has never seen. drop: rows with a gap in any feature are left out.",
    )
    rare: int = setting(
        3,
        label="Fewest rows of a category",
        group="Table",
        help="Categories with fewer training rows than this share one embedding, that of the unknown. 1 keeps all.",
        choices=(1, 2, 3, 5, 10, 20, 50, 100),
        ge=1,
        le=100_000,
    )
    scale_label: bool = setting(
        False,
        label="Scale the label",
        group="Table",
        help="Measure the label in standard deviations from its mean, both of all rows: a unit that is the same for every split, so "
        "that scores can be compared. Needed where the label runs into the hundreds or is tiny, for a network starts with outputs "
        "around one.",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "TableConfig":
        names = [column.column for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"each column at most once. Received: {', '.join(names)[:200]}")
        for role in _ONCE:
            having = [column.column for column in self.columns if column.role == role]
            if len(having) > 1:
                raise ValueError(f"at most one column can be the {role}. Received: {', '.join(having)[:200]}")
        if self.of("label") is None:
            raise ValueError("one column must be the label: what the network learns to predict. Received none")
        if self.of("title") is not None and self.of("item") is None:
            raise ValueError(
                "a title is that of an item. Received a title but no item: choose the item's column as well"
            )
        if not self.features:
            raise ValueError(
                "at least one column must be a feature: a user, an item, a category, a list or a number. Received none"
            )
        if len(self.features) > MOST_FEATURES:
            raise ValueError(f"at most {MOST_FEATURES} features. Received: {len(self.features)}. Ignore some columns")
        return self

    def of(self, role: Role) -> str | None:
        """Name of the column with a role that only one can have."""
        return next((column.column for column in self.columns if column.role == role), None)

    @cached_property
    def features(self) -> dict[str, ColumnConfig]:
        """The columns that can be features by the feature's name; users and items last, as in MovieLens."""
        found: dict[str, ColumnConfig] = {}
        for column in self.columns:
            if column.role in _FEATURES:
                found[_free(identifier(column.column), found)] = column
        ids = {"user": "user_id", "item": "movie_id"}
        return found | {name: column for role, name in ids.items() for column in self.columns if column.role == role}


def identifier(header: str) -> str:
    """A column's name in letters that every library takes: `Engine size (l)` is `engine_size_l`."""
    ascii_only = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")[:60]
    if not name or name[0].isdigit():
        name = f"column_{name}".strip("_")
    return f"{name}_" if name in _TAKEN | _MOVIELENS else name


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, or the first of `name_2`, `name_3`, ... that is not taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def parse_role(text: str) -> dict[str, object]:
    """Returns the fields of a `ColumnConfig` that a short form stands for.

    Args:
        text: A role, with `:log` or a number of buckets behind number, and a separator behind list: `number:log`,
            `number:10`, `list:;`.

    Raises:
        ValueError: It is none of these.
    """
    role, colon, more = text.partition(":")
    if role not in ROLES:
        raise ValueError(f"a role is one of {', '.join(ROLES)}. Received: '{text[:60]}'")
    if not colon:
        return {"role": role}
    if role == "list" and more:
        return {"role": role, "separator": more}
    if role == "number" and more == "log":
        return {"role": role, "log": True}
    if role == "number" and more.isascii() and more.isdigit() and 2 <= int(more[:4]) <= 100:
        return {"role": role, "buckets": int(more)}
    raise ValueError(f"expected number:log, number:2 to number:100 or list:SEPARATOR. Received: '{text[:60]}'")


def role_text(column: ColumnConfig) -> str:
    """The short form of a column's role, as `parse_role` reads it."""
    if column.role == "list":
        return f"list:{column.separator}"
    if column.role == "number" and column.buckets:
        return f"number:{column.buckets}"
    return "number:log" if column.role == "number" and column.log else column.role
