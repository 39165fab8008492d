"""Two experiments over some seeds: is one better, or is it the seed?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcn_core.config.metrics import Metric
from dcn_core.errors import PredictionError
from dcn_core.insight.wording import signed

CONFIDENCE = 0.95
ENOUGH = 5
"""Seeds from which on an interval is more than a guess."""


@dataclass(frozen=True)
class Comparison:
    """The difference of two experiments' mean scores, and how far the seed explains it.

    Attributes:
        metric: What is compared.
        names: Of the first and the second experiment.
        seeds: Those that count, of each.
        mean: Mean score of the second minus that of the first, over these seeds.
        low, high: The 95 % interval of the difference.
    """

    metric: Metric
    names: tuple[str, str]
    seeds: tuple[tuple[int, ...], tuple[int, ...]]
    mean: float
    low: float
    high: float

    @property
    def paired(self) -> bool:
        """Whether the difference was taken seed by seed."""
        return self.seeds[0] == self.seeds[1]

    @property
    def winner(self) -> int | None:
        """0 or 1 where the interval leaves out zero, else None."""
        if self.low <= 0 <= self.high:
            return None
        return int((self.mean < 0) == (self.metric.better == "lower"))

    def sentence(self) -> str:
        """The verdict in plain words."""
        counts = [len(own) for own in self.seeds]
        said = f"{counts[0]} shared seeds" if self.paired else f"{counts[0]} and {counts[1]} seeds"
        unit = f" {self.metric.unit}" if self.metric.unit else ""
        interval = f"95 % interval {signed(self.low, 4)} to {signed(self.high, 4)}{unit}, {said}"
        few = "" if min(counts) >= ENOUGH else " So few seeds make the interval a rough one."
        if self.winner is None:
            beside = (
                f"{self.names[1]} has {abs(self.mean):.4f} {'more' if self.mean > 0 else 'less'} {self.metric.short}"
            )
            return f"No difference beyond seed noise: {beside} on average ({interval}).{few}"
        best, other = self.names[self.winner], self.names[1 - self.winner]
        return f"{best} is better than {other}: {abs(self.mean):.4f} {self.metric.short} ({interval}).{few}"


def compare(
    first: Mapping[int, float], second: Mapping[int, float], metric: Metric, names: tuple[str, str]
) -> Comparison:
    """Compares the scores of two experiments by seed, by Student's t.

    A seed decides the order of the ratings and the start of every layer that both have, and so moves both scores alike
    (their correlation over seeds: docs/decisions.md). With two or more seeds in common, these alone count and the
    difference is taken seed by seed: what moves both cancels. Otherwise all seeds count, and the spread of each experiment
    is its own (Welch's degrees of freedom); of one that was trained once, that of the other.

    Both must be measured on the same rows.

    Args:
        first: Score by seed.
        second: Likewise.
        metric: What they are.
        names: Of the two, for the sentence.

    Raises:
        PredictionError: Neither was trained with two seeds.
    """
    from scipy.special import stdtrit  # here, for it takes 0.2 s to import

    shared = tuple(sorted(first.keys() & second.keys()))
    if len(shared) > 1:
        seeds = shared, shared
        differences = np.array([second[seed] - first[seed] for seed in shared])
        mean, freedom = float(differences.mean()), len(shared) - 1.0
        error = float(differences.std(ddof=1)) / len(shared) ** 0.5
    else:
        seeds = tuple(sorted(first)), tuple(sorted(second))
        values = [np.array([*own.values()]) for own in (first, second)]
        mean, (error, freedom) = float(values[1].mean() - values[0].mean()), _unpaired(*values)
    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    return Comparison(metric, names, seeds, mean, mean - half, mean + half)


def _unpaired(*values: np.ndarray) -> tuple[float, float]:
    """Standard error of the difference of two means, and its degrees of freedom."""
    variances = [float(own.var(ddof=1)) for own in values if len(own) > 1]
    if not variances:
        raise PredictionError(
            "a difference beyond seed noise needs at least one experiment that was trained with two or more seeds. Received: one "
            "seed each. Train both with the same two or more seeds."
        )
    if len(variances) == 1:
        return (variances[0] * sum(1 / len(own) for own in values)) ** 0.5, max(map(len, values)) - 1.0
    parts = [variance / len(own) for variance, own in zip(variances, values, strict=True)]
    total = sum(parts)
    if total == 0:
        return 0.0, float(min(map(len, values)) - 1)
    return total**0.5, total**2 / sum(part**2 / (len(own) - 1) for part, own in zip(parts, values, strict=True))
