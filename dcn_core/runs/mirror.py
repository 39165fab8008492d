"""A run that trains on a machine which shares no folder with this one, kept here as if it trained in its folder.

Who owns which file: while a run trains, all of its folder belongs to the machine that trains it, but for `run.json`. That is the
server's, which people rename and note in; of the machine's own copy only `WORKERS_ENTRIES` are taken over. Before and after,
all belongs to the server. The mirror holds the run's locks meanwhile, as a worker in this folder would.
"""

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from typing import Protocol

from dcn_core.errors import RunError, StoreError
from dcn_core.files import parse_json
from dcn_core.runs import lock
from dcn_core.runs.executor import Worker
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.log import SERVER_FILE, append_log
from dcn_core.runs.object_store import TICK_S, ObjectStore, reach
from dcn_core.runs.place import Place
from dcn_core.runs.process import MACHINE_IS_GONE, RUN_IS_TAKEN, STORE_IS_AWAY

WORKERS_ENTRIES = ("fingerprint", "data")
"""Entries of `run.json` that the worker finds out."""
PATIENCE_S = 60.0
"""Seconds in which the store must have taken a run before its training begins."""
LAST_LOOK_S = 5.0
"""Seconds for a last look at what a machine that is gone has left in the store."""


class FarWorker(Worker, Protocol):
    """A worker whose files are in an object store, see `dcn_core.runs.outpost`."""

    def tidings(self) -> tuple[int, str]:
        """A number that changes with every sign of life, 0 for none, and why the training did not begin."""
        ...


class Mirror:
    """A worker (see `dcn_core.runs.executor.Worker`) that has its run trained elsewhere.

    It brings the run's folder into the store, has a far worker begin, and brings back what changes, once a second. While the store
    is away, signs of life still come from the far worker itself.

    Args:
        run: The run, queued.
        store: What both sides see.
        begin: Starts the far worker of a run, given the key of its place in the store.
    """

    def __init__(self, run: RunFolder, store: ObjectStore, begin: Callable[[str], FarWorker]) -> None:
        self._run, self._store, self._begin = run, store, begin
        self._place = Place(
            store, f"{run.id}/{secrets.token_hex(4)}"
        )  # a machine taken for lost may still write to its own
        self._far: FarWorker | None = None
        self._given_up = threading.Event()
        self._code = 1
        self._thread = threading.Thread(target=self._work, daemon=True, name=f"mirror-{run.id}")
        self._thread.start()

    def _work(self) -> None:
        try:
            with self._run.lock(), contextlib.ExitStack() as stack:
                with contextlib.suppress(OSError):  # whoever writes its report meanwhile waits, as for a worker here
                    stack.enter_context(lock.hold(self._run.path / "insight.lock"))
                queued = self._run.status().state == "queued"  # else another server was faster, or it was cancelled
                self._code = self._mirrored() if queued else RUN_IS_TAKEN
        except RunError:
            self._code = RUN_IS_TAKEN
        except Exception as error:  # a bug, which must not leave a run without a word
            append_log(self._run.path.parent / SERVER_FILE, "error", f"Run {self._run.id} was lost sight of.", error)

    def _mirrored(self) -> int:
        """Returns the exit code of the far worker, after all it has left has come."""
        left, path = self._run.id, self._run.path
        problem = reach(lambda: self._store.remove_all(left), self._given_up, PATIENCE_S)
        if problem := problem or reach(lambda: self._place.push(path), self._given_up, PATIENCE_S):
            self._run.log("error", problem)
            return STORE_IS_AWAY
        if self._given_up.is_set():
            return RUN_IS_TAKEN
        self._far = far = self._begin(self._place.key)
        signs, away = 0, False
        while (code := far.wait(TICK_S)) is None:
            problem = reach(self._pull, self._given_up, 0.0)
            if problem and not away:
                self._warn(problem)
            away = bool(problem)
            if (sign := far.tidings()[0]) not in (0, signs):
                signs = sign
                with contextlib.suppress(OSError):
                    os.utime(path / "status.json")
            if not path.is_dir():  # deleted by hand
                self.kill()
        patience = LAST_LOOK_S if code == MACHINE_IS_GONE else float("inf")
        problem = reach(self._pull, self._given_up, patience, self._warn)
        if not problem:
            with contextlib.suppress(StoreError):
                self._store.remove_all(self._run.id)
        if reason := far.tidings()[1]:
            self._run.log("error", reason)
        return code

    def _pull(self) -> None:
        self._place.pull(self._run.path, {"run.json": self._take_entries})

    def _take_entries(self, content: bytes) -> None:
        try:
            found = parse_json(content)
            entries = {key: found[key] for key in WORKERS_ENTRIES if key in found}
        except (ValueError, TypeError):
            raise StoreError("expected a run's record in the store. Received something else.") from None
        record = self._run.record()
        if any(key not in record or record[key] != value for key, value in entries.items()):
            self._run.update_record(**entries)

    def _warn(self, problem: str) -> None:
        append_log(self._run.path.parent / SERVER_FILE, "warning", f"Run {self._run.id}: {problem}")

    @property
    def pid(self) -> int:
        """Process id on the other machine, 0 while there is none."""
        return self._far.pid if self._far is not None else 0

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()

    def send(self, line: str) -> bool:
        """Hands the far worker a command."""
        return self._far is not None and self._far.send(line)

    def wait(self, timeout: float) -> int | None:
        """Waits for the end, when all has come back, and returns the exit code."""
        self._thread.join(timeout)
        return None if self._thread.is_alive() else self._code

    def kill(self) -> None:
        """Ends the training at once."""
        self._given_up.set()
        if self._far is not None:
            self._far.kill()

    def hang_up(self) -> None:
        """Lets the far worker save a checkpoint and leave, which then comes back."""
        self._given_up.set()
        if self._far is not None:
            self._far.hang_up()

    def close(self, timeout: float = 3.0) -> None:
        """Hangs up, waits for what comes back, and gives the other machine back."""
        deadline = time.monotonic() + timeout + 2 * TICK_S
        self.hang_up()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._far is not None:
            self._far.close(TICK_S)
        self._thread.join(LAST_LOOK_S)
