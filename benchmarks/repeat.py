"""The same config trained twice in two processes: the same weights, bit for bit."""

import json

import numpy as np

from benchmarks.bench import Bench
from benchmarks.results import Section
from dcn_core.runs.store import RunStore

PRESETS = ("default", "notebook")


def measure(bench: Bench) -> Section:
    """Compares the weights of two runs of each preset."""
    section = Section(
        "repeat",
        "The same seed again",
        notes=[
            "Two processes each, 2 epochs on 100,000 generated ratings, then every number of `weights.npz` compared bit for bit. "
            "Calls of the compiled loop are cut by the clock, so the two runs do not even make the same calls.",
        ],
    )
    store = RunStore(bench.folder / "runs")
    for preset in PRESETS:
        pair = []
        for _ in range(2):
            printed = bench.run(
                *("dcn_core", "train", "--data", "generated:100000", "--preset", preset),
                *("--set", "train.epochs=2", "--json"),
            )
            pair.append(store.open(json.loads(printed.splitlines()[-1])["run"]).weights())
        numbers = sum(values.size for values in pair[0].values())
        differing = sum(int((pair[0][k].view(np.uint32) != pair[1][k].view(np.uint32)).sum()) for k in pair[0])
        section.facts[f"{preset}: numbers compared"] = f"{numbers:,}"
        section.bar(f"{preset} preset trained twice: numbers that differ", "", differing, 0, "differences")
    return section
