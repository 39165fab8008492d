"""The scores that runs are compared by. What each metric is, and which way it is better, is said in `dcn_core.config.metrics`."""

from collections.abc import Mapping
from typing import Any

from dcn_core.config.metrics import METRICS, Direction, Metric
from dcn_core.runs.summary import RunSummary

PARTS = {"validation": "Validation", "test": "Test"}


def better(metric: str) -> Direction:
    """Which way a metric is better; lower for one that is not known."""
    return METRICS[metric].better if metric in METRICS else "lower"


def metric_name(metric: str) -> str:
    """A metric as a column names it."""
    return METRICS[metric].short if metric in METRICS else metric


def axis_name(part: str, metric: str) -> str:
    """A metric of a part of the data as an axis names it: `Test RMSE, in stars (lower is better)`."""
    unit = METRICS[metric].unit if metric in METRICS else ""
    return f"{PARTS.get(part, part)} {metric_name(metric)}{f', in {unit}' if unit else ''} ({better(metric)} is better)"


def score(run: RunSummary, part: str, metric: str) -> float | None:
    """A score of a finished run, None if it has none of that kind."""
    value = _scores(run, part).get(metric)
    return float(value) if isinstance(value, int | float) else None


def shared_metrics(runs: list[RunSummary], part: str) -> list[Metric]:
    """Metrics that all of the runs have on a part of the data."""
    found = [_scores(run, part) for run in runs]
    return [metric for name, metric in METRICS.items() if found and all(name in own for own in found)]


def best_first(values: Mapping[Any, float], metric: str) -> list[Any]:
    """Keys of `values`, the best first."""
    return sorted(values, key=lambda key: values[key], reverse=better(metric) == "higher")


def _scores(run: RunSummary, part: str) -> dict[str, Any]:
    return ((run.result or {}).get("scores") or {}).get(part) or {}
