"""The combinations of categories that move the rating most beyond what each category does alone, in stars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.network import Indices, Network
from dcn_core.insight.wording import amount, words

CONTEXT_ROWS = 128
"""Ratings whose other features each combination is tried with."""
MOST_TRIALS, FEWEST_CONTEXTS = 120_000, 24
"""Of many combinations, each is tried with fewer other features, so that a pair of ids takes no longer than others."""
MOST_CATEGORIES = 60
"""Of a feature with more categories, only the most frequent ones are tried: of ids, busy users and popular films."""
FEWEST_RATINGS = 30


@dataclass(frozen=True)
class CategoryGrid:
    """A pair of features, category by category.

    Attributes:
        effect: `(A, B)`, what the combination adds to the rating beyond its two categories, in stars: the mean prediction
            over the context, with weighted row and column means taken out. Weighted by frequency its mean is zero along
            both axes.
        count: `(A, B)`, ratings of that combination among the given ones; a film counts for each of its genres.
        rows: Indices of the `A` categories.
        columns: Indices of the `B` categories.
    """

    effect: np.ndarray
    count: np.ndarray
    rows: np.ndarray
    columns: np.ndarray


def category_grid(network: Network, indices: Indices, feature: str, other: str, seed: int = 0) -> CategoryGrid:
    """Tries every combination of two features' categories. A genre stands for a film with that genre alone.

    Args:
        network: Any architecture.
        indices: Features of `n` ratings, all training ratings for instance: they say how frequent categories are, and
            some of them are the context.
        feature: The feature along the rows.
        other: The feature along the columns.
        seed: Of the choice of the context.

    Raises:
        PredictionError: A feature is not one of the network's, or both are the same.
    """
    specs = {str(spec.name): spec for spec in network.specs}
    if feature == other or not {feature, other} <= set(specs):
        raise PredictionError(
            f"a pair is two different features of {', '.join(specs)}. Received: '{feature}' and '{other}'."
        )
    n = len(indices[feature])
    members = [_members(specs[name].codes(indices[name]), specs[name].vocabulary_size) for name in (feature, other)]
    (rows, row_of), (columns, column_of) = members
    count = joint_counts(row_of, column_of, len(rows), len(columns))
    context = np.random.default_rng(seed).permutation(n)[: _contexts(len(rows) * len(columns))]
    a, b = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    size, combinations = len(context), len(a)
    trial = {name: np.tile(index[context], (combinations, *[1] * (index.ndim - 1))) for name, index in indices.items()}
    trial[feature] = specs[feature].values(np.repeat(a, size))
    trial[other] = specs[other].values(np.repeat(b, size))
    mean = network.rating(trial).reshape(combinations, size).mean(axis=1).reshape(len(rows), len(columns))
    row_weight, column_weight = count.sum(axis=1) / count.sum(), count.sum(axis=0) / count.sum()
    mean = mean - (mean @ column_weight)[:, None]
    return CategoryGrid(mean - (row_weight @ mean)[None, :], count, rows, columns)


def _contexts(combinations: int) -> int:
    """Ratings whose other features so many combinations are tried with."""
    return max(FEWEST_CONTEXTS, min(CONTEXT_ROWS, MOST_TRIALS // max(combinations, 1)))


def category_pairs(
    network: Network,
    indices: Indices,
    pairs: Sequence[tuple[str, str]],
    categories: Mapping[str, Sequence[str]],
    most: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """Returns the combinations with the largest effect on the rating among some pairs of features.

    Args:
        network: Any architecture.
        indices: As of `category_grid`.
        pairs: Pairs of features, the strongest of `pair_effects` for instance.
        categories: Readable names by feature, aligned with the indices, as of `Encoder.categories`.
        most: Number of combinations.
        seed: Of the choice of the context.

    Returns:
        `feature`, `category`, `other`, `other_category`, `effect` (signed, in stars) and `count` (ratings behind it; those
        with fewer than `FEWEST_RATINGS` are left out). Largest effect first.
    """
    frames = []
    for feature, other in pairs:
        grid = category_grid(network, indices, feature, other, seed)
        i, j = np.nonzero(grid.count >= FEWEST_RATINGS)
        names = [np.array([*map(str, categories[name])], dtype=object) for name in (feature, other)]
        frames.append(
            pd.DataFrame(
                {
                    "feature": feature,
                    "category": names[0][grid.rows[i]],
                    "other": other,
                    "other_category": names[1][grid.columns[j]],
                    "effect": grid.effect[i, j],
                    "count": grid.count[i, j],
                }
            )
        )
    columns = ["feature", "category", "other", "other_category", "effect", "count"]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({name: [] for name in columns})
    return frame.sort_values("effect", key=np.abs, ascending=False, ignore_index=True, kind="stable").head(most)


def category_sentence(frame: pd.DataFrame) -> str:
    """The first combination in words."""
    if frame.empty:
        return "No combination of categories has enough ratings to speak of."
    top = frame.iloc[0]
    direction = "higher" if top["effect"] > 0 else "lower"
    return (
        f"{top['category']} ({words(top['feature'])}) with {top['other_category']} ({words(top['other'])}) is rated "
        f"{amount(abs(top['effect']))} stars {direction} than the two alone would say, from {int(top['count']):,} rating{'' if top['count'] == 1 else 's'}."
    )


def _members(index: np.ndarray, vocabulary_size: int) -> tuple[np.ndarray, np.ndarray]:
    """The categories tried, and their positions by rating, `(n, slots)`, -1 where none; unknown is no category."""
    slots = index.reshape(len(index), -1)
    count = np.bincount(slots[slots > 0], minlength=vocabulary_size)
    chosen = np.sort(np.argsort(-count, kind="stable")[: min(MOST_CATEGORIES, int((count > 0).sum()))])
    position = np.full(vocabulary_size, -1)
    position[chosen] = np.arange(len(chosen))
    return chosen, np.where(slots > 0, position[np.maximum(slots, 0)], -1)


def joint_counts(rows: np.ndarray, columns: np.ndarray, num_rows: int, num_columns: int) -> np.ndarray:
    """Ratings of each combination, int64 `(num_rows, num_columns)`, from categories `(n, slots)` with -1 in empty slots."""
    count = np.zeros(num_rows * num_columns, dtype=np.int64)
    for a in rows.T:
        for b in columns.T:
            both = (a >= 0) & (b >= 0)
            count += np.bincount(a[both] * num_columns + b[both], minlength=len(count))
    return count.reshape(num_rows, num_columns)
