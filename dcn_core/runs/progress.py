"""What a worker tells of its run while it works on it: events, status, signs of life."""

import os
import threading
import time
from typing import Any

from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status

STEP_S = 0.1
"""Seconds between two writings of the status for mere steps: each takes a millisecond or two, as long as a dozen steps."""
BEAT_S = 2.0
"""Seconds after which an unchanged status is written again, so that the supervisor sees that the worker lives."""


class Progress:
    """Writes what the trainer reports into the run's events and status.

    Args:
        run: A run whose lock this process holds.
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._values: dict[str, Any] = {"state": "preparing"}
        self._written = time.monotonic()
        self._ended = False
        self._lock = threading.Lock()

    def set(self, **values: Any) -> None:
        """Changes some fields of the status and writes it, unless the run has ended."""
        with self._lock:
            if not self._ended:
                self._write(values)

    def end(self, state: str, message: str = "", **values: Any) -> None:
        """Writes how the run ended. Nothing that is said afterwards, by another thread for instance, counts."""
        with self._lock:
            if not self._ended:
                self._write(values | {"state": state, "message": message})
                self._ended = True

    def _write(self, values: dict[str, Any]) -> None:
        self._values = self._values | {"message": ""} | values
        self._run.set_status(Status(**self._values | {"pid": os.getpid()}))
        self._written = time.monotonic()

    def beat(self) -> None:
        """Writes the status again if it has not been written for a while."""
        if time.monotonic() - self._written > BEAT_S:
            self.set()

    def phase(self, phase: str) -> None:
        """Enters a phase of the work, which is a state of the run."""
        self.on_event({"type": "phase", "phase": phase})

    def on_event(self, event: dict[str, Any]) -> None:
        """Appends a trainer's event, and takes over into the status what belongs there."""
        self._run.append_event(event)
        status: dict[str, Any] = {
            key: event[key] for key in ("step", "steps", "eta_s", "examples_per_second") if key in event
        }
        if event["type"] == "phase":
            status["state"] = event["phase"]
            self._run.log("info", f"{event['phase'].capitalize()}.")
        if event["type"] == "epoch":
            status["epoch"] = event["epoch"]
        if event["type"] == "step" and time.monotonic() - self._written < STEP_S:
            self._values = self._values | status  # for the next writing
        else:
            self.set(**status)
