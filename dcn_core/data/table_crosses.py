"""Which crosses a plain table shows already: what a cross network could find, before any is trained.

For each pair of features a table of mean ratings is set against the best sum of two main effects, and both are judged on
ratings that they were not fitted on. So a table with many empty cells gains nothing by remembering noise.
"""

import itertools

import numpy as np
import pandas as pd

from dcn_core.data.dataset import Dataset
from dcn_core.data.grouping import Grouping, groupings

FOLDS = 5
MOST_RATINGS = 1_000_000
"""Of larger data so many ratings are drawn at random: enough to see a gain of a thousandth of the error."""
_T95 = 2.776445  # 97.5 % quantile of Student's t with FOLDS - 1 degrees of freedom
_RIDGE, _ENTITY_RIDGE = 50.0, 15.0  # ratings, or users or movies, that a cell needs to count half
_BIAS_RIDGE, _PASSES = 5.0, 3
_COLUMNS = ["feature", "other", "gain", "low", "high", "cells", "fitted_on"]


def table_crosses(dataset: Dataset, seed: int = 0) -> pd.DataFrame:
    """Returns the gain of each pair of features but the ids, largest first.

    A pair of a user's and a movie's feature is looked at after the mean of every user and movie was taken out, and judged on
    other ratings; a pair within users (or movies) is looked at in their means and judged on other users (or movies), because
    a table of them would otherwise pass off what single users are like as a cross.

    Args:
        dataset: Ratings.
        seed: Of the folds and, of more than `MOST_RATINGS`, of the draw.

    Returns:
        `feature`, `other`; `gain`, by how much the cross lowers the held-out squared error beyond both main effects, in
        stars², which is the variance that it explains; `low` and `high`, its 95 % interval over the folds; `cells`, the
        combinations of the table; `fitted_on`, "ratings", "users" or "movies".
    """
    rng = np.random.default_rng([seed, 0xF01D])  # a stream that nothing else draws from
    rows = np.arange(dataset.num_ratings)
    if len(rows) > MOST_RATINGS:
        rows = rng.choice(len(rows), MOST_RATINGS, replace=False)
    features = groupings(dataset)
    of_rating = {one.name: one.of_ratings(dataset)[rows] for one in features}
    position = {level: dataset.ratings[f"{level}_row"].to_numpy()[rows] for level in ("user", "movie")}
    sizes = {"user": len(dataset.users), "movie": len(dataset.movies)}
    rating = dataset.ratings["rating"].to_numpy(np.float64)[rows]
    biases = _biases(rating - rating.mean(), position, sizes) if len(rows) else {}
    found = []
    for first, second in itertools.combinations(features, 2):
        pair = (second, first) if second.is_list and not first.is_list else (first, second)
        if pair[1].is_list:
            continue  # two lists make a table that nobody reads
        within = pair[0].level if pair[0].level == pair[1].level != "rating" else None
        rest = rating - rating.mean()
        for level, bias in biases.items():
            if level != within:
                rest = rest - bias[position[level]]
        codes = of_rating[pair[0].name], of_rating[pair[1].name]
        if within is None:
            gains, weights = _gains(rest, codes, rng.integers(0, FOLDS, len(rows)), *pair)
        else:
            fold = rng.integers(0, FOLDS, sizes[within])[position[within]]
            counts = np.bincount(position[within], minlength=sizes[within])
            gains, weights = _gains(rest, codes, fold, *pair, 1 / (counts + _BIAS_RIDGE)[position[within]])
        if (weights > 0).sum() < 2:
            continue
        gain = float(np.average(gains, weights=weights))
        half = _T95 * float(np.std(gains[weights > 0], ddof=1)) / np.sqrt((weights > 0).sum())
        cells = len(pair[0].categories) * len(pair[1].categories)
        fitted_on = "ratings" if within is None else f"{within}s"
        found.append((first.name, second.name, gain, gain - half, gain + half, cells, fitted_on))
    frame = pd.DataFrame(found, columns=_COLUMNS)
    return frame.sort_values("gain", ascending=False, ignore_index=True, kind="stable")


def _biases(rest: np.ndarray, position: dict[str, np.ndarray], sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """What single users and movies add, by turns, drawn towards 0 where there are few ratings."""
    bias = {level: np.zeros(size) for level, size in sizes.items()}
    counts = {level: np.bincount(position[level], minlength=size) for level, size in sizes.items()}
    for _ in range(_PASSES):
        for level, other in (("movie", "user"), ("user", "movie")):
            left = rest - bias[other][position[other]]
            bias[level] = np.bincount(position[level], left, minlength=sizes[level]) / (counts[level] + _BIAS_RIDGE)
    return bias


def _gains(
    rest: np.ndarray,
    codes: tuple[np.ndarray, np.ndarray],
    fold: np.ndarray,
    one: Grouping,
    other: Grouping,
    weight: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The gain on each fold of what the others teach, in stars², and its number of ratings; both `(FOLDS,)`.

    Args:
        rest: What the cross has to explain, `(n,)`.
        codes: Of the two features, `(n,)` each.
        fold: Of each rating, `(n,)`.
        one: The first feature.
        other: The second one; no list.
        weight: Of each rating where it is fitted, `(n,)`: a user with many ratings tells little more of users than one with few.
    """
    shape = (len(one.membership), len(other.categories), FOLDS)
    cell = (codes[0] * shape[1] + codes[1]) * FOLDS + fold

    def table(values: np.ndarray | None) -> np.ndarray:
        return np.bincount(cell, values, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)

    n, total = table(None), table(rest)
    fit_n, fit_total, ridge = (
        (n, total, _RIDGE) if weight is None else (table(weight), table(weight * rest), _ENTITY_RIDGE)
    )
    gains, sizes = np.zeros(FOLDS), n.sum(axis=(0, 1))
    for k in range(FOLDS):
        seen, sums = fit_n.sum(axis=2) - fit_n[:, :, k], fit_total.sum(axis=2) - fit_total[:, :, k]
        additive = _additive(seen, sums, one.membership)
        beyond = one.membership @ _beyond(seen, sums - seen * additive, one, ridge)
        better = 2 * beyond * total[:, :, k] - n[:, :, k] * (2 * additive * beyond + beyond**2)
        gains[k] = better.sum() / max(1.0, sizes[k])
    return gains, sizes


def _additive(n: np.ndarray, total: np.ndarray, membership: np.ndarray) -> np.ndarray:
    """The best sum of two main effects, in each cell, `(I, J)`: least squares with a touch of ridge."""
    size = membership.shape[1]
    both = membership.T @ n
    normal = np.block([[membership.T @ (n.sum(axis=1)[:, None] * membership), both], [both.T, np.diag(n.sum(axis=0))]])
    target = np.concatenate([membership.T @ total.sum(axis=1), total.sum(axis=0)])
    weights = np.linalg.solve(normal + np.eye(len(normal)), target)
    effect: np.ndarray = (membership @ weights[:size])[:, None] + weights[size:]
    return effect


def _beyond(n: np.ndarray, left: np.ndarray, one: Grouping, ridge: float) -> np.ndarray:
    """What each combination adds beyond that, drawn towards 0 where there are few ratings, `(A, J)`."""
    if not one.is_list:
        return np.asarray(left / (n + ridge))
    normal = np.einsum("ia,ij,ib->jab", one.membership, n, one.membership, optimize=True)
    normal += ridge * np.eye(normal.shape[1])
    return np.asarray(np.linalg.solve(normal, (one.membership.T @ left).T[:, :, None])[:, :, 0].T)
