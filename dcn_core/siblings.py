"""A run beside the finished runs that differ from it only by their seed: where `runs` and `insight` meet."""

from collections.abc import Mapping, Sequence

import numpy as np

from dcn_core.errors import PlaygroundError
from dcn_core.insight.seeds import AcrossSeeds, across_seeds
from dcn_core.pictures.measures import Measure, matrices
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.seeds import same_but_seed
from dcn_core.runs.store import RunStore
from dcn_core.runs.summary import RunSummary
from dcn_core.study import read_report


def siblings(runs: Sequence[RunSummary], run: RunFolder) -> dict[int, RunSummary]:
    """The runs of the same experiment by seed, `run` among them; waiting and training ones too.

    Args:
        runs: Newest first.
        run: Empty is returned for one that is not what its config would have given, such as one that was stopped early.
    """
    record, config = run.record(), run.config()
    data, seed = record.get("data"), config.train.seed
    found = same_but_seed(runs, config, data) if isinstance(data, str) else {}
    return found if seed in found and found[seed].fingerprint == record.get("fingerprint") else {}


def maps(run: RunFolder) -> dict[str, np.ndarray]:
    """The interaction maps of a finished run, `(F, F)`, layers added: `effect` (symmetric; only where the report has it),
    `strength`, `block_norm` and `per_size` (row: feature of x0; only with cross layers).

    Raises:
        RunError: Its files are missing or damaged.
    """
    insight, found = run.insight(), {}
    if "crosses/effect" in insight and "crosses" in read_report(run).sections:
        found["effect"] = insight["crosses/effect"]
    if len(insight["strength"]):
        found["strength"] = insight["strength"].sum(axis=0)
        if np.isfinite(insight["block_norm"]).all():
            norms: tuple[Measure, ...] = ("block_norm", "per_size")
            found |= {measure: matrices(insight, measure).sum(axis=0) for measure in norms}
    return found


def compare(by_seed: Mapping[int, RunFolder]) -> dict[str, AcrossSeeds]:
    """Every map that at least two of the runs have, over the seeds of those that have it."""
    every = {}
    for seed, run in by_seed.items():
        try:
            every[seed] = maps(run)
        except PlaygroundError:  # a damaged run takes no part
            continue
    names = next((tuple(map(str, by_seed[seed].insight()["feature_names"])) for seed in every), ())
    measures = dict.fromkeys(measure for own in every.values() for measure in own)
    together = {measure: {seed: own[measure] for seed, own in every.items() if measure in own} for measure in measures}
    return {
        measure: across_seeds(names, by_run, directed=measure != "effect")
        for measure, by_run in together.items()
        if len(by_run) > 1
    }


def finished_by_seed(store: RunStore, run: RunFolder) -> dict[int, RunFolder]:
    """Folders of the finished siblings by seed, `run` among them."""
    return {seed: store.open(one.id) for seed, one in siblings(store.list(), run).items() if one.status.finished}
