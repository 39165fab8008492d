"""Speed and memory of the worker from a hundred thousand to millions of ratings."""

import json
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.bench import Bench
from benchmarks.live_page import throughput
from benchmarks.results import Section
from dcn_core.config.presets import preset_config
from dcn_core.config.run import override
from dcn_core.training.setup import configure_tensorflow

SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 5_000_000)
FULL = (*SIZES, 10_000_000, 20_000_000)
ROUNDS = 3
SECONDS = 4.0
"""How long each size trains: several epochs of the small ones, a part of one of the large."""


def measure(bench: Bench) -> Section:
    """Trains the notebook's network on generated ratings of each size, in a process each."""
    sizes = FULL if bench.full else SIZES
    section = Section(
        "scaling",
        "Ratings per second and memory by number of ratings",
        notes=[
            f"The worker's own code in a process for each size, from {sizes[0]:,} to {sizes[-1]:,} generated ratings"
            + ("." if bench.full else "; `--full` goes on to 20 million."),
            f"The notebook's network trains for {SECONDS:.0f} s, then the run is stopped, so it validates and finishes as any other. "
            "Ratings a second of training, validation left out, the median of "
            f"{ROUNDS} rounds; the network without ids, whose work per rating does not grow with the number of users and movies.",
            "Memory is the greatest of the whole process (`ru_maxrss`); bytes a rating are the slope of a straight line through "
            "all sizes, its start is the constant.",
        ],
    )
    answers: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
    for _ in range(ROUNDS):
        for size in sizes:
            printed = bench.run("benchmarks.scaling", size, bench.folder / "scaling")
            answers[size].append(json.loads(printed.splitlines()[-1]))
    speeds, memory = [], []
    for size, found in answers.items():
        speed, peak, seconds = (
            statistics.median(answer[name] for answer in found) for name in ("rows_per_second", "peak_bytes", "seconds")
        )
        speeds.append(speed)
        memory.append(peak)
        section.facts[f"{size:,} ratings"] = (
            f"{speed:,.0f} ratings a second, peak {peak / 1e6:,.0f} MB, {seconds:.1f} s in all"
        )
    slope, constant = np.polyfit(sizes, memory, 1)
    section.facts["Constant"] = f"{constant / 1e6:,.0f} MB"
    section.bar("ratings a second: (most - least) / most", "", 1 - min(speeds) / max(speeds), 0.2, "spread")
    section.bar("memory a rating above the constant", "", float(slope), 120, "bytes")
    return section


def main() -> None:
    """One size: `python -m benchmarks.scaling SIZE RUNS`. Prints speed and peak memory."""
    begin = time.perf_counter()
    from dcn_core.data.cache import cache_folder

    configure_tensorflow(cache_folder())
    from dcn_core.runs.store import RunStore
    from dcn_core.worker import execute

    config = override(preset_config("notebook", f"generated:{sys.argv[1]}"), ["train.epochs=1000"])
    config = override(config, ["train.patience=1000"])
    run = RunStore(Path(sys.argv[2])).create(config)
    trained_since: list[float] = []

    def control() -> str | None:
        trained_since.append(time.perf_counter())
        return "stop" if trained_since[-1] - trained_since[0] > SECONDS else None

    with run.lock():
        execute(run, control)
    if run.status().state != "stopped":
        raise SystemExit(f"{run.status().state}: {run.status().message}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(  # noqa: T201  the answer
        json.dumps(
            {
                "rows_per_second": throughput(run.events()[0], config.train.batch_size),
                "peak_bytes": peak,
                "seconds": time.perf_counter() - begin,
            }
        )
    )


if __name__ == "__main__":
    main()
