"""Looks a runs folder and its surroundings over, and mends what can be mended without losing anything."""

import contextlib
import importlib.metadata
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dcn_core.errors import PlaygroundError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.runs.store import RunStore

LEAST_FREE_BYTES = 1_000_000_000
STALE_S = 3_600.0
REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        text: What it is, and what a person can do where it cannot be mended.
        mend: Mends it; None where only a person can.
    """

    text: str
    mend: Callable[[], object] | None = None


def look(store: RunStore, cache: Path, limits: Limits) -> Iterator[Finding]:
    """Yields all findings: installation first, then folders, database and runs."""
    yield from installation(REQUIREMENTS)
    for name, folder in (("runs folder", store.root), ("cache folder", cache)):
        yield from writable(name, folder)
    if problem := store.index.problem():
        yield Finding(f"the index {store.index.name} is damaged: {problem}", store.rebuild_index)
    if store.trash.overdue(limits.trash_days):
        yield Finding(
            f"runs in the trash are older than {limits.trash_days:g} days", lambda: store.trash.empty(limits.trash_days)
        )
    for run_id in store.ids():
        yield from run_findings(RunFolder(store.root / run_id))
    for path in stale_files(store.root):
        yield Finding(f"{path.name} is a half-written file", partial(path.unlink, missing_ok=True))


def installation(requirements: Path) -> Iterator[Finding]:
    """The packages of `requirements.txt`, in their versions."""
    lines = requirements.read_text().splitlines() if requirements.exists() else []
    for line in lines:
        found = re.match(r"([A-Za-z0-9_.-]+)==([^\s;]+)\s*(?:;.*)?$", line)
        if found is None or found[1] in ("tensorflow", "tensorflow-cpu"):
            continue
        yield from _package(found[1], found[2])
    names = ("tensorflow", "tensorflow-cpu")  # either will do: with and without a GPU
    if not any(_version(name) for name in names):
        yield Finding("the package tensorflow is missing: pip install -r requirements.txt")


def _package(name: str, wanted: str) -> Iterator[Finding]:
    version = _version(name)
    if version is None:
        yield Finding(f"the package {name} is missing: pip install -r requirements.txt")
    elif version != wanted:
        yield Finding(f"the package {name} is {version}, tested is {wanted}: pip install -r requirements.txt")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def writable(name: str, folder: Path) -> Iterator[Finding]:
    """Whether a folder takes files, and has room for them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        yield Finding(
            f"the {name} {folder} cannot be written: {error.strerror}. Change its permissions, or free some space."
        )
        return
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        yield Finding(f"the {name} {folder} has only {free / 1e6:,.0f} MB left. Free some space.")


def run_findings(run: RunFolder) -> Iterator[Finding]:
    """What is wrong with one run that no process works on."""
    if run.is_locked():
        return
    try:
        run.config()
    except PlaygroundError as error:
        yield Finding(f"run {run.id} cannot be read: {error} Put run.json back from a copy, or delete the run.")
        return
    try:
        run.result()
    except PlaygroundError as error:
        action = (lambda: (run.path / "result.json").unlink(missing_ok=True)) if run.has_checkpoint() else None
        yield Finding(f"run {run.id}: {error}", action)
    true, written = run.status(), run.written_status()
    if true.state != written.state or written.damaged:
        text = f"run {run.id} says {written.state}, but is {true.state}. {true.message}"
        yield Finding(text.strip(), lambda: run.set_status(run.status()))
    with contextlib.suppress(OSError):
        ends = (run.path / "events.jsonl").read_bytes()[-1:]
        if ends not in (b"", b"\n"):
            yield Finding(f"run {run.id}: the last line of events.jsonl is torn", lambda: _close_line(run))
    for folder in (run.path, run.path / "checkpoint", run.film):
        for path in stale_files(folder):
            yield Finding(f"run {run.id}: {path.name} is a half-written file", partial(path.unlink, missing_ok=True))


def stale_files(folder: Path) -> list[Path]:
    """Files that were being written when their process was killed, and have not been touched for an hour."""
    now = time.time()
    found = []
    for path in folder.glob(".?*.*.????????"):
        with contextlib.suppress(OSError):
            if path.is_file() and abs(now - path.stat().st_mtime) > STALE_S:
                found.append(path)
    return found


def _close_line(run: RunFolder) -> None:
    with (run.path / "events.jsonl").open("ab") as file:
        file.write(b"\n")
