"""Scores with the noise of the seed: what the same experiment scores from other starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from dcn_core.compare.metrics import score
from dcn_core.runs.seeds import same_but_seed
from dcn_core.runs.summary import RunSummary


@dataclass(frozen=True)
class SeedScores:
    """What an experiment scores, seed by seed.

    Attributes:
        run: The run that stands for it.
        values: Score by seed, `run`'s own among them. Of a run that is not what its settings alone give (it was stopped
            early, or went on from another) only its own.
    """

    run: RunSummary
    values: dict[int, float]

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return fmean(self.values.values())

    @property
    def spread(self) -> float | None:
        """Standard deviation over the seeds, divided by S - 1; None for one seed."""
        return stdev(self.values.values()) if len(self.values) > 1 else None


def seed_scores(runs: Sequence[RunSummary], run: RunSummary, part: str, metric: str) -> SeedScores | None:
    """Returns the scores of a finished run's experiment; None if the run has no such score.

    Args:
        runs: All runs, newest first.
        run: One of them.
        part: Of the data: validation or test.
        metric: Name of the score.
    """
    own = score(run, part, metric)
    if own is None or run.config is None:
        return None
    seed = run.config.train.seed
    group = same_but_seed(runs, run.config, run.data) if run.data else {}
    if seed not in group or group[seed].fingerprint != run.fingerprint:
        return SeedScores(run, {seed: own})
    found = {other: score(one, part, metric) for other, one in group.items()}
    return SeedScores(run, {s: value for s, value in found.items() if value is not None} | {seed: own})
