"""The shape of `result.json`: what a page or a list may rely on."""

import math
from typing import Any

from dcn_core.config.metrics import TARGETS, metrics_of, target_of

_WHOLE = ("parameters", "best_epoch", "epochs_run")


def result_problem(result: Any) -> str | None:
    """What is wrong with the value of a result file, None if nothing is.

    A result has `scores` by part of the data: None, or numbers by metric. All else may be missing, but is of its kind.
    """
    if not isinstance(result, dict) or not isinstance(result.get("scores"), dict):
        return "scores by part of the data"
    for part in result["scores"].values():
        if part is not None and not _are_scores(part):
            known = " or ".join(", ".join(metric.name for metric in metrics_of(target)) for target in TARGETS)
            return f"{known} as numbers in each part of the scores"
    for name in _WHOLE:
        if name in result and not (type(result[name]) is int and 0 <= result[name] < 2**63):
            return f"a whole number as {name}"
    timing = result.get("timing", {})
    if not isinstance(timing, dict):
        return "seconds by name as timing"
    epochs = timing.get("epoch_s", [])
    if not isinstance(epochs, list) or not all(_number(value) for value in (*epochs, timing.get("total_s", 0.0))):
        return "seconds as numbers in timing"
    return None


def _are_scores(part: Any) -> bool:
    """Whether all metrics of a target are there as numbers."""
    target = target_of(part) if isinstance(part, dict) else None
    return target is not None and all(_number(part[metric.name]) for metric in metrics_of(target))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value < 1e12
