"""Every feature of a data set as few categories: what a table or a picture can show side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.data.categories import category_name, number_name
from dcn_core.data.column import Column
from dcn_core.data.dataset import Dataset
from dcn_core.data.feature import parts

IDS = ("user_id", "movie_id")
MOST_CATEGORIES = 40
"""More categories than these are put together: numbers in buckets, names in one for all rare ones."""
BUCKETS = 8
OTHERS, UNKNOWN = "all others", "unknown"


@dataclass(frozen=True, eq=False)
class Grouping:
    """One feature in few categories.

    Attributes:
        name: Of the feature.
        level: What its values belong to: "user", "movie" or "rating".
        codes: Row of `membership` of each user, movie or rating, int64 `(n,)`.
        membership: Share of each category, `(codes.max() + 1, A)`: one-hot, but for a list, whose categories share equally.
        categories: A readable names.
    """

    name: str
    level: str
    codes: np.ndarray
    membership: np.ndarray
    categories: tuple[str, ...]

    @property
    def is_list(self) -> bool:
        """Whether one value can be several categories."""
        return not (
            len(self.membership) == len(self.categories)
            and bool((self.membership == np.eye(len(self.categories))).all())
        )

    def of_ratings(self, dataset: Dataset) -> np.ndarray:
        """The code of each rating, `(num_ratings,)`."""
        return self.codes if self.level == "rating" else self.codes[dataset.ratings[f"{self.level}_row"].to_numpy()]


def groupings(dataset: Dataset) -> list[Grouping]:
    """Returns every feature of a data set but the ids, in order; those with a single category are left out."""
    found = []
    for column in dataset.columns():
        if column.name in IDS:
            continue
        values = dataset.table(column.level)[column.name]
        if column.kind == "list":
            made = _list(column, values)
        elif pd.api.types.is_numeric_dtype(values) and values.nunique() > MOST_CATEGORIES:
            made = _buckets(column, values)
        else:
            made = _names(column, values)
        if len(made.categories) > 1:
            found.append(made)
    return found


def _one_hot(column: Column, codes: np.ndarray, categories: list[str]) -> Grouping:
    """Codes of -1 are values that are missing."""
    if (codes < 0).any():
        codes, categories = np.where(codes < 0, len(categories), codes), [*categories, UNKNOWN]
    return Grouping(column.name, column.level, codes.astype(np.int64), np.eye(len(categories)), tuple(categories))


def _names(column: Column, values: pd.Series) -> Grouping:
    codes, distinct = pd.factorize(values, sort=True)
    if len(distinct) > MOST_CATEGORIES:
        counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
        kept = np.sort(np.argsort(-counts, kind="stable")[: MOST_CATEGORIES - 1])
        place = np.full(len(distinct) + 1, len(kept))
        place[kept], place[-1] = np.arange(len(kept)), -1  # the last for what is missing
        names = [category_name(column.name, value) for value in distinct[kept].tolist()]
        return _one_hot(column, place[codes], [*names, OTHERS])
    return _one_hot(column, codes, [category_name(column.name, value) for value in distinct.tolist()])


def _buckets(column: Column, values: pd.Series) -> Grouping:
    """Buckets of equal width, cut further where most of the values are."""
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    known = ~np.isnan(numbers)
    inner = np.linspace(0, 1, BUCKETS + 1)[1:-1]
    low, high = numbers[known].min(), numbers[known].max()
    edges = np.unique(np.concatenate([np.quantile(numbers[known], inner), low + (high - low) * inner]))
    codes = np.where(known, np.searchsorted(edges, numbers, side="right"), -1)
    used, codes[known] = np.unique(codes[known], return_inverse=True)
    names = []
    for code in range(len(used)):
        inside = numbers[codes == code]
        names.append(" to ".join(dict.fromkeys(number_name(end, 6) for end in (inside.min(), inside.max()))))
    return _one_hot(column, codes, names)


def _list(column: Column, values: pd.Series) -> Grouping:
    codes, texts = pd.factorize(values.astype("object").fillna(""))
    lists = [parts(str(text), column.separator) for text in texts]
    counts = pd.Series([part for row in codes for part in lists[row]]).value_counts()
    names = sorted(counts.index[:MOST_CATEGORIES])
    place = {part: number for number, part in enumerate(names)}
    membership = np.zeros((len(texts), len(names)))
    for row, own in enumerate(lists):
        known = [place[part] for part in own if part in place]
        if known:
            membership[row, known] = 1 / len(known)
    return Grouping(column.name, column.level, codes.astype(np.int64), membership, tuple(names))
