"""From the archive to a finished 9-epoch run of the notebook's network, whole processes, beside the notebook's own steps."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.results import Section, Timing
from benchmarks.turns import take_turns

EPOCHS = 9
PEER = "The notebook's steps"


class Ours:
    """`python -m dcn_core train` on caches that are emptied first, or not."""

    def __init__(self, bench: Bench, name: str, cold: bool) -> None:
        self.name, self._bench, self._cold = name, bench, cold
        self._cache = bench.folder / "whole-run-cache"

    def turn(self) -> dict[str, Any]:
        """Trains one run and returns its seconds."""
        if self._cold:
            shutil.rmtree(self._cache, ignore_errors=True)
        settings = [f"train.epochs={EPOCHS}", f"train.patience={EPOCHS}"]
        options = [part for setting in settings for part in ("--set", setting)]
        begin = time.perf_counter()
        printed = self._bench.run(
            *("dcn_core", "train", "--data", self._bench.archive, "--preset", "notebook", "--json", *options),
            cache=self._cache,
        )
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, **json.loads(printed.splitlines()[-1])}


def measure(bench: Bench) -> Section:
    """Measures the whole way in turns: empty caches, then the same again."""
    section = Section(
        "whole-run",
        f"Archive to a finished {EPOCHS}-epoch notebook run, whole process",
        notes=[
            "Wall time of the whole process: start of Python, imports, reading the archive, training, validation, and of ours "
            "also export, insight and the run's files.",
            f"The notebook's steps train one epoch; the other {EPOCHS - 1} are added as {EPOCHS - 1} times its seconds without the "
            "first step, which traces and compiles.",
            "Empty caches: neither the archive as Parquet nor compiled programs. Warm: both from the run before.",
        ],
    )
    peer, parts = _notebook(bench, bench.folder / "unpacked")
    turns = take_turns([Ours(bench, "empty", cold=True), Ours(bench, "warm", cold=False)], max(2, bench.rounds // 2))
    section.timings.append(Timing(PEER, [peer]))
    for work, answers in turns.items():
        section.timings.append(Timing("Playground", [answer["seconds"] for answer in answers], f"{work} caches"))
        timing = answers[-1]["timing"]
        told = ", ".join(f"{key} {timing[f'{key}_s']:.2f} s" for key in ("prepare", "compile", "total"))
        section.facts[f"Playground, {work} caches, last run"] = f"{told}, epochs {sum(timing['epoch_s']):.2f} s"
        mse = answers[-1]["scores"]["validation"]["mse"]
        section.facts[f"Playground, {work} caches, validation MSE"] = f"{mse:.5f}"
    section.facts["The notebook's steps"] = ", ".join(f"{key[:-2]} {value:.1f} s" for key, value in parts.items())
    for work, limit in (("empty caches", 1 / 12), ("warm caches", 1 / 18)):
        ours = section.timing("Playground", work).median
        section.bar(f"{EPOCHS}-epoch notebook run, {work}", PEER, ours / peer, limit, "ratio")
    return section


def _notebook(bench: Bench, folder: Path) -> tuple[float, dict[str, float]]:
    """Seconds of the notebook's steps with all epochs, and of their parts."""
    begin = time.perf_counter()
    printed = bench.run("benchmarks.notebook_steps", bench.archive, folder)
    seconds = time.perf_counter() - begin
    parts: dict[str, float] = json.loads(printed.splitlines()[-1])
    return seconds + (EPOCHS - 1) * parts["epoch_s"], parts
