"""What is the same in networks that differ only by their seed: a finding that changes with the seed is not one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.recovery import TOP, rank_correlation
from dcn_core.insight.wording import listed, pair_words, sentence, words

ENOUGH = 5
"""Seeds from which on a spread is more than a guess."""


@dataclass(frozen=True, eq=False)
class AcrossSeeds:
    """An interaction map of runs that differ only by their seed.

    Attributes:
        feature_names: `F` names.
        seeds: `S` of them, at least two.
        matrices: `(S, F, F)`; NaN where the measure has no such block.
        directed: Whether W_ij and W_ji are two blocks (row: feature of x0 that is multiplied), and not one pair in two cells.
    """

    feature_names: tuple[str, ...]
    seeds: tuple[int, ...]
    matrices: np.ndarray
    directed: bool = False

    @property
    def mean(self) -> np.ndarray:
        """`(F, F)`."""
        return np.asarray(self.matrices.mean(axis=0))

    @property
    def spread(self) -> np.ndarray:
        """`(F, F)`, the standard deviation over seeds, estimated from these few (divided by S - 1)."""
        return np.asarray(self.matrices.std(axis=0, ddof=1))

    @property
    def rank_stability(self) -> float:
        """Mean rank correlation of the blocks between any two runs: 1 if all put them in the same order."""
        i, j = self._cells()
        values = self.matrices[:, i, j]
        return float(np.mean([rank_correlation(a, b) for a, b in combinations(values, 2)]))

    def frame(self) -> pd.DataFrame:
        """One row per block, largest mean first: `feature`, `other`, `mean`, `spread`, `best_rank` and `worst_rank` (1 is
        strongest) over the seeds, `times_first`, and one column per seed."""
        i, j = self._cells()
        names = np.array(self.feature_names, dtype=object)
        by_seed = pd.DataFrame(
            {f"seed {seed}": matrix[i, j] for seed, matrix in zip(self.seeds, self.matrices, strict=True)}
        )
        ranks = by_seed.rank(ascending=False, method="min")
        frame = pd.DataFrame(
            {
                "feature": names[i],
                "other": names[j],
                "mean": self.mean[i, j],
                "spread": self.spread[i, j],
                "best_rank": ranks.min(axis=1).astype(int),
                "worst_rank": ranks.max(axis=1).astype(int),
                "times_first": (ranks == 1).sum(axis=1),
            }
        )
        frame = pd.concat([frame, by_seed], axis=1)
        return frame.sort_values("mean", ascending=False, ignore_index=True, kind="stable")

    def sentence(self, unit: str) -> str:
        """Whether the strongest block is the strongest for every seed, and how far the rest can be believed."""
        frame, count = self.frame(), len(self.seeds)
        if frame.empty or frame["mean"].iloc[0] <= 0:
            return "No two features are crossed with any of these seeds."
        top = frame.iloc[0]
        name = f"{words(top['feature'])} × {words(top['other'])} is the strongest block"
        if not self.directed:
            name = f"{pair_words(top['feature'], top['other'])} are crossed most"
        first = f"{name} with {_of(int(top['times_first']), count)}: {top['mean']:.2f} ± {top['spread']:.2f} {unit}."
        steady = len(frame) > TOP and bool((frame["worst_rank"].head(TOP) <= TOP).all())
        second = "The same three lead every time" if steady else "Which three lead changes with the seed"
        if len(frame) <= TOP:
            second = "So few are no test of their order"
        elif np.isfinite(self.rank_stability):
            second += f", and the order of all {len(frame)} agrees with a rank correlation of {self.rank_stability:.2f}"
        few = f" {count} seeds say little about the spread." if count < ENOUGH else ""
        return f"{sentence(first)} {second}.{few}"

    def plain(self) -> dict[str, object]:
        """As values of JSON, where missing numbers are null."""

        def rows(matrix: np.ndarray) -> list[list[float | None]]:
            return [[float(value) if np.isfinite(value) else None for value in row] for row in matrix]

        stability = self.rank_stability
        return {
            "seeds": list(self.seeds),
            "features": list(self.feature_names),
            "mean": rows(self.mean),
            "spread": rows(self.spread),
            "rank_stability": stability if np.isfinite(stability) else None,
        }

    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the blocks that the measure has."""
        size = len(self.feature_names)
        i, j = np.indices((size, size)).reshape(2, -1) if self.directed else np.triu_indices(size)
        known = np.isfinite(self.matrices[:, i, j]).all(axis=0)
        return i[known], j[known]


def across_seeds(
    feature_names: Sequence[str], by_seed: Mapping[int, np.ndarray], directed: bool = False
) -> AcrossSeeds:
    """Puts the matrices `(F, F)` of several runs beside each other.

    Raises:
        PredictionError: There are fewer than two, or their shapes differ.
    """
    size = len(feature_names)
    shapes = {matrix.shape for matrix in by_seed.values()}
    if len(by_seed) < 2 or shapes != {(size, size)}:
        raise PredictionError(
            f"a spread needs at least two matrices ({size}, {size}), one a seed. Received: {len(by_seed)} of shapes "
            f"{listed(sorted(map(str, shapes)))}. Train the same settings with another seed."
        )
    return AcrossSeeds(tuple(feature_names), tuple(by_seed), np.array(list(by_seed.values()), dtype=float), directed)


def _of(times: int, count: int) -> str:
    if times == count:
        return "both seeds" if count == 2 else f"all {count} seeds"
    return f"{times} of {count} seeds"
