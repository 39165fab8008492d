"""Keeps all searches of a runs folder going, one process at a time."""

import contextlib
import threading

from dcn_core.errors import PlaygroundError
from dcn_core.runs import lock
from dcn_core.runs.log import SERVER_FILE, append_log
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from dcn_core.search.driver import Driver
from dcn_core.search.searches import Searches

LOCK = ".search.lock"
EVERY_S = 0.5
IDLE_S = 3.0
"""Seconds between two looks while no search is going on: one may have been begun from a shell."""


class Conductor:
    """A thread that moves every running search on, if no other process does so already.

    Searches live in their database: a process that starts goes on with those that another one has left running.

    Args:
        searches: All of them.
        supervisor: Trains the trials.
        store: Their runs.
    """

    def __init__(self, searches: Searches, supervisor: Supervisor, store: RunStore) -> None:
        self._searches, self._supervisor, self._store = searches, supervisor, store
        self._drivers: dict[str, Driver] = {}
        self._wake, self._closed = threading.Event(), False
        self._thread = threading.Thread(target=self._work, daemon=True, name="conductor")

    def start(self) -> None:
        """Begins to conduct in the background."""
        self._thread.start()

    def wake(self) -> None:
        """Has it look at once: a search was begun or continued."""
        self._wake.set()

    def close(self) -> None:
        """Ends it. Trials that are being trained are not touched."""
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def turn(self) -> bool:
        """Moves every running search on by one step. Returns whether there was one.

        Raises:
            RunError: The database cannot be read.
        """
        names = self._searches.running()
        for name in names:
            try:
                if not self._step(name, begin=True):
                    self._searches.set_state(name, "done")
            except PlaygroundError as error:
                with contextlib.suppress(PlaygroundError):
                    self._searches.set_state(name, "stopped", str(error))
        for name in self._drivers.keys() - set(names):  # stopped: what is under way comes to its end
            try:
                left = self._step(name, begin=False)
            except PlaygroundError:  # deleted, or the database is away
                left = False
            if not left:
                del self._drivers[name]
        return bool(names or self._drivers)

    def _step(self, name: str, begin: bool) -> bool:
        with self._searches.calm():
            if name not in self._drivers:
                self._drivers[name] = Driver(self._searches.study(name), self._supervisor, self._store)
            return self._drivers[name].step(begin)

    def _work(self) -> None:
        while not self._closed:
            try:
                with lock.hold(self._store.root / LOCK, patience_s=0.1):
                    self._conduct()
            except OSError:  # another process conducts, or there is no runs folder yet
                self._rest(IDLE_S)

    def _conduct(self) -> None:
        while not self._closed:
            try:
                busy = self._searches.exist() and self.turn()
            except Exception as error:  # a bug must not end all searches without a word
                append_log(self._store.root / SERVER_FILE, "error", "The searches could not go on.", error)
                busy = False
            self._rest(EVERY_S if busy else IDLE_S)

    def _rest(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()
