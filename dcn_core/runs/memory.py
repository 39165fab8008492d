"""Watches how much memory this process has in use, and calls for help when it is too much."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

LOOK_S = 0.2
_STATM = Path("/proc/self/statm")


def resident_mb() -> float:
    """Megabytes that this process holds in memory; 0 where the system does not tell."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def machine_mb() -> float:
    """Megabytes of memory of this machine; infinite where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError):
        return float("inf")


@contextlib.contextmanager
def watched_memory(most_mb: float, on_excess: Callable[[float], None]) -> Iterator[None]:
    """Looks several times a second during a block, whatever the block is busy with.

    Args:
        most_mb: Megabytes that are allowed.
        on_excess: Called once, in another thread, with the megabytes in use.
    """
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_S):
            if (used := resident_mb()) > most_mb:
                on_excess(used)
                return

    thread = threading.Thread(target=look, daemon=True, name="memory")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
