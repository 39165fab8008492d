"""A worker on a machine that shares no folder with the server: its run comes and goes through an object store."""

import contextlib
import shutil
import tempfile
import threading
import time
from pathlib import Path

from dcn_core.errors import PlaygroundError
from dcn_core.runs import lock
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.object_store import TICK_S, ObjectStore, reach
from dcn_core.runs.place import Place
from dcn_core.runs.process import STORE_IS_AWAY, WorkerProcess

PATIENCE_S = 60.0
"""Seconds in which a run's files must have come before its training begins."""
LEFT_BEHIND_S = 3600.0
"""Age from which a folder that nobody holds is taken for one whose server ended without a word."""
_PREFIX = "dcn-run-"
_MOST_LETTERS = 2000


class Outpost:
    """A worker process in a folder of its own, which is brought into the store once a second. It is done when all is there.

    While the store is away the training goes on, and what has changed is brought later.

    Args:
        url: The store.
        key: Of the run's place in it.
        run_id: The run.
    """

    def __init__(self, url: str, key: str, run_id: str) -> None:
        _sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._run = RunFolder(self._folder / run_id)
        self._run.path.mkdir()
        self._log = self._folder / "worker.log"
        self._worker = WorkerProcess(self._log)
        self._begun, self._given_up = False, threading.Event()
        self._problem = ""
        self._code = STORE_IS_AWAY
        self._thread = threading.Thread(target=self._work, args=(url, key), daemon=True, name=f"outpost-{run_id}")
        self._thread.start()

    def _work(self, url: str, key: str) -> None:
        try:
            with lock.hold(self._folder):
                place = Place(ObjectStore(url), key)
                self._problem = reach(lambda: place.pull(self._run.path), self._given_up, PATIENCE_S)
                self._code = STORE_IS_AWAY if self._problem else self._train(place)
        except (PlaygroundError, OSError) as error:
            self._problem = str(error)
        finally:
            self._worker.close(0.0)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _train(self, place: Place) -> int:
        """Has the run trained and brings what comes of it into the store. Returns the exit code."""
        self._worker.send(str(self._run.path))
        self._begun = True
        while (code := self._worker.wait(TICK_S)) is None:
            reach(lambda: place.push(self._run.path), self._given_up, 0.0)
        if code and self._run.written_status().state == "queued":  # only the process's own log can say why
            self._problem = self._log.read_text(errors="replace")[-_MOST_LETTERS:]
        reach(lambda: place.push(self._run.path), self._given_up)
        return code

    @property
    def pid(self) -> int:
        """Of the process that trains."""
        return self._worker.pid

    def tidings(self) -> tuple[int, str]:
        """What the server should know though the store is away: a number that changes with every sign of life of the
        training, and why it did not begin."""
        try:
            return (self._run.path / "status.json").stat().st_mtime_ns, self._problem
        except OSError:
            return 0, self._problem

    def is_alive(self) -> bool:
        """Whether there is still something to be done."""
        return self._thread.is_alive()

    def send(self, line: str) -> bool:
        """Hands the worker a command, once it has its run."""
        return self._begun and self._worker.send(line)

    def wait(self, timeout: float) -> int | None:
        """Waits until all has come into the store, and returns the exit code; None if that takes longer."""
        self._thread.join(timeout)
        return None if self._thread.is_alive() else self._code

    def kill(self) -> None:
        """Ends the training at once. What it has written is still brought into the store."""
        self._worker.kill()

    def hang_up(self) -> None:
        """Lets the worker save a checkpoint and leave."""
        self._worker.hang_up()

    def close(self, timeout: float = 3.0) -> None:
        """Hangs up, ends what is left after `timeout` seconds, and gives up on a store that is away."""
        self._worker.close(timeout)
        self._thread.join(timeout)
        self._given_up.set()
        self._thread.join(TICK_S)


def _sweep() -> None:
    """Removes what outposts have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > LEFT_BEHIND_S and not lock.is_held(folder):
                shutil.rmtree(folder, ignore_errors=True)
