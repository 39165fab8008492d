"""Reports of finished runs: what is there of each, and the processes that write what is missing. No Streamlit."""

import subprocess
import sys
import threading
from pathlib import Path

from dcn_core.runs.store import RunStore
from ui.processes import environment


class Studies:
    """Starts `python -m dcn_core.study`, one at a time: a process of its own, so that no page waits for it.

    Args:
        store: The runs.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def ensure(self, run_id: str) -> bool:
        """Starts the study of a run unless it was started before. Returns whether it is on its way, or waits for another."""
        with self._lock:
            known = self._processes.get(run_id)
            if known is not None:
                return known.poll() is None
            if any(process.poll() is None for process in self._processes.values()):
                return True
            self._processes[run_id] = self._start(self._store.open(run_id).path.resolve())
            return True

    def again(self, run_id: str) -> None:
        """Lets `ensure` start a study that has ended once more."""
        with self._lock:
            known = self._processes.get(run_id)
            if known is not None and known.poll() is not None:
                del self._processes[run_id]

    def close(self) -> None:
        """Ends what is under way; finished sections stay."""
        with self._lock:
            for process in self._processes.values():
                if process.poll() is None:
                    process.terminate()
                    process.wait(5)

    @staticmethod
    def _start(folder: Path) -> "subprocess.Popen[bytes]":
        with (folder / "insight.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dcn_core.study", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment(),
            )
