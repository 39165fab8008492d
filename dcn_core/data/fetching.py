"""Downloads on their way: a thread for each archive, looked at and stopped by anybody."""

import threading
import time
from collections import deque
from pathlib import Path
from typing import Literal

from dcn_core.data.downloads import Stopped, downloaded, fetch
from dcn_core.data.releases import Release
from dcn_core.errors import PlaygroundError

State = Literal["running", "done", "stopped", "failed"]
_WINDOW_S = 5.0


class Download:
    """One archive on its way, in a thread of its own.

    Attributes:
        release: Which one.
        state: Where it stands.
        have: Bytes that are there.
        total: Bytes that there will be.
        path: Of the whole archive, once it is there.
        error: What went wrong, in the state `failed`.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.state: State = "running"
        self.have, self.total = 0, release.size
        self.path: Path | None = None
        self.error: PlaygroundError | None = None
        self._stop = threading.Event()
        self._seen: deque[tuple[float, int]] = deque(maxlen=10_000)
        self._thread = threading.Thread(target=self._run, name=f"download-{release.name}", daemon=True)
        self._thread.start()

    @property
    def share(self) -> float:
        """How much of it is there, 0 to 1."""
        return min(1.0, self.have / max(1, self.total))

    @property
    def speed(self) -> float:
        """Bytes a second over the last seconds; 0 while nothing is known."""
        seen = list(self._seen)
        if len(seen) < 2 or seen[-1][0] <= seen[0][0]:
            return 0.0
        return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])

    def stop(self) -> None:
        """Ends it after the next piece; what came is kept."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Waits until it ends, at most so long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self.path = fetch(self.release, self._progress, self._stop.is_set)
            self.state = "done"
        except Stopped:
            self.state = "stopped"
        except PlaygroundError as error:
            self.error, self.state = error, "failed"
        except Exception as error:  # whatever it is, nobody would see it in a thread
            self.error = PlaygroundError(f"the download ended with {type(error).__name__}: {error}. Try again.")
            self.state = "failed"

    def _progress(self, have: int, total: int) -> None:
        self.have, self.total = have, total
        now = time.monotonic()
        self._seen.append((now, have))
        while self._seen[0][0] < now - _WINDOW_S:
            self._seen.popleft()


class Downloads:
    """All downloads of a server, at most one of each release."""

    def __init__(self) -> None:
        self._by_name: dict[str, Download] = {}
        self._lock = threading.Lock()

    def start(self, release: Release) -> Download:
        """Begins to download a release, or goes on; one that is on its way stays the same."""
        with self._lock:
            known = self._by_name.get(release.name)
            if known is not None and known.state == "running":
                return known
            self._by_name[release.name] = Download(release)
            return self._by_name[release.name]

    def of(self, release: Release) -> Download | None:
        """The last download of a release, None if there was none; one whose archive was deleted since is forgotten."""
        known = self._by_name.get(release.name)
        if known is not None and known.state == "done" and downloaded(release) is None:
            return None
        return known

    @property
    def running(self) -> bool:
        """Whether any is on its way."""
        return any(download.state == "running" for download in self._by_name.values())
