"""A run that trains in another folder, through an object store, looks like one that trains in its own."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("fsspec")
from dcn_core.config.run import override
from dcn_core.errors import StoreError
from dcn_core.runs import mirror, outpost
from dcn_core.runs.log import SERVER_FILE, read_log
from dcn_core.runs.mirror import Mirror
from dcn_core.runs.object_store import ObjectStore
from dcn_core.runs.outpost import Outpost
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from dcn_core.study import read_report
from tests.runs.steps import LONG, SMALL, has_trained, same_weights, wait_for


class Away:
    """A place to train in this process that shares nothing with the server but the store."""

    slots = 1

    def __init__(self, url: str) -> None:
        self.store = ObjectStore(url)
        self.outposts: list[Outpost] = []

    def launch(self, run: Path) -> Mirror:
        def begin(key: str) -> Outpost:
            self.outposts.append(Outpost(self.store.url, key, run.name))
            return self.outposts[-1]

        return Mirror(mirror.RunFolder(run), self.store, begin)

    def prepare(self) -> None:
        pass

    def idle(self) -> list[Outpost]:
        return []


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(f"file://{tmp_path}/store")


@pytest.fixture
def server(store: RunStore, away: Away) -> Iterator[Supervisor]:
    made = Supervisor(store, executor=away)
    yield made
    made.close()


def test_a_run_is_whole_when_it_is_back(
    store: RunStore, server: Supervisor, away: Away, supervisor: Supervisor, tmp_path: Path
) -> None:
    run = store.open(server.start(override(SMALL, ["train.epochs=40"])))
    wait_for(lambda: has_trained(run))
    store.edit(run.id, name="renamed", note="while it trains")
    wait_for(lambda: not server.knows(run.id))
    assert run.status().state == "done", run.status()
    record = run.record()
    assert (record["name"], record["note"]) == ("renamed", "while it trains")
    assert record["fingerprint"] and record["data"]
    assert not run.is_locked()
    assert read_report(run).sections  # Inspect has what it shows first
    assert not list((tmp_path / "store").iterdir())
    assert not away.outposts[0]._folder.exists()
    here = store.open(supervisor.start(override(SMALL, ["train.epochs=40"])))
    wait_for(lambda: not supervisor.knows(here.id))
    same_weights(run, here)
    assert [event["type"] for event in run.events()[0]].count("epoch") == 40
    assert {p.name for p in run.film.iterdir()} == {p.name for p in here.film.iterdir()}


def test_training_goes_on_while_the_store_is_away(
    store: RunStore, server: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.open(server.start(LONG))
    wait_for(lambda: has_trained(run))
    stopped = store_is_away(monkeypatch)
    beats = {(run.path / "status.json").stat().st_mtime_ns}
    wait_for(lambda: beats.add((run.path / "status.json").stat().st_mtime_ns) or len(beats) > 2)  # type: ignore[func-returns-value]
    assert run.status().active
    assert server.knows(run.id)
    stopped.set()
    server.stop(run.id)
    wait_for(lambda: not server.knows(run.id))
    assert run.status().state == "stopped"
    told = [entry.message for entry in read_log(store.root / SERVER_FILE)]
    assert sum("not now" in message for message in told) == 1, told


def test_without_the_store_nothing_begins_and_the_run_says_why(
    store: RunStore, server: Supervisor, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "PATIENCE_S", 0.0)
    back = store_is_away(monkeypatch)
    run = store.open(server.start(SMALL))
    wait_for(lambda: not server.knows(run.id))
    status = run.status()
    assert status.state == "interrupted"
    assert "object store" in status.message and "Resume to try again" in status.message
    assert "not now" in run.log_entries()[0].message
    assert not away.outposts
    back.set()
    server.resume(run.id)
    wait_for(lambda: not server.knows(run.id))
    assert run.status().state == "done"


def test_a_machine_without_the_store_says_so_in_the_runs_log(
    store: RunStore, server: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outpost, "PATIENCE_S", 0.0)
    monkeypatch.setattr(outpost, "ObjectStore", raising(StoreError("no such package here")))
    run = store.open(server.start(SMALL))
    wait_for(lambda: not server.knows(run.id))
    assert run.status().state == "interrupted"
    assert "could not get its files from the object store" in run.status().message
    assert any("no such package here" in entry.message for entry in run.log_entries())


def test_a_killed_worker_leaves_a_run_that_goes_on_elsewhere(store: RunStore, server: Supervisor, away: Away) -> None:
    run = store.open(server.start(LONG))
    wait_for(lambda: run.has_checkpoint() and has_trained(run, 2))
    away.outposts[0].kill()
    wait_for(lambda: not server.knows(run.id))
    assert run.status().state == "interrupted"
    assert "signal 9" in run.status().message
    epoch = run.status().epoch
    server.resume(run.id)
    wait_for(lambda: has_trained(run, epoch + 1) and run.status().state == "training")
    begun = [event["epoch"] for event in run.events()[0] if event["type"] == "epoch"]
    server.stop(run.id)
    wait_for(lambda: not server.knows(run.id))
    assert run.status().state == "stopped"
    assert begun.count(1) == 1  # it did not begin anew


def test_the_end_of_the_server_brings_back_a_checkpoint(store: RunStore, server: Supervisor) -> None:
    run = store.open(server.start(LONG))
    wait_for(lambda: has_trained(run))
    server.close()
    assert run.status().state == "interrupted"
    assert run.has_checkpoint()
    assert not run.is_locked()


def store_is_away(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Makes every store refuse until the event is set."""
    back = threading.Event()

    def unless(method: Callable[..., object]) -> Callable[..., object]:
        def refused(*arguments: object) -> object:
            if not back.is_set():
                raise StoreError("not now")
            return method(*arguments)

        return refused

    for name in ("read", "write", "remove", "remove_all"):
        monkeypatch.setattr(ObjectStore, name, unless(getattr(ObjectStore, name)))
    return back


def raising(error: Exception) -> Callable[..., object]:
    def refuse(*_: object) -> object:
        raise error

    return refuse
