"""A place to train that only writes what training would: curves from a formula, in milliseconds."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from dcn_core.config.run import RunConfig
from dcn_core.runs.folder import RESULT_FILES, RunFolder
from dcn_core.runs.status import Status

Curve = Callable[[RunConfig], list[float]]
EPOCH_S = 0.03


class ScriptedWorker:
    """Tells of a run epoch by epoch, as `dcn_core.worker` does, and takes `stop`."""

    pid = 0
    linger_s = 0.0
    """Seconds from the end of the work to the end of the worker."""

    def __init__(self, run: Path, curve: Curve, epoch_s: float) -> None:
        self._run, self._curve, self._epoch_s = RunFolder(run), curve, epoch_s
        self._stopped = threading.Event()
        self._dead = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        run = self._run
        with run.lock():
            values = self._curve(run.config())
            seen: list[float] = []
            if not values:
                run.set_status(Status(state="failed", message="It diverged."))
                return
            for epoch, mse in enumerate(values, start=1):
                run.set_status(Status(state="training", epoch=epoch, epochs=len(values)))
                run.append_event({"type": "epoch", "epoch": epoch, "train_mse": mse, "validation": {"mse": mse}})
                seen.append(mse)
                if self._stopped.wait(self._epoch_s) or self._dead.is_set():
                    break
            if self._dead.is_set():
                return
            for name in RESULT_FILES[1:]:
                (run.path / name).touch()
            scores = {"mse": min(seen), "rmse": min(seen), "mae": min(seen)}
            run.save_result({"scores": {"validation": scores, "test": None}, "parameters": 1})
            run.set_status(Status(state="stopped" if self._stopped.is_set() else "done"))

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def send(self, line: str) -> bool:
        if line == "stop":
            self._stopped.set()
        return self.is_alive()

    def wait(self, timeout: float) -> int | None:
        self._thread.join(timeout)
        return None if self.is_alive() else 0 if not self._dead.is_set() else -9

    def kill(self) -> None:
        self._dead.set()

    def hang_up(self) -> None:
        self._dead.set()

    def close(self, timeout: float = 3.0) -> None:
        self._thread.join(timeout)
        time.sleep(self.linger_s)


class ScriptedExecutor:
    """Trains so many runs at a time."""

    def __init__(self, curve: Curve, slots: int = 1, epoch_s: float = EPOCH_S) -> None:
        self.curve, self.slots, self.epoch_s = curve, slots, epoch_s
        self.workers: list[ScriptedWorker] = []

    def launch(self, run: Path) -> ScriptedWorker:
        self.workers.append(ScriptedWorker(run, self.curve, self.epoch_s))
        return self.workers[-1]

    def prepare(self) -> None:
        pass

    def idle(self) -> list[ScriptedWorker]:
        return []


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Waits until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
