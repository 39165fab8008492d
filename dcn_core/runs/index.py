"""The database beside the run folders: what lists show of each run, so that thousands need not be read again.

The folders are the truth. The database can be deleted at any time, and whatever is wrong with it (damaged, locked, not
writable, of a newer version) only costs time.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from dcn_core.files import parse_json

MIGRATIONS = (
    "CREATE TABLE runs (id TEXT PRIMARY KEY, signature TEXT NOT NULL, summary TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE about (version TEXT NOT NULL)",
    "DELETE FROM runs",  # summaries tell the fingerprint of the ratings since
)
"""Step n leads from schema version n to n + 1, which SQLite keeps as `user_version`."""
FILE = ".index.sqlite"
BUSY_S = 0.1

Entry = tuple[str, dict[str, Any]]
"""Signature and summary of a run, as text and plain values."""


class RunIndex(Protocol):
    """Where summaries are remembered: a file beside the runs, or a database that several servers share."""

    @property
    def name(self) -> str:
        """What to call it."""
        ...

    def load(self) -> dict[str, Entry]:
        """What is kept, by run id."""
        ...

    def save(self, entries: Mapping[str, Entry], gone: Iterable[str] = ()) -> bool:
        """Keeps entries, forgets runs that are gone, and returns whether it could."""
        ...

    def remove(self) -> None:
        """Forgets everything."""
        ...

    def problem(self) -> str | None:
        """What is wrong with it."""
        ...


def index_of(root: Path, version: str) -> RunIndex:
    """The index of a runs folder: in the database of `PLAYGROUND_INDEX_DB`, else a file in the folder.

    Args:
        root: The runs folder.
        version: Version of the program that makes the summaries.
    """
    if url := os.environ.get("PLAYGROUND_INDEX_DB", "").strip():
        from dcn_core.runs.shared_index import SharedIndex

        return SharedIndex(url, str(root.resolve()), version)
    return Index(root / FILE, version)


class Index:
    """Signature and summary of each settled run, in SQLite with a write-ahead log.

    Args:
        path: The database file, made when something is first kept.
        version: Version of the program that makes the summaries; those of another one are forgotten.
    """

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self.version = version

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.path.name

    def load(self) -> dict[str, Entry]:
        """Returns what is kept by run id; nothing where the database cannot be read."""
        if not self.path.exists():
            return {}
        try:
            with self._open() as database:
                rows = database.execute("SELECT id, signature, summary FROM runs").fetchall()
            return {run_id: (signature, parse_json(summary)) for run_id, signature, summary in rows}
        except (sqlite3.Error, ValueError, TypeError, OSError):
            return {}

    def save(self, entries: Mapping[str, Entry], gone: Iterable[str] = ()) -> bool:
        """Keeps entries in place of those before, and forgets runs that are gone. Returns whether it could."""
        rows = [(run_id, signature, json.dumps(summary)) for run_id, (signature, summary) in entries.items()]
        try:
            with self._open() as database:
                database.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", rows)
                database.executemany("DELETE FROM runs WHERE id = ?", [(run_id,) for run_id in gone])
            return True
        except (sqlite3.Error, OSError):
            return False

    def remove(self) -> None:
        """Deletes the database."""
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def problem(self) -> str | None:
        """What is wrong with the database, None if nothing is."""
        if not self.path.exists():
            return None
        try:
            with contextlib.closing(self._connect()) as database:
                found = database.execute("PRAGMA quick_check").fetchone()[0]
            return None if found == "ok" else str(found)
        except (sqlite3.Error, OSError) as error:
            return str(error)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection of this schema in one transaction. A damaged file is made anew: it holds nothing of its own."""
        try:
            database = self._ready()
        except sqlite3.OperationalError:  # locked, or not writable: somebody else's matter
            raise
        except sqlite3.DatabaseError:
            self.remove()
            database = self._ready()
        with contextlib.closing(database), database:
            yield database

    def _ready(self) -> sqlite3.Connection:
        database = self._connect()
        try:
            self._migrate(database)
        except BaseException:
            database.close()
            raise
        return database

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level="IMMEDIATE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last entries, which are read again
        return database

    def _migrate(self, database: sqlite3.Connection) -> None:
        (known,) = database.execute("PRAGMA user_version").fetchone()
        if known > len(MIGRATIONS):
            raise sqlite3.OperationalError(f"the index is of schema {known}, newer than this program")
        if known < len(MIGRATIONS):
            with database:
                database.execute("BEGIN IMMEDIATE")
                (known,) = database.execute("PRAGMA user_version").fetchone()  # another process may have been faster
                for step in MIGRATIONS[known:]:
                    database.execute(step)
                database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        if database.execute("SELECT version FROM about").fetchall() != [(self.version,)]:
            with database:
                database.execute("DELETE FROM runs")
                database.execute("DELETE FROM about")
                database.execute("INSERT INTO about VALUES (?)", (self.version,))
