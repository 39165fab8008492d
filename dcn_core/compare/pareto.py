"""Which runs are worth their cost: no other one is both better and cheaper."""

import numpy as np
import pandas as pd

from dcn_core.compare.metrics import better, score
from dcn_core.runs.summary import RunSummary

COSTS = {"parameters": "Weights", "train_s": "Training time"}
"""What a run costs: numbers that its network learns, and seconds in its epochs on the machine that it ran on."""


def cost(run: RunSummary, kind: str) -> float | None:
    """A cost of a finished run, see `COSTS`."""
    result = run.result or {}
    if kind == "parameters":
        value = result.get("parameters")
    else:
        epochs = (result.get("timing") or {}).get("epoch_s")
        value = sum(epochs) if epochs else None
    return float(value) if isinstance(value, int | float) and value > 0 else None


def pareto(runs: list[RunSummary], part: str, metric: str, kind: str) -> pd.DataFrame:
    """Score and cost of each run that has both, cheapest first.

    Returns:
        `run` (id), `name`, `cost`, `score`, `front` (whether no other run is at least as good for at most the cost, and better
        in one of the two).
    """
    rows = [
        (run.id, run.name, own_cost, own_score)
        for run in runs
        if (own_cost := cost(run, kind)) is not None and (own_score := score(run, part, metric)) is not None
    ]
    frame = pd.DataFrame(rows, columns=["run", "name", "cost", "score"])
    costs = frame["cost"].to_numpy(float)
    errors = frame["score"].to_numpy(float) * (1 if better(metric) == "lower" else -1)
    dominated = [
        bool(np.any((costs <= c) & (errors <= e) & ((costs < c) | (errors < e))))
        for c, e in zip(costs, errors, strict=True)
    ]
    frame["front"] = ~np.array(dominated, dtype=bool)
    return frame.sort_values(["cost", "score"], ignore_index=True)
