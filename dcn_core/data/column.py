"""What a data set knows of its users, movies and ratings, column by column: the features that a model may look at."""

from dataclasses import dataclass
from typing import Literal

from dcn_core.config.features import Level

Kind = Literal["category", "list", "number"]


@dataclass(frozen=True)
class Column:
    """A column of a data set that can be a feature.

    Attributes:
        name: Of the column in the table of its level, and of the feature.
        level: The table it stands in.
        kind: One category, several in one text, or a number.
        separator: Between the categories of a list.
        rare: Fewest training ratings of a category of its own; those with fewer share the unknown one.
        log: Whether a number is read as sign(x) · log(1 + |x|), as in Section 4.2 of arXiv:1708.05123.
        buckets: Categories into which a number is cut, each with about equally many training ratings; 0 leaves it a number.
    """

    name: str
    level: Level
    kind: Kind = "category"
    separator: str = "|"
    rare: int = 1
    log: bool = False
    buckets: int = 0


MOVIELENS: tuple[Column, ...] = (
    Column("genres", "movie", "list"),
    Column("gender", "user"),
    Column("age", "user"),
    Column("occupation", "user"),
    Column("year", "movie"),
    Column("user_id", "user"),
    Column("movie_id", "movie"),
)
"""The columns of every MovieLens release and of the generated world, in the order of `FEATURE_NAMES`."""
