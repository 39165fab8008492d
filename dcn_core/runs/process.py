"""A worker process, seen from the process that started it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, Literal

from dcn_core.interpreter import with_our_code

Command = Literal["pause", "resume", "stop"]
RUN_IS_TAKEN = 3
"""Exit code of a worker that found its run held by another process."""
MACHINE_IS_GONE = 75
"""In place of the exit code of a worker whose machine is not there any more (EX_TEMPFAIL of sysexits.h)."""
STORE_IS_AWAY = 74
"""In place of the exit code of a worker that could not be given its run through an object store (EX_IOERR)."""


class WorkerProcess:
    """`python -m dcn_core.worker FOLDER`: it loads TensorFlow at once, then waits on standard input for its one run.

    A process of its own keeps the page fast and survives reruns and lost sockets. It is a fresh interpreter, not
    `multiprocessing`, which would execute the Streamlit script again; and it is in a session of its own, so that
    Ctrl-C in the terminal reaches only the server, whose end it sees as the end of its standard input.
    """

    def __init__(self, log: Path) -> None:
        self._temporary = tempfile.mkdtemp(prefix="dcn-worker-")
        with _opened(log) as log_file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dcn_core.worker", self._temporary],
                stdin=subprocess.PIPE,
                stdout=log_file,
                stderr=log_file,
                start_new_session=True,
                env=with_our_code(),
                text=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def send(self, line: str) -> bool:
        """Writes one line to the worker: a run folder's path first, then `Command`s. Returns whether it could."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def wait(self, timeout: float) -> int | None:
        """Waits for the end and returns the exit code, negative for a signal; None if it is still there after `timeout`."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Ends the process at once. The checkpoint before stays whole."""
        self._process.kill()

    def hang_up(self) -> None:
        """Ends the standard input, upon which the worker saves a checkpoint and leaves."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def close(self, timeout: float = 3.0) -> None:
        """Hangs up, kills the worker if it is still there after `timeout` seconds, and removes what a killed one left behind."""
        self.hang_up()
        if self.wait(timeout) is None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._temporary, ignore_errors=True)


def _opened(log: Path) -> BinaryIO:
    """The log to append to, or nowhere if its folder cannot be written: the run itself then says so."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")
