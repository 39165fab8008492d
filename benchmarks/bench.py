"""What all rows of one run of the benchmarks share: the data, a folder for everything that they write, and options."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.task import Task
from benchmarks.turns import ROOT
from benchmarks.world import ratings_to_measure, write_archive
from dcn_core.data.dataset import Dataset


def no_browser() -> str:
    """Why no browser can be driven here; empty if one can."""
    try:
        from tests.e2e.browser import chromium
    except ImportError as error:
        return str(error)
    return "" if chromium() else "there is no Chromium on this machine"


@dataclass
class Bench:
    """One run of the benchmarks.

    Attributes:
        folder: A temporary folder.
        given: A real archive to measure on in place of generated data.
        rounds: How often each contestant plays.
        full: Whether to take the time for the largest sizes.
        quick: Whether turns are an eighth as long, to try the benchmarks themselves.
    """

    folder: Path
    given: Path | None = None
    rounds: int = 5
    full: bool = False
    quick: bool = False
    _tasks: dict[str, Path] = field(default_factory=dict)

    @cached_property
    def dataset(self) -> Dataset:
        """The ratings that everything but the scaling row is measured on."""
        return ratings_to_measure(self.given)

    @cached_property
    def archive(self) -> Path:
        """The same ratings as an archive."""
        return self.given or write_archive(self.dataset, self.folder / "ml-1m.zip")

    def steps(self, steps: int) -> int:
        """Steps of a turn that has so many; 0 is a whole epoch."""
        return max(8, (steps or 800) // 8) if self.quick else steps

    @property
    def cache(self) -> Path:
        """The playground's own caches, empty when the benchmarks begin."""
        return self.folder / "cache"

    def task(self, network: str, batch_size: int) -> Path:
        """The folder of a task for players."""
        name = f"{network}-{batch_size}"
        if name not in self._tasks:
            self._tasks[name] = Task.make(self.dataset, network, batch_size).save(self.folder / name)
        return self._tasks[name]

    def run(self, *arguments: object, cache: Path | None = None) -> str:
        """Runs a Python module of the repository as a user would, and returns what it printed.

        Raises:
            RuntimeError: It failed; with what it wrote.
        """
        environment = os.environ | {
            "PLAYGROUND_CACHE": str(cache or self.cache),
            "PLAYGROUND_RUNS": str(self.folder / "runs"),
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        done = subprocess.run(
            [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, arguments))} failed:\n{done.stderr[-3000:]}")
        return done.stdout
