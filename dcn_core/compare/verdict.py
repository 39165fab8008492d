"""Two runs as two experiments: their scores over the seeds that they were trained with."""

from collections.abc import Sequence

from dcn_core.compare.comparable import Terms
from dcn_core.compare.noise import seed_scores
from dcn_core.config.metrics import METRICS, loss_metric
from dcn_core.errors import RunError
from dcn_core.insight.comparison import Comparison, compare
from dcn_core.runs.summary import RunSummary


def between(runs: Sequence[RunSummary], first: RunSummary, second: RunSummary, metric: str | None = None) -> Comparison:
    """Compares the experiments of two finished runs, on test ratings where both have some.

    Args:
        runs: All runs, newest first.
        first: One run of the first experiment.
        second: One of the second.
        metric: Name of the score; None for the one that training minimises.

    Raises:
        RunError: They were not measured on the same rows, or have no such score.
        PredictionError: Neither was trained with two seeds.
    """
    terms = Terms(runs)
    if terms.of(first) is None or terms.of(first) != terms.of(second):
        raise RunError(
            "two runs can be compared on the same data, split in the same way, with the same target. "
            f"{first.id} and {second.id} differ in that. Train one of them anew."
        )
    target = first.config.data.target if first.config is not None else "rating"
    chosen = METRICS.get(metric or loss_metric(target).name)
    for part in ("test", "validation"):
        if chosen is None:
            break
        one, other = (seed_scores(runs, run, part, chosen.name) for run in (first, second))
        if one is not None and other is not None:
            return compare(one.values, other.values, chosen, (first.id, second.id))
    known = ", ".join(name for name, one in METRICS.items() if one.target == target)
    raise RunError(f"both runs must be finished and have the score, one of {known}. Received: '{metric or 'auto'}'.")
