"""What a program did and what went wrong, one JSON object a line: time, level, message and, with an error, its trace-back.

A run has such a log in its folder, and the server one in the runs folder. People are shown messages; trace-backs are for
whoever opens the file.
"""

import contextlib
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from dcn_core.runs.events import append_event, read_events

Level = Literal["info", "warning", "error"]
FILE = "log.jsonl"
SERVER_FILE = ".server.jsonl"
MOST_BYTES = 1_000_000
"""A log that has grown to so much is put aside under the name `<file>.1`, in place of the one before."""
_MOST_LETTERS = 20_000
LATEST = 32_503_680_000.0
"""The year 3000: no Unix time of ours is later."""


@dataclass(frozen=True)
class Entry:
    """One line of a log.

    Attributes:
        time: Unix time in seconds.
        message: For a person.
        exception: A trace-back, empty where there was no error.
    """

    time: float
    level: Level
    message: str
    exception: str = ""

    @property
    def error(self) -> str:
        """The last line of the trace-back, which names the error; empty where there was none."""
        return self.exception.strip().rpartition("\n")[2]

    def line(self) -> str:
        """The entry as one line of plain text, without trace-back."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.time))
        return f"{moment}  {self.level:7}  {' '.join(filter(None, (self.message, self.error)))}"


def append_log(path: Path, level: Level, message: str, error: BaseException | None = None) -> None:
    """Adds one line. A log that cannot be written is no error: whatever is logged matters more than its line."""
    entry: dict[str, Any] = {"time": time.time(), "level": level, "message": message[:_MOST_LETTERS]}
    if error is not None:
        entry["exception"] = "".join(traceback.format_exception(error))[-_MOST_LETTERS:]
    with contextlib.suppress(OSError):
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        append_event(path, entry)


def read_log(path: Path, last: int = 100) -> list[Entry]:
    """Returns the last entries, oldest first. Lines that are torn or not of a log are passed over."""
    entries = (_entry(values) for values in read_events(path)[0])
    return [entry for entry in entries if entry is not None][-last:]


def _entry(values: dict[str, Any]) -> Entry | None:
    moment, level = values.get("time"), values.get("level")
    message, exception = values.get("message"), values.get("exception", "")
    if not isinstance(message, str) or not isinstance(exception, str) or level not in get_args(Level):
        return None
    if not isinstance(moment, int | float) or not 0 <= moment < LATEST:
        return None
    return Entry(float(moment), level, message, exception)  # type: ignore[arg-type]
