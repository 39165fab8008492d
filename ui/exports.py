"""Exports that take more than a moment: written by processes of their own, one at a time. No Streamlit."""

import contextlib
import subprocess
import sys
import threading
from pathlib import Path
from typing import Literal, NamedTuple

from dcn_core.data.cache import cache_folder
from dcn_core.errors import RunError
from dcn_core.export.formats import FORMATS, file_name
from dcn_core.runs.store import RunStore
from ui.processes import environment

MOST_KEPT = 12
"""Files that are kept; the oldest go. Each can be written again."""
_MOST_LETTERS = 400


class Export(NamedTuple):
    """Where an export stands.

    Attributes:
        state: "none" if nobody asked for it, "waiting" behind another, "busy", "ready" or "failed".
        problem: Why it failed, in one sentence.
    """

    state: Literal["none", "waiting", "busy", "ready", "failed"]
    problem: str = ""


class Exports:
    """Starts `python -m dcn_core export`, which may load TensorFlow and compute for minutes: the server stays light.

    Args:
        store: The runs.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._asked: list[tuple[str, str]] = []
        self._processes: dict[tuple[str, str], subprocess.Popen[str]] = {}

    def path(self, run_id: str, form: str) -> Path:
        """Where the file of an export is, or will be."""
        return cache_folder() / "exports" / file_name(self._store.open(run_id), form)

    def ask(self, run_id: str, form: str) -> None:
        """Has an export written, anew if it was before.

        Raises:
            RunError: There is no such run.
        """
        self._store.open(run_id)
        with self._lock:
            key = run_id, form
            if key not in self._asked and self._state(key).state != "busy":
                self._processes.pop(key, None)
                self._asked.append(key)
            self._go_on()

    def state(self, run_id: str, form: str) -> Export:
        """Where an export stands; starts it if it is its turn."""
        with self._lock:
            self._go_on()
            return self._state((run_id, form))

    def close(self) -> None:
        """Ends what is under way."""
        with self._lock:
            self._asked.clear()
            for process in self._processes.values():
                if process.poll() is None:
                    process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.communicate(timeout=5)

    def _state(self, key: tuple[str, str]) -> Export:
        if key in self._asked:
            return Export("waiting")
        process = self._processes.get(key)
        if process is None:
            return Export("none")
        if process.poll() is None:
            return Export("busy")
        if process.returncode == 0:  # its file may have had to make room for newer ones
            return Export("ready" if self.path(*key).is_file() else "none")
        return Export("failed", self._why(process))

    def _go_on(self) -> None:
        if not self._asked or any(process.poll() is None for process in self._processes.values()):
            return
        key = self._asked.pop(0)
        try:
            path = self.path(*key)
        except RunError:  # it was deleted while it waited, which is nobody else's problem
            self._go_on()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in sorted(path.parent.iterdir(), key=lambda file: file.stat().st_mtime)[: -MOST_KEPT + 1]:
            old.unlink(missing_ok=True)
        self._processes[key] = self._start(*key, path)

    def _start(self, run_id: str, form: str, path: Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "dcn_core", "export", "--run", run_id, "--as", form]
        with path.with_suffix(".log").open("w") as log:
            return subprocess.Popen(
                [*command, "--out", str(path.resolve()), "--runs", str(self._store.root.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                env=environment(),
                text=True,
            )

    def _why(self, process: "subprocess.Popen[str]") -> str:
        key = next(known for known, one in self._processes.items() if one is process)
        with contextlib.suppress(OSError):
            lines = self.path(*key).with_suffix(".log").read_text(errors="replace").strip().splitlines()
            if process.returncode == 2 and lines and lines[-1].startswith("Error: "):
                return lines[-1].removeprefix("Error: ")[:_MOST_LETTERS]
        return f"{FORMATS[key[1]].title} could not be written for a reason this program did not foresee."
