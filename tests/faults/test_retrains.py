"""One server over a long day: it trains again and again while a page shows it, and nothing piles up; two people press at once."""

import statistics
import threading
import time
from pathlib import Path

import pytest

from dcn_core.config.run import override
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from tests.e2e.browser import Server, serve
from tests.faults.processes import children, open_files, resident_mb, threads
from tests.faults.session import Session, visit
from tests.runs.steps import SMALL, THOROUGH, wait_for

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks processes up in /proc")

RETRAINS = 100 if THOROUGH else 8
WARM_UP = 4
"""Runs after which everything is loaded and every cache that is bounded to a few runs fills up no more."""
MOST_MB = 300
GROWTH_MB = 25
"""Room for what differs from run to run, and for the summaries of a hundred runs. A leak of a page's memory is far more."""


def watch_to_the_end(session: Session, store: RunStore) -> RunFolder:
    """Watches the shown run as an open page does, until the page shows it finished."""
    run = store.open(session.run)
    while session.timers:
        time.sleep(0.2)
        for fragment in list(session.timers):
            session.rerun(fragment)
            session.until_drawn()
    wait_for(lambda: run.status().finished)
    return run


def take_settings(session: Session, store: RunStore, *settings: str) -> None:
    """Makes the settings of the tests' small network, and others, those of the page."""
    template = store.create(override(SMALL, ["train.epochs=1", "train.batch_size=4096", *settings]))
    template.set_status(Status(state="failed", message="It only lends its settings."))
    for act in (lambda: session.go_to(f"run={template.id}"), lambda: session.press("use-settings")):
        act()
        session.until_drawn()


def test_training_again_and_again_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    store = RunStore(tmp_path / "app" / "runs")
    runs: list[RunFolder] = []
    seen: list[tuple[float, int, int]] = []
    with serve(tmp_path / "app") as server:
        with visit(server.url) as session:
            session.rerun()
            session.until_drawn()
            take_settings(session, store)
            for _ in range(RETRAINS):
                session.press("train")
                session.until_drawn()
                runs.append(watch_to_the_end(session, store))
                wait_for(lambda: len(children(server.pid)) == 1)  # the worker is gone, the next one is being made ready
                seen.append((resident_mb(server.pid), open_files(server.pid), threads(server.pid)))
        assert "Traceback" not in server.log_text()
    print(f"{RETRAINS} retrains: megabytes, open files and threads of the server: {seen}")  # noqa: T201
    memory = [megabytes for megabytes, _, _ in seen]
    assert len({run.id for run in runs}) == RETRAINS
    assert max(memory) < MOST_MB
    assert statistics.mean(memory[-3:]) - memory[WARM_UP] < GROWTH_MB
    assert all(last <= warm + 3 for warm, last in zip(seen[WARM_UP][1:], seen[-1][1:], strict=True))
    report = {"insight.json", "insight.lock"}  # of the last run it may not have been begun
    assert len({frozenset(path.name for path in run.path.iterdir()) - report for run in runs}) == 1
    assert [path for run in runs for path in run.path.rglob(".*")] == []
    # The worker that waited leaves within three seconds of its server; `.ses` is ONNX Runtime's, one however many runs.
    wait_for(lambda: {path.name for path in temporary.iterdir()} <= {".ses"})


def press_at_once(server: Server, store: RunStore, *changes: str) -> list[str]:
    """Two people press Train at the same moment, the second with these changes; returns the runs that they see."""
    with visit(server.url) as one, visit(server.url) as other:
        for session, settings in ((one, ()), (other, changes)):
            session.rerun()
            session.until_drawn()
            take_settings(session, store, *settings)
        start = threading.Barrier(2)

        def press(session: Session) -> None:
            start.wait()
            session.press("train")
            session.until_drawn()

        people = [threading.Thread(target=press, args=(session,)) for session in (one, other)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        for session in (one, other):
            watch_to_the_end(session, store)
        return [session.run for session in (one, other)]


def test_two_people_who_train_the_same_at_once_share_a_run_and_otherwise_get_one_each(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "app" / "runs")
    with serve(tmp_path / "app") as server:
        same = press_at_once(server, store)
        assert same[0] == same[1]
        different = press_at_once(server, store, "train.epochs=2")
        assert len({*same, *different}) == 3
        assert [run.state for run in store.list()].count("done") == 3
        assert "Traceback" not in server.log_text()
