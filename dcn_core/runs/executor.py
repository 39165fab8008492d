"""Where runs are trained: what the supervisor needs of a place, and the place that is this machine."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from dcn_core.errors import ConfigError
from dcn_core.runs.process import WorkerProcess


class Worker(Protocol):
    """Something that works on one run. What it finds out it writes into the run's folder."""

    @property
    def pid(self) -> int:
        """Its process id, on the machine that it runs on."""
        ...

    def is_alive(self) -> bool:
        """Whether it is still there."""
        ...

    def send(self, line: str) -> bool:
        """Hands it a `Command`. Returns whether it could."""
        ...

    def wait(self, timeout: float) -> int | None:
        """Waits for its end and returns the exit code, negative for a signal; None if it is still there after `timeout`."""
        ...

    def kill(self) -> None:
        """Ends it at once."""
        ...

    def hang_up(self) -> None:
        """Lets it save a checkpoint and leave."""
        ...

    def close(self, timeout: float = 3.0) -> None:
        """Hangs up, and ends it if it is still there after `timeout` seconds."""
        ...


class Executor(Protocol):
    """A place where runs are trained. It hands out workers; the supervisor decides which run is next."""

    @property
    def slots(self) -> int:
        """Runs that may train there at the same time, as of now."""
        ...

    def launch(self, run: Path) -> Worker:
        """Has the run of a folder trained."""
        ...

    def prepare(self) -> None:
        """Makes ready for the next run: nothing else is to be done."""
        ...

    def idle(self) -> Sequence[Worker]:
        """Workers that wait for a run."""
        ...


class LocalExecutor:
    """Worker processes on this machine.

    Args:
        root: The runs folder.
        slots: Runs that train at the same time. One uses all cores of a small machine.
        keep_warm: Whether to hold a worker ready that has loaded TensorFlow, which takes seconds.
    """

    def __init__(self, root: Path, slots: int = 1, keep_warm: bool = True) -> None:
        self._log = root / ".worker.log"
        self._slots, self._keep_warm = slots, keep_warm
        self._warm: WorkerProcess | None = None

    @property
    def slots(self) -> int:
        """As given."""
        return self._slots

    def launch(self, run: Path) -> Worker:
        """Hands the run to the waiting worker, or to a new one."""
        worker, self._warm = self._ready(), None
        worker.send(str(run))
        return worker

    def prepare(self) -> None:
        """Starts a worker that loads TensorFlow and waits."""
        if self._keep_warm:
            self._warm = self._ready()

    def idle(self) -> Sequence[Worker]:
        """The worker that waits, if there is one."""
        return [self._warm] if self._warm is not None and self._warm.is_alive() else []

    def _ready(self) -> WorkerProcess:
        return self._warm if self._warm is not None and self._warm.is_alive() else WorkerProcess(self._log)


def executor_from_environment(root: Path, slots: int = 1, keep_warm: bool = True) -> Executor:
    """The place that `PLAYGROUND_EXECUTOR` names: `local`, which is the default, or `ray`.

    Args:
        root: The runs folder.
        slots: As of `LocalExecutor`.
        keep_warm: As of `LocalExecutor`.

    Raises:
        ConfigError: It names another one, or Ray is not installed or not reached.
    """
    kind = os.environ.get("PLAYGROUND_EXECUTOR", "").strip() or "local"
    if kind == "local":
        return LocalExecutor(root, slots, keep_warm)
    if kind == "ray":
        from dcn_core.runs.ray_executor import RayExecutor

        return RayExecutor.connect()
    raise ConfigError(f"PLAYGROUND_EXECUTOR must be 'local' or 'ray'. Received: '{kind[:40]}'.")
