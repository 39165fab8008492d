"""From a click on Train to the first point of the curve, with the worker that waits for it."""

import itertools
import os
import time
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.results import Section, Timing
from dcn_core.config.presets import preset_config
from dcn_core.config.run import RunConfig, override
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor

KNOWN, UNKNOWN = "known model shape", "new model shape"
DATA = {"100,000 generated ratings": "", "1,000,209 ratings": "archive"}


def measure(bench: Bench) -> Section:
    """Starts runs through the app's supervisor, first of a shape that was never compiled, then of the same again."""
    section = Section(
        "first-point",
        "Click on Train to the first point",
        notes=[
            "From `Supervisor.start` to the `step` event in the run's `events.jsonl`, read as the page reads it. The worker has "
            "loaded TensorFlow before, as it does while a user turns knobs; the default network.",
            "The first point is the error of the untrained network, which is shown while the training program is compiled.",
            "New shape: another width of the deep network, which no cache has seen. Known shape: the same config again.",
        ],
    )
    os.environ["PLAYGROUND_CACHE"] = str(bench.cache)
    widths = itertools.count(48)
    supervisor = Supervisor(RunStore(bench.folder / "first-point"), keep_warm=True)
    try:
        for data, kind in DATA.items():
            for _ in range(max(2, bench.rounds // 2)):
                source = str(bench.archive) if kind else "generated:100000"
                config = override(
                    preset_config("default", source),
                    [f"model.deep_layer_sizes=[{next(widths)},32]", "train.epochs=1"],
                )
                for work in (UNKNOWN, KNOWN):
                    seconds = _first_point(supervisor, RunStore(bench.folder / "first-point"), config)
                    timing = next((t for t in section.timings if t.work == f"{data}, {work}"), None)
                    if timing is None:
                        section.timings.append(timing := Timing("Playground", [], f"{data}, {work}"))
                    timing.seconds.append(seconds)
    finally:
        supervisor.close()
    for timing in section.timings:
        known = timing.work.endswith(KNOWN)
        section.bar(f"first point, {timing.work}", "", timing.median, 1.5 if known else 4.0, "seconds")
    worst = max(max(timing.seconds) for timing in section.timings)
    section.bar("first point, worst of all", "", worst, 4.0, "seconds")
    return section


def _first_point(supervisor: Supervisor, store: RunStore, config: RunConfig) -> float:
    """Seconds from the start of a run to its first step. Waits for the run's end."""
    wait_until_idle(supervisor)
    clicked = time.time()
    run = store.open(supervisor.start(config))
    first = first_step(run)
    while not run.status().finished:
        time.sleep(0.05)
    return first - clicked


def first_step(run: RunFolder, patience: float = 120.0) -> float:
    """Waits for a run's first step and returns its time."""
    give_up = time.time() + patience
    while time.time() < give_up:
        for event in run.events()[0]:
            if event["type"] == "step":
                return float(event["time"])
        if run.status().state in ("failed", "interrupted"):
            break
        time.sleep(0.005)
    raise RuntimeError(
        f"the run did not begin to learn: {run.status().message} {[entry.line() for entry in run.log_entries(5)]}"
    )


def wait_until_idle(supervisor: Supervisor, patience: float = 60.0) -> None:
    """Waits until the warm worker has loaded TensorFlow: until it takes no more processor time."""
    give_up = time.time() + patience
    used = -1.0
    while time.time() < give_up:
        worker = supervisor.workers().get("warm")
        now = _processor_seconds(worker) if worker else -1.0
        if now > 1 and now == used:
            return
        used = now
        time.sleep(0.7)


def _processor_seconds(pid: int) -> float:
    """Processor time that a process has taken; where the system does not tell, a minute's wait must do."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return -1.0
