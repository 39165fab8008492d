"""Runs that are one experiment with different seeds: same config, same data, another start."""

from collections.abc import Sequence

from dcn_core.config.run import RunConfig, override
from dcn_core.runs.summary import RunSummary


def with_seed(config: RunConfig, seed: int) -> RunConfig:
    """The same experiment from another start."""
    return override(config, [f"train.seed={seed}"])


def same_but_seed(runs: Sequence[RunSummary], config: RunConfig, data_fingerprint: str) -> dict[int, RunSummary]:
    """Returns the runs of an experiment by seed, the newest of each; finished ones count before those on their way.

    A run belongs to it exactly if its fingerprint is that of the config with its own seed on these data. So one that was
    stopped early, or went on from another in a way of its own, does not.

    Args:
        runs: Newest first.
        config: The experiment, with any seed.
        data_fingerprint: Of the ratings it learns from.
    """
    expected: dict[int, str] = {}
    found: dict[int, RunSummary] = {}
    for run in runs:
        seed = _seed(run)
        if seed is None or not (run.status.finished or run.status.waiting_or_active):
            continue
        if seed not in expected:
            expected[seed] = with_seed(config, seed).fingerprint(data_fingerprint)
        is_better = seed not in found or (run.status.finished and not found[seed].status.finished)
        if run.fingerprint == expected[seed] and is_better:
            found[seed] = run
    return dict(sorted(found.items()))


def next_seeds(used: Sequence[int], count: int) -> list[int]:
    """The lowest seeds from 1 on that are free."""
    return [seed for seed in range(1, len(used) + count + 1) if seed not in used][:count]


def _seed(run: RunSummary) -> int | None:
    train = (run.settings or {}).get("train")
    seed = train.get("seed") if isinstance(train, dict) else None
    return seed if isinstance(seed, int) else None
