"""The list of all runs, kept in step with their folders at the price of one look at each."""

import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dcn_core.runs.folder import RunFolder
from dcn_core.runs.index import RunIndex
from dcn_core.runs.status import ACTIVE
from dcn_core.runs.summary import RunSummary

RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
FILES = ("run.json", "status.json", "result.json")
LOOKED_AT_CLOSELY = 100
"""Runs of a list whose files are looked at one by one: the newest, and as many others in turn. Of the rest only the
folder is, which changes with every file that comes, goes or is replaced, but not with one that is edited in place."""
TICK_NS = 50_000_000
"""Two changes within one tick of the file system's clock (milliseconds) cannot be told apart."""


class Catalogue:
    """Summaries of all runs of a folder.

    A page asks for them at every rerun, so a run is read again only when its folder has changed. What is read of
    settled runs is kept in the index for the next process.

    Args:
        root: The runs folder.
        index: Where summaries are remembered.
    """

    def __init__(self, root: Path, index: RunIndex) -> None:
        self.root = root
        self._index = index
        self._known: dict[str, tuple[str, RunSummary]] | None = None
        self._turn = 0
        self._lock = threading.Lock()

    def ids(self) -> Sequence[str]:
        """Ids of all runs, newest first."""
        try:
            with os.scandir(self.root) as entries:
                names = [entry.name for entry in entries if RUN_ID.fullmatch(entry.name) and entry.is_dir()]
        except OSError:
            return []
        return sorted(names, reverse=True)

    def list(self) -> list[RunSummary]:
        """All runs, newest first. A damaged run is listed as failed."""
        with self._lock:
            known = self._known = self._remembered() if self._known is None else self._known
            ids, fresh, summaries = self.ids(), {}, []
            closely = self._next_to_look_at(ids)
            for run_id in ids:
                before = known.get(run_id)
                signature = sign(f"{self.root}/{run_id}", before[0] if before and run_id not in closely else None)
                if before is not None and before[0] == signature:
                    summary = before[1]
                    summaries.append(self._looked_at(summary) if summary.status.state in ACTIVE else summary)
                    continue
                summary = RunSummary.read(RunFolder(self.root / run_id))
                summaries.append(summary)
                if not is_recent(signature):
                    known[run_id] = signature, summary
                    if not summary.status.waiting_or_active:
                        fresh[run_id] = signature, summary.plain()
            gone = known.keys() - set(ids)
            for run_id in gone:
                del known[run_id]
            if fresh or gone:
                self._index.save(fresh, gone)
            return summaries

    def rebuild(self) -> int:
        """Makes the index anew from the folders; returns how many runs it holds."""
        with self._lock:
            self._known = {}
            self._index.remove()
        return len(self.list())

    def _looked_at(self, summary: RunSummary) -> RunSummary:
        """The summary of an active run whose files have not changed: its worker may be gone without a word."""
        return replace(summary, status=RunFolder(self.root / summary.id).status())

    def _next_to_look_at(self, ids: Sequence[str]) -> set[str]:
        self._turn = (self._turn + LOOKED_AT_CLOSELY) % max(len(ids), 1)
        return {*ids[:LOOKED_AT_CLOSELY], *ids[self._turn : self._turn + LOOKED_AT_CLOSELY]}

    def _remembered(self) -> dict[str, tuple[str, RunSummary]]:
        known = {}
        for run_id, (signature, values) in self._index.load().items():
            try:
                known[run_id] = signature, RunSummary.from_plain(values)
            except (TypeError, KeyError):
                continue
        return known


def sign(path: str, before: str | None = None) -> str:
    """Returns a text that changes when a run's folder does: times of change of the folder, then of its main files.

    Args:
        path: The folder.
        before: An earlier signature. If the folder has not changed since, the files are not looked at again.
    """
    folder = _changed(path)
    if before is not None and before.startswith(f"{folder} "):
        return before
    return " ".join([folder, *(_changed(f"{path}/{name}") for name in FILES)])


def is_recent(signature: str) -> bool:
    """Whether the folder or a file changed just now, so that another change might leave the same signature."""
    now = time.time_ns()
    return any(abs(now - int(part.partition(":")[0])) < TICK_NS for part in signature.split(" "))


def _changed(path: str) -> str:
    try:
        found = os.stat(path)  # noqa: PTH116  three times as fast as pathlib, and there are thousands
    except OSError:
        return "0:0"
    return f"{found.st_mtime_ns}:{found.st_size}"
