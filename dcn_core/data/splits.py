"""Which ratings train, which decide when to stop, and which are touched once at the end.

Indices are split once, in NumPy, before anything is shuffled or batched: no rating is ever in two parts.
"""

import math
from typing import NamedTuple

import numpy as np

from dcn_core.config.data import DataConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.labels import labelled_rows
from dcn_core.errors import DataError


class Split(NamedTuple):
    """Rows of `Dataset.ratings` in each part, int64. Disjoint, and together all rows with a label; `test` may be empty."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_rows(dataset: Dataset, config: DataConfig) -> Split:
    """Splits the ratings as the config says. The same seed gives the same split.

    Raises:
        DataError: There are too few ratings, users or movies, or no timestamps to split by.
    """
    shares = config.validation_fraction, config.test_fraction
    rows = labelled_rows(dataset, config)
    if config.split == "time":
        return _by_time(dataset, rows, *shares)
    if config.split == "row":
        return _by_row(rows, *shares, config.split_seed)
    group = dataset.ratings[f"{config.split}_row"].to_numpy()
    return _by_group(rows, group, getattr(dataset.nouns, config.split), *shares, config.split_seed)


def _by_row(rows: np.ndarray, validation: float, test: float, seed: int) -> Split:
    """At random: scikit-learn's `train_test_split` to the row, test split off first, then validation.

    Written out because importing scikit-learn takes over a second; a test compares the two.
    """
    num_validation, num_test = _sizes(len(rows), validation, test)
    picked, rows = _take(rows, num_test, seed) if num_test else (rows[:0], rows)
    validation_rows, train = _take(rows, num_validation, seed)
    return Split(train, validation_rows, picked)


def _take(rows: np.ndarray, number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What `train_test_split(rows, test_size=number, random_state=seed)` returns as second and first part."""
    order = np.random.RandomState(seed).permutation(len(rows))
    return rows[order[:number]], rows[order[number:]]


def _by_time(dataset: Dataset, rows: np.ndarray, validation: float, test: float) -> Split:
    """The oldest ratings train, the newest test. Ratings of one moment stay together: none of them is the past of another."""
    if not dataset.has_timestamps:
        raise DataError(f"a split by time needs the time of each row. {dataset.name} has none. Split by row.")
    time = dataset.ratings["timestamp"].to_numpy()[rows]
    num_validation, num_test = _sizes(len(time), validation, test)
    moments, counts = np.unique(time, return_counts=True)
    parts = 3 if test else 2
    if len(moments) < parts:
        raise DataError(
            f"a split by time needs rows from at least {parts} different times, one for each part. Those of {dataset.name} are "
            f"from {len(moments)}. Split by row."
        )
    rated = np.cumsum(counts)
    first = _cut(rated, len(time) - num_validation - num_test, 1, len(moments) - parts + 1)
    second = _cut(rated, len(time) - num_test, first + 1, len(moments) - 1) if test else len(moments)
    order = rows[np.argsort(time, kind="stable")]
    return Split(*np.split(order, [rated[first - 1], rated[second - 1]]))


def _by_group(rows: np.ndarray, group: np.ndarray, noun: str, validation: float, test: float, seed: int) -> Split:
    """Whole users or movies, at random, until each part has about its share of the ratings."""
    present, counts = np.unique(group[rows], return_counts=True)
    parts = 3 if test else 2
    if len(present) < parts:
        raise DataError(
            f"a split by {noun} needs at least {parts} of them, one for each part. Received: {len(present)}. Split by row."
        )
    order = np.random.RandomState(seed).permutation(len(present))
    rated = np.cumsum(counts[order])
    first = _cut(rated, test * rated[-1], 1, len(order) - 2) if test else 0
    second = _cut(rated, (test + validation) * rated[-1], first + 1, len(order) - 1)
    part = np.zeros(int(present[-1]) + 1, dtype=np.int8)  # 0 train, 1 validation, 2 test
    part[present[order[:first]]] = 2
    part[present[order[first:second]]] = 1
    part_of_row = part[group[rows]]
    return Split(*(rows[part_of_row == code] for code in (0, 1, 2)))


def _cut(rated: np.ndarray, wanted: float, least: int, most: int) -> int:
    """How many groups from the start hold about `wanted` ratings, between two bounds."""
    after = int(np.searchsorted(rated, wanted))
    closer = after if after and wanted - rated[after - 1] <= rated[min(after, len(rated) - 1)] - wanted else after + 1
    return min(max(closer, least), most)


def _sizes(num_ratings: int, validation: float, test: float) -> tuple[int, int]:
    """Numbers of validation and test ratings, rounded up as scikit-learn does."""
    sizes = math.ceil(num_ratings * validation), math.ceil(num_ratings * test)
    if num_ratings - sum(sizes) < 1 or sizes[0] < 1:
        raise DataError(
            f"a split needs at least one row to train on and one to validate. Received: {num_ratings} rows, of which "
            f"{sizes[0]} validation and {sizes[1]} test. Use a larger source or smaller shares."
        )
    return sizes
