"""Deleted runs, kept for a while so that deleting can be undone."""

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from dcn_core.errors import RunError
from dcn_core.runs.folder import RunFolder

FOLDER = ".trash"
SECONDS_OF_A_DAY = 86_400.0


@dataclass(frozen=True)
class Trash:
    """The folder `.trash` inside the runs folder. A run's own time of change says since when it lies there.

    Args:
        root: The runs folder.
    """

    root: Path

    @property
    def path(self) -> Path:
        """Where deleted runs lie."""
        return self.root / FOLDER

    def put(self, run: RunFolder) -> None:
        """Moves a run here, in one step.

        Raises:
            RunError: A process is working on it, or the folder cannot be written.
        """
        with run.lock():  # whoever was about to work on it finds it gone
            try:
                self.path.mkdir(exist_ok=True)
                target = self.path / run.id
                run.path.rename(target)
                os.utime(target)
            except OSError as error:
                raise RunError(f"run {run.id} cannot be deleted: {error.strerror}.") from None

    def restore(self, run_id: str) -> None:
        """Moves a run back.

        Raises:
            RunError: It is not here any more, or the folder cannot be written.
        """
        try:
            (self.path / run_id).rename(self.root / run_id)
        except FileNotFoundError:
            raise RunError(f"run {run_id} is not in the trash any more.") from None
        except OSError as error:
            raise RunError(f"run {run_id} cannot be put back: {error.strerror}.") from None

    def ids(self) -> list[str]:
        """Ids of the deleted runs, last deleted first."""
        return [run_id for run_id, _ in sorted(self._ages().items(), key=lambda item: item[1])]

    def empty(self, days: float) -> int:
        """Removes for good what was deleted longer than `days` ago; returns how many runs that were.

        Where the clock was set back, an age is negative and the run stays.
        """
        old = self.overdue(days)
        for run_id in old:
            shutil.rmtree(self.path / run_id, ignore_errors=True)
        return len(old)

    def overdue(self, days: float) -> list[str]:
        """Ids of the runs deleted longer than `days` ago."""
        return [run_id for run_id, age in self._ages().items() if age > days * SECONDS_OF_A_DAY]

    def _ages(self) -> dict[str, float]:
        """Seconds since each deletion."""
        ages = {}
        with contextlib.suppress(OSError), os.scandir(self.path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    with contextlib.suppress(OSError):
                        ages[entry.name] = time.time() - entry.stat().st_mtime
        return ages
