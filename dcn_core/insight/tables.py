"""Predictors that only look things up: means by category, shrunken towards zero as far as the training ratings ask for.

Each category's value is the sum of its residuals over n + k, with k = σ² / τ²: the variance within categories over the
variance between them, as the training rows estimate it (the method of moments of a random effect; Robinson, "That BLUP is
a good thing", 1991). Nothing is tuned on validation rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Codes = Mapping[str, np.ndarray]
"""Category of each rating by table, int `(n,)`."""


@dataclass(frozen=True)
class AdditiveTables:
    """`mean` plus one value of each table. Categories without training ratings add nothing.

    Attributes:
        mean: Mean training rating.
        values: `(categories,)` by table, in stars.
        shrinkage: k by table, in ratings; infinite where categories do not differ.
    """

    mean: float
    values: dict[str, np.ndarray]
    shrinkage: dict[str, float]

    def predict(self, codes: Codes) -> np.ndarray:
        """Returns the predictions, float64 `(n,)`."""
        n = len(next(iter(codes.values()), np.empty(0)))
        return self.mean + sum((values[codes[name]] for name, values in self.values.items()), np.zeros(n))

    @property
    def num_values(self) -> int:
        """How many numbers were fitted."""
        return 1 + sum(len(values) for values in self.values.values())


def fit_tables(codes: Codes, sizes: Mapping[str, int], rating: np.ndarray, sweeps: int = 12) -> AdditiveTables:
    """Fits all tables together, each in turn on what the others leave: a ridge regression with one penalty a table.

    Args:
        codes: Categories of the training ratings by table, `(n,)` each.
        sizes: Number of categories by table.
        rating: `(n,)`.
        sweeps: Turns of each table, at most; it ends early when nothing moves by more than 0.0005 stars.
    """
    mean = float(np.mean(rating, dtype=np.float64))
    residual = rating.astype(np.float64) - mean
    counts = {name: np.bincount(code, minlength=sizes[name]) for name, code in codes.items()}
    values = {name: np.zeros(sizes[name]) for name in codes}
    shrinkage = dict.fromkeys(codes, np.inf)
    for sweep in range(sweeps):
        moved = 0.0
        for name, code in codes.items():
            n = counts[name]
            # Sums of what the other tables leave, without putting this one's share back rating by rating.
            sums = np.bincount(code, residual, minlength=sizes[name]) + n * values[name]
            if sweep < 3:
                # Σ (residual + value)², from sums by category.
                square = float(np.sum(residual**2) + np.sum(values[name] * (2 * sums - n * values[name])))
                shrinkage[name] = _shrinkage(sums, n, square)
            new = sums / (n + shrinkage[name]) if np.isfinite(shrinkage[name]) else np.zeros(sizes[name])
            change = new - values[name]
            residual -= change[code]
            moved = max(moved, float(np.abs(change[n > 0]).max(initial=0)))
            values[name] = new
        if sweep >= 3 and moved < 5e-4:
            break
    return AdditiveTables(mean, values, shrinkage)


def _shrinkage(sums: np.ndarray, n: np.ndarray, square: float) -> float:
    """σ² / τ² from sums, counts and the sum of squares: a category's mean varies by τ² + σ² / n."""
    sums, n = sums[n > 0], n[n > 0]
    between = float(np.sum(sums**2 / n))
    within = max(square - between, 0.0) / max(int(n.sum()) - len(n), 1)
    spread = between - within * len(n)
    return within * float(n.sum()) / spread if spread > 0 else np.inf
