"""Notices a worker that hangs: its run's status file is its heartbeat."""

import time

from dcn_core.runs.folder import RunFolder

LONGEST_LOOK_S = 2.0
SLOW_PHASES = 8.0
"""Reading a large archive, compiling and exporting say nothing for minutes, so they may be silent so many times as long."""


class Heartbeat:
    """The time that a run's status has not been written.

    It is measured by this process's own looks, not by the clock, which may be set back; and a look after a long gap counts
    little, because then the machine slept, and the worker with it.

    Args:
        run: The run of a worker.
        silence_s: Seconds without a sign of life that are allowed while training.
    """

    def __init__(self, run: RunFolder, silence_s: float) -> None:
        self._run = run
        self._allowed = silence_s
        self._seen: tuple[int, int] | None = None
        self._looked = time.monotonic()
        self._silence = 0.0

    def is_missed(self) -> bool:
        """Looks again. Whether the worker has been silent for longer than its phase allows."""
        now = time.monotonic()
        self._silence += min(now - self._looked, LONGEST_LOOK_S)
        self._looked = now
        if (seen := self._stamp()) != self._seen:
            self._seen, self._silence = seen, 0.0
        if self._silence <= self._allowed:
            return False
        polled = self._run.status().state in ("training", "paused")
        return self._silence > self._allowed * (1 if polled else SLOW_PHASES)

    @property
    def silence(self) -> float:
        """Seconds of silence as of the last look."""
        return self._silence

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._run.path / "status.json").stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns
