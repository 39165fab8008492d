"""Archives and tables that people sent through the browser: checked before they are kept, each kept once, all bounded."""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from dcn_core.data.archive import open_source
from dcn_core.data.cache import cache_folder
from dcn_core.data.table_file import SUFFIXES, read_head
from dcn_core.errors import DataError

MOST_MEGABYTES = 300
"""Largest archive that is taken: MovieLens 32M has 239 MB."""


def uploads_folder() -> Path:
    """Where uploads lie, named for their content."""
    return cache_folder() / "uploads"


def keep_upload(content: bytes, most_mb: float, in_use: Collection[str] = ()) -> Path:
    """Keeps an uploaded archive and returns its path; the same content twice is one file.

    Args:
        content: The bytes of the file. The name that it had on the other machine is not used.
        most_mb: Megabytes that all uploads together may take; the oldest ones make room.
        in_use: Paths of archives that runs were trained on, which stay.

    Raises:
        DataError: It is too large or no MovieLens archive, there is no room, or the folder cannot be written.
    """
    return _keep(content, f"{_digest(content)}.zip", open_source, most_mb, in_use)


def keep_table(content: bytes, name: str, most_mb: float, in_use: Collection[str] = ()) -> Path:
    """Keeps an uploaded table like an archive. Of its name, letters that are safe in a path stay, for people.

    Raises:
        DataError: As of `keep_upload`, or it is no table.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"a table must end in {', '.join(SUFFIXES)}. Received: '{name[-80:]}'. Save it as one of these."
        )
    stem = re.sub(r"[^\w .-]+", "_", Path(name).stem).strip(" .")[:40] or "table"
    return _keep(content, f"{stem}-{_digest(content)}{suffix}", read_head, most_mb, in_use)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def _keep(content: bytes, name: str, check: Callable[[Path], Any], most_mb: float, in_use: Collection[str]) -> Path:
    if len(content) > MOST_MEGABYTES * 1_000_000:
        raise DataError(
            f"an uploaded file may have at most {MOST_MEGABYTES} MB. Received: {len(content) / 1e6:,.0f} MB. Give the path "
            "of the file on the machine that runs this app."
        )
    folder = uploads_folder()
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            os.utime(path)
            return path
        with tempfile.TemporaryDirectory(dir=folder) as place:
            part = Path(place) / ("archive.zip" if name.endswith(".zip") else name)  # messages name it
            part.write_bytes(content)
            check(part)
            _make_room(folder, most_mb * 1e6 - len(content), in_use)
            part.replace(path)
    except OSError as error:
        raise DataError(
            f"the file could not be kept in {folder}: {error.strerror}. Free some space, or give its path."
        ) from None
    return path


def _make_room(folder: Path, most_bytes: float, in_use: Collection[str]) -> None:
    """Deletes the oldest uploads that no run was trained on until what is left fits.

    Raises:
        DataError: What is left are archives of runs.
    """
    kept = sorted((path for path in folder.iterdir() if path.is_file()), key=lambda path: path.stat().st_mtime)
    total = sum(path.stat().st_size for path in kept)
    for path in kept:
        if total > most_bytes and str(path) not in in_use:
            total -= path.stat().st_size
            path.unlink()
    if total > most_bytes:
        raise DataError(
            f"there is no room for another upload: runs were trained on {total / 1e6:,.0f} MB of earlier ones. Delete "
            "some of these runs, or give the file's path."
        )


def forget_upload(path: Path) -> None:
    """Deletes an upload that turned out not to hold what it should."""
    with contextlib.suppress(OSError):
        path.unlink()
