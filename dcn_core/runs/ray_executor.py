"""Runs on a Ray cluster: each in a worker process on one of its machines, controlled through an actor.

Events, status and results come back through the runs folder, as they do on one machine: it must be the same path on all of them
(NFS, or another shared file system with locks). With `PLAYGROUND_RAY_STORE` they come through an object store instead.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import Any, Self

from dcn_core.errors import ConfigError
from dcn_core.runs.executor import Worker
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.mirror import Mirror
from dcn_core.runs.object_store import VARIABLE, ObjectStore
from dcn_core.runs.outpost import Outpost
from dcn_core.runs.process import MACHINE_IS_GONE, WorkerProcess

ANSWER_S = 10.0
ROOT = Path(__file__).resolve().parents[2]


class _Remote:
    """What runs on the other machine: it starts a worker process and hands on what it is told.

    Args:
        run: The run's folder; with a store, the run's id.
        store: URL of the store that the run comes through, None for a folder that is shared.
        key: Of the run's place in the store.
    """

    def __init__(self, run: str, store: str | None = None, key: str = "") -> None:
        self._outpost = Outpost(store, key, run) if store else None
        self._worker: Worker = self._outpost or WorkerProcess(Path(run).parent / ".worker.log")
        if self._outpost is None:
            self._worker.send(run)

    def tidings(self) -> tuple[int, str]:
        return self._outpost.tidings() if self._outpost else (0, "")

    def pid(self) -> int:
        return self._worker.pid

    def send(self, line: str) -> bool:
        return self._worker.send(line)

    def wait(self, timeout: float) -> int | None:
        return self._worker.wait(timeout)

    def kill(self) -> None:
        self._worker.kill()

    def hang_up(self) -> None:
        self._worker.hang_up()

    def close(self, timeout: float) -> None:
        self._worker.close(timeout)


class RayWorker:
    """A worker on a Ray cluster, see `dcn_core.runs.executor.Worker`.

    Until a machine has room it waits; a command then is refused, as it is for a run that has not begun.

    Args:
        actor: The handle of a `_Remote`.
    """

    def __init__(self, actor: Any) -> None:
        self._actor = actor
        self._pid = 0
        self._code: int | None = None
        self._waiting: Any = None
        self._closed = False

    @property
    def pid(self) -> int:
        """Process id on the other machine, 0 while it has not begun."""
        if not self._pid:
            self._pid = self._ask("pid", timeout=1.0) or 0
        return self._pid

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self.wait(0.0) is None

    def send(self, line: str) -> bool:
        """Hands it a command."""
        return self._code is None and self._ask("send", line) is True

    def wait(self, timeout: float) -> int | None:
        """Waits for the end; `MACHINE_IS_GONE` where nobody can tell."""
        import ray

        deadline = time.monotonic() + timeout
        while self._code is None:
            if self._closed:  # and Ray too, perhaps, which would start anew if it were asked
                self._code = MACHINE_IS_GONE
                break
            left = max(0.0, deadline - time.monotonic())
            try:
                if self._waiting is None:
                    self._waiting = self._actor.wait.remote(0.2)
                ready, _ = ray.wait([self._waiting], timeout=left)
                if not ready:
                    return None
                self._code = ray.get(self._waiting)
            except ray.exceptions.RayError:
                self._code = MACHINE_IS_GONE
            self._waiting = None
            if self._code is None and time.monotonic() >= deadline:
                return None
        return self._code

    def tidings(self) -> tuple[int, str]:
        """As of `dcn_core.runs.mirror.FarWorker`; nothing from a machine that does not answer."""
        return self._ask("tidings", timeout=1.0) or (0, "")

    def kill(self) -> None:
        """Ends the process and its actor."""
        self._ask("kill")

    def hang_up(self) -> None:
        """Lets it save a checkpoint and leave."""
        self._ask("hang_up", timeout=1.0)

    def close(self, timeout: float = 3.0) -> None:
        """Hangs up, ends what is left, and gives the machine back."""
        import ray

        self._ask("close", timeout, timeout=timeout + 1.0)
        self._closed = True
        with contextlib.suppress(ray.exceptions.RayError, ValueError):
            ray.kill(self._actor)

    def _ask(self, method: str, *arguments: Any, timeout: float = ANSWER_S) -> Any:
        """The answer of the other machine, None if there is none."""
        import ray

        if self._closed:
            return None
        try:
            return ray.get(getattr(self._actor, method).remote(*arguments), timeout=timeout)
        except ray.exceptions.RayError:  # the machine is gone, or has no room yet
            return None


class RayExecutor:
    """A Ray cluster as a place to train.

    Args:
        cpus: Processors that a run takes. As many runs train at the same time as fit.
        store: What the runs come and go through; None for a runs folder that all machines share.
    """

    def __init__(self, cpus: float = 1.0, store: ObjectStore | None = None) -> None:
        import ray

        self._cpus, self._store = cpus, store
        self._remote = ray.remote(_Remote).options(
            num_cpus=cpus, max_concurrency=8, max_restarts=0, runtime_env={"env_vars": {"PYTHONPATH": _python_path()}}
        )

    @classmethod
    def connect(cls) -> Self:
        """The cluster of `RAY_ADDRESS`, or one in this process. `PLAYGROUND_RAY_CPUS` says what a run takes, and
        `PLAYGROUND_RAY_STORE` what the runs come and go through if they share no folder.

        Raises:
            ConfigError: Ray is not installed, the cluster or the store cannot be reached, or the number is none.
        """
        try:
            import ray
        except ImportError:
            raise ConfigError("PLAYGROUND_EXECUTOR=ray needs Ray: pip install -r requirements-ray.txt") from None
        try:
            cpus = float(os.environ.get("PLAYGROUND_RAY_CPUS", "1"))
        except ValueError:
            cpus = 0.0
        if not 0 < cpus <= 1024:
            raise ConfigError("PLAYGROUND_RAY_CPUS must be a number above 0.")
        url = os.environ.get(VARIABLE, "").strip()
        store = ObjectStore.from_environment(url) if url else None
        if not ray.is_initialized():
            address = os.environ.get("RAY_ADDRESS") or None
            try:
                ray.init(address=address, log_to_driver=False, include_dashboard=False if address is None else None)
            except (ConnectionError, RuntimeError, ValueError, OSError) as error:
                raise ConfigError(
                    f"the Ray cluster at {address or 'this machine'} cannot be reached: {error}"
                ) from None
        return cls(cpus, store)

    @property
    def slots(self) -> int:
        """Runs that fit into the cluster as it is now: machines may come and go."""
        import ray

        return max(1, int(ray.cluster_resources().get("CPU", 0) // self._cpus))

    def launch(self, run: Path) -> Worker:
        """Has the run trained wherever there is room."""
        store, remote = self._store, self._remote
        if store is None:
            return RayWorker(remote.remote(str(run)))
        return Mirror(RunFolder(run), store, lambda key: RayWorker(remote.remote(run.name, store.url, key)))

    def prepare(self) -> None:
        """Nothing: which machine is next is not known."""

    def idle(self) -> list[RayWorker]:
        """None."""
        return []


def _python_path() -> str:
    """Where the other machine finds this program: at the same place as here."""
    return os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
