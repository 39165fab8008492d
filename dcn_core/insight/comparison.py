"""Two experiments over the same seeds: is one better, or is it the seed?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcn_core.config.metrics import Metric
from dcn_core.errors import PredictionError

CONFIDENCE = 0.95
ENOUGH = 5
"""Seeds from which on an interval is more than a guess."""


@dataclass(frozen=True)
class Comparison:
    """Scores of two experiments, paired by seed.

    Attributes:
        metric: What is compared.
        names: Of the first and the second experiment.
        seeds: The seeds that both were trained with.
        differences: Second minus first, seed by seed.
        low, high: The 95 % interval of the mean difference, by Student's t of the differences.
    """

    metric: Metric
    names: tuple[str, str]
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    low: float
    high: float

    @property
    def mean(self) -> float:
        """Mean difference, second minus first."""
        return float(np.mean(self.differences))

    @property
    def winner(self) -> int | None:
        """0 or 1 where the interval leaves out zero, else None."""
        if self.low <= 0 <= self.high:
            return None
        return int((self.mean < 0) == (self.metric.better == "lower"))

    def sentence(self) -> str:
        """The verdict in plain words."""
        count = len(self.seeds)
        unit = f" {self.metric.unit}" if self.metric.unit else ""
        interval = f"95 % interval {self.low:+.4f} to {self.high:+.4f}{unit}, {count} seeds"
        few = "" if count >= ENOUGH else f" {count} seeds make the interval a rough one."
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
    """Compares the scores of two experiments by seed, on the seeds that both have.

    Both must be measured on the same rows: then the rows' own chance cancels, and what is left is the seeds'.

    Args:
        first: Score by seed.
        second: Likewise.
        metric: What they are.
        names: Of the two, for the sentence.

    Raises:
        PredictionError: They share fewer than two seeds.
    """
    from scipy.special import stdtrit  # here, for it takes 0.2 s to import

    seeds = tuple(sorted(first.keys() & second.keys()))
    if len(seeds) < 2:
        raise PredictionError(
            f"a difference beyond seed noise needs at least two seeds that both were trained with. Received: {len(seeds)}. "
            "Train both with the same two or more seeds."
        )
    differences = np.array([second[seed] - first[seed] for seed in seeds])
    half = stdtrit(len(seeds) - 1, (1 + CONFIDENCE) / 2) * differences.std(ddof=1) / np.sqrt(len(seeds))
    mean = float(differences.mean())
    return Comparison(metric, names, seeds, tuple(differences.tolist()), mean - float(half), mean + float(half))
