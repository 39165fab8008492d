"""The database beside the folders: it saves time, and nothing else depends on it."""

import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.runs import catalogue
from dcn_core.runs.index import MIGRATIONS, Index
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore

SUMMARY = {"name": "a"}


def filled(root: Path, runs: int = 3) -> RunStore:
    """A store of failed runs, listed once they are old enough to be remembered."""
    store = RunStore(root)
    for number in range(runs):
        store.create(RunConfig(), f"run {number}").set_status(Status(state="failed", message="no"))
    time.sleep(0.06)
    store.list()
    return store


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    index = Index(tmp_path / "index", "1")
    assert index.load() == {}
    assert index.save({"x": ("1", SUMMARY), "y": ("2", SUMMARY)})
    assert index.save({"x": ("3", SUMMARY)}, gone=["y"])
    assert Index(tmp_path / "index", "1").load() == {"x": ("3", SUMMARY)}


def test_it_has_a_write_ahead_log_and_a_schema_version(tmp_path: Path) -> None:
    Index(tmp_path / "index", "1").save({})
    with sqlite3.connect(tmp_path / "index") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    database.close()


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_an_older_schema_is_migrated(tmp_path: Path, version: int) -> None:
    with sqlite3.connect(tmp_path / "index") as database:
        for step in MIGRATIONS[:version]:
            database.execute(step)
        database.execute(f"PRAGMA user_version = {version}")
    database.close()
    index = Index(tmp_path / "index", "1")
    assert index.save({"x": ("1", SUMMARY)})
    assert index.load() == {"x": ("1", SUMMARY)}


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "index") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    index = Index(tmp_path / "index", "1")
    assert not index.save({"x": ("1", SUMMARY)})
    assert index.load() == {}
    assert "newer" not in (index.problem() or "")


def test_summaries_of_another_version_are_forgotten(tmp_path: Path) -> None:
    Index(tmp_path / "index", "1").save({"x": ("1", SUMMARY)})
    assert Index(tmp_path / "index", "2").load() == {}


def test_a_new_process_reads_the_list_from_it(tmp_path: Path) -> None:
    expected = filled(tmp_path).list()
    again = RunStore(tmp_path)
    entries = again.index.load()
    assert set(entries) == {run.id for run in expected}
    assert again.list() == expected
    assert again.list()[0].config == RunConfig()


@pytest.mark.parametrize("damage", ["rubbish", "empty", "cut", "locked", "folder"])
def test_a_damaged_or_locked_database_never_breaks_the_list(tmp_path: Path, damage: str) -> None:
    expected = filled(tmp_path).list()
    store = RunStore(tmp_path)
    path = store.index.path
    lock = None
    if damage == "rubbish":
        path.write_bytes(b"this is no database" * 1000)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "locked":
        lock = sqlite3.connect(path)
        lock.execute("BEGIN EXCLUSIVE")
    else:
        store.index.remove()
        path.mkdir()
    begin = time.monotonic()
    assert store.list() == expected
    assert time.monotonic() - begin < 2
    store.create(RunConfig()).set_status(Status(state="failed"))
    time.sleep(0.06)
    assert len(store.list()) == 4
    if lock:
        lock.close()


def test_it_can_be_rebuilt_from_the_folders(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.index.remove()
    assert RunStore(tmp_path).rebuild_index() == 3
    assert len(store.index.load()) == 3


def test_a_run_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    store = filled(tmp_path)
    shutil.rmtree(store.root / store.list()[0].id)
    assert len(store.list()) == 2
    assert len(store.index.load()) == 2


def test_a_file_edited_in_place_shows_in_a_long_list_before_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "LOOKED_AT_CLOSELY", 1)
    store = filled(tmp_path)
    oldest = store.list()[-1]
    path = store.root / oldest.id / "run.json"
    path.write_text(path.read_text().replace(oldest.name, "by hand"))
    time.sleep(0.06)
    assert any(store.list()[-1].name == "by hand" for _ in range(3))


def test_thousands_of_runs_list_in_a_blink(tmp_path: Path) -> None:
    first = RunStore(tmp_path).create(RunConfig())
    first.set_status(Status(state="failed"))
    for number in range(2_000):
        shutil.copytree(first.path, tmp_path / f"20260101-{number:06d}-abcdef")
    time.sleep(0.06)
    store = RunStore(tmp_path)
    store.list()
    times = []
    for _ in range(7):
        begin = time.process_time()  # other processes may be busy
        assert len(store.list()) == 2_001
        times.append(time.process_time() - begin)
    assert min(times) < 0.05, times
