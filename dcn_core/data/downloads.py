"""Downloads a release of MovieLens: checked by its published checksum, continued where an earlier try ended.

pooch finds an archive that is there already, compares checksums and puts the whole file in its place; how the bytes come is
written here, because pooch begins anew each time.
"""

import contextlib
import fcntl
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from dcn_core.data.cache import cache_folder
from dcn_core.data.releases import PAGE, Release
from dcn_core.errors import DataError

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes that there will be."""
_CHUNK = 1 << 14
_TIMEOUT_S = (10.0, 30.0)
"""To connect, and from one piece to the next."""
_SPARE_BYTES = 100_000_000
"""Room on the disk that a download leaves."""
_MOST_TIMES = 3
"""A release that changes may grow to so many times the size that is known; more is not written to the disk."""


class Stopped(Exception):  # noqa: N818
    """A person stopped a download. What came so far is kept."""


def downloads_folder() -> Path:
    """Where downloaded archives lie."""
    return cache_folder() / "downloads"


def downloaded(release: Release) -> Path | None:
    """Returns the path of a release that was downloaded before, None if it was not."""
    path = downloads_folder() / release.file
    return path if path.is_file() else None


def fetch(release: Release, progress: Progress, stopped: Callable[[], bool] = lambda: False) -> Path:
    """Downloads an archive, or what is missing of it, and returns its path.

    Args:
        release: Which one.
        progress: Told how far it is, from the thread that calls this.
        stopped: Asked between two pieces whether to stop.

    Raises:
        DataError: Its server cannot be reached or answers with an error, the checksum is wrong, or the disk is full.
        Stopped: `stopped` said so.
    """
    import pooch  # here, with requests: only who downloads waits for them
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    folder = downloads_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{release.file}.lock", release):
            checksum = release.md5 or _published(release)
            part = folder / f"{release.file}.part"
            resumed = part.exists()
            for last in (False, True) if resumed else (True,):
                try:
                    path = pooch.retrieve(
                        release.url,
                        f"md5:{checksum}",
                        fname=release.file,
                        path=folder,
                        downloader=_Continuing(part, release, progress, stopped),
                    )
                    return Path(path)
                except ValueError as error:  # the beginning that was kept may be of an older archive
                    if isinstance(error, requests.RequestException):
                        raise
                    if last:
                        raise DataError(
                            f"the checksum of {release.file} is not the one that GroupLens publishes ({checksum}): it was changed or "
                            f"damaged on its way, and is not kept. Try again, or download it from {PAGE} and upload it here."
                        ) from None
    except requests.HTTPError as error:
        answer = f"{error.response.status_code} ({error.response.reason})" if error.response is not None else "an error"
        raise DataError(
            f"{_host(release)} answered with {answer} instead of {release.file}. Try "
            f"again later, or download it from {PAGE} and upload it here."
        ) from None
    except requests.RequestException as error:
        raise _unreachable(release, error) from None
    except OSError as error:
        raise DataError(
            f"{release.file} could not be written to {folder}: {error.strerror or error}. Free some space and try again."
        ) from None
    raise AssertionError("either of the two tries returns or raises")


class _Continuing:
    """Writes what a server sends behind what is there already: a downloader as pooch takes one."""

    def __init__(self, part: Path, release: Release, progress: Progress, stopped: Callable[[], bool]) -> None:
        self.part, self.release, self.progress, self.stopped = part, release, progress, stopped

    def __call__(self, url: str, output_file: Any, pooch: Any, check_only: bool = False) -> None:
        """Completes the part that is there and moves it to `output_file`."""
        import requests

        have = self.part.stat().st_size if self.part.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, stream=True, timeout=_TIMEOUT_S, headers=headers) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable and have:
                self.part.replace(output_file)  # nothing is missing, or the archive became another: the checksum tells
                return
            response.raise_for_status()
            have = have if response.status_code == requests.codes.partial_content else 0
            coming = response.headers.get("Content-Length", "")
            total = have + int(coming) if coming.isdigit() else self.release.size
            self._check_room(total, have)
            with self.part.open("ab" if have else "wb") as file:
                for piece in response.iter_content(_CHUNK):
                    have += len(piece)
                    self._check_room(have, have)
                    file.write(piece)
                    self.progress(have, total)
                    if self.stopped():
                        raise Stopped
            if have < total and coming.isdigit():
                raise requests.ConnectionError("the connection ended before the archive did")
        self.part.replace(output_file)

    def _check_room(self, total: int, have: int) -> None:
        """Refuses an archive that is far larger than it should be, or that the disk has no room for."""
        if total > _MOST_TIMES * self.release.size:
            raise DataError(
                f"{self.release.file} should have about {self.release.size / 1e6:,.0f} MB. Received: {total / 1e6:,.0f} MB or more. "
                f"Download it from {PAGE} and upload it here."
            )
        if total > have and shutil.disk_usage(self.part.parent).free < total - have + _SPARE_BYTES:
            raise DataError(
                f"{self.release.file} needs {(total - have) / 1e6:,.0f} MB more in {self.part.parent}, and {_SPARE_BYTES / 1e6:,.0f} MB "
                "have to stay free. There is not so much. Free some space and try again."
            )


def _published(release: Release) -> str:
    """The checksum beside an archive that changes."""
    import requests

    response = requests.get(f"{release.url}.md5", timeout=_TIMEOUT_S, stream=True)
    with response:
        response.raise_for_status()
        text = next(response.iter_content(1024), b"").decode("ascii", "replace")
    found = re.search(r"\b[0-9a-fA-F]{32}\b", text)
    if found is None:
        raise DataError(
            f"expected the MD5 checksum of {release.file} at {release.url}.md5. There is none. Download the archive from {PAGE} and "
            "upload it here."
        )
    return found[0].lower()


def _unreachable(release: Release, error: Exception) -> DataError:
    part = downloads_folder() / f"{release.file}.part"
    kept = f" {part.stat().st_size / 1e6:,.1f} MB are kept, and the next try goes on there." if part.exists() else ""
    reason = "it took too long to answer" if "imed out" in str(error) else "no connection, or it broke off"
    return DataError(
        f"{_host(release)} could not be reached ({reason}).{kept} Check this machine's way to the internet and try again, or download "
        f"{release.file} elsewhere from {PAGE} and upload it here."
    )


def _host(release: Release) -> str:
    return urlsplit(release.url).hostname or release.url


@contextlib.contextmanager
def _alone(path: Path, release: Release) -> Iterator[None]:
    """Keeps two processes from writing to one part."""
    file: IO[bytes]
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataError(
                f"{release.file} is being downloaded by another process on this machine. Wait until it is there."
            ) from None
        yield
