"""The index in a database of its own: by SQLite everywhere, by PostgreSQL where it is installed."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.errors import ConfigError
from dcn_core.runs.shared_index import SharedIndex
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from dcn_core.search.plan import make_plan
from dcn_core.search.searches import Searches
from dcn_core.search.space import Dimension
from tests.runs.postgres import postgres

SUMMARY = {"name": "a · ✓"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shared.sqlite'}"
        return
    with postgres() as address:
        yield address


def test_what_one_server_keeps_another_finds(url: str) -> None:
    one, other, elsewhere = (SharedIndex(url, place, "1") for place in ("/runs", "/runs", "/others"))
    assert one.load() == {} and one.problem() is None
    assert one.save({"x": ("1", SUMMARY), "y": ("2", SUMMARY)})
    assert other.save({"x": ("3", SUMMARY)}, gone=["y"])
    assert one.load() == {"x": ("3", SUMMARY)} and elsewhere.load() == {}
    assert SharedIndex(url, "/runs", "2").load() == {}
    assert elsewhere.save({"x": ("4", {"name": "a\x00b"}), "z": ("5", SUMMARY)})
    assert set(elsewhere.load()) == {"z"}
    one.remove()
    assert other.load() == {} and set(elsewhere.load()) == {"z"}


def test_a_folder_lists_its_runs_from_it(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_INDEX_DB", url)
    store = RunStore(tmp_path / "runs")
    for number in range(3):
        store.create(RunConfig(), f"run {number}").set_status(Status(state="failed", message="no"))
    time.sleep(0.06)
    expected = store.list()
    assert not (tmp_path / "runs" / ".index.sqlite").exists()
    again = RunStore(tmp_path / "runs")
    assert set(again.index.load()) == {run.id for run in expected} and again.list() == expected
    store.delete(expected[0].id)
    assert len(again.list()) == 2 and len(store.index.load()) == 2
    assert again.rebuild_index() == 2


def test_searches_are_kept_there_too(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_SEARCH_DB", url)
    plan = make_plan(base=RunConfig(), dimensions=(Dimension(path="model.dropout", low=0.0, high=0.5),))
    one, found = Searches(tmp_path / "one"), Searches(tmp_path / "two")
    one.create("shared", plan)
    assert found.names() == ["shared"] and found.read("shared").plan == plan
    one.close()
    found.close()


def test_a_database_that_is_away_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_INDEX_DB", f"sqlite:///{tmp_path / 'no such folder' / 'file'}")
    store = RunStore(tmp_path / "runs")
    store.create(RunConfig()).set_status(Status(state="failed"))
    time.sleep(0.06)
    assert len(store.list()) == 1 and store.index.problem() is not None


def test_an_address_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_INDEX_DB", "nonsense")
    with pytest.raises(ConfigError, match="PLAYGROUND_INDEX_DB must be the address"):
        RunStore(tmp_path / "runs").list()
