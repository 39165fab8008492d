"""The story of a run, one JSON object a line: only ever added to, and read on from where a reader stopped."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dcn_core.files import parse_json


def append_event(path: Path, event: Mapping[str, Any]) -> None:
    """Adds one line. A line that a crash or a full disk has torn is closed first, so that it does not spoil this one.

    Raises:
        ValueError: A number in it is NaN or infinite, which JSON cannot say.
    """
    line = json.dumps(event, allow_nan=False).encode() + b"\n"
    with path.open("a+b") as file:
        if file.seek(0, 2) and file.seek(-1, 2) is not None and file.read(1) != b"\n":
            line = b"\n" + line
        file.write(line)


def read_events(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Returns the events from byte `offset` on, and the offset to go on from.

    A torn last line is left for later; a torn one with others behind it is passed over. A file that has become
    shorter than `offset` was changed by hand and is not read again.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except OSError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    events = []
    for line in whole.splitlines():
        try:
            event = parse_json(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events, offset + len(whole)
