"""One server over a long day: it trains again and again while a page shows it, and nothing piles up; two people press at once."""

import os
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
from tests.faults.session import Session, visit
from tests.runs.steps import SMALL, THOROUGH, wait_for

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks processes up in /proc")

RETRAINS = 100 if THOROUGH else 8
WARM_UP = 4
"""Runs after which everything is loaded and every cache that is bounded to a few runs fills up no more."""
MOST_MB = 300
GROWTH_MB = 25
"""Room for what differs from run to run, and for the summaries of a hundred runs. A leak of a page's memory is far more."""


def resident_mb(pid: int) -> float:
    """Memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def children(pid: int) -> list[int]:
    """Ids of the processes that a process has started, ended ones that it has not taken note of included."""
    return [int(text) for path in Path(f"/proc/{pid}/task").glob("*/children") for text in path.read_text().split()]


def open_files(pid: int) -> int:
    """How many files, sockets and pipes a process holds."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208  iterdir would hold one more


def watch_to_the_end(session: Session, store: RunStore) -> RunFolder:
    """Watches the shown run as an open page does, until the page shows it finished."""
    run = store.open(session.query.partition("run=")[2])
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
    session.query = f"run={template.id}"
    for act in (session.rerun, lambda: session.press("use-settings")):
        act()
        session.until_drawn()


def test_training_again_and_again_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    store = RunStore(tmp_path / "app" / "runs")
    runs, memory, files, threads = [], [], [], []
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
                memory.append(resident_mb(server.pid))
                files.append(open_files(server.pid))
                threads.append(len(os.listdir(f"/proc/{server.pid}/task")))  # noqa: PTH208
        assert "Traceback" not in server.log_text()
    print(  # noqa: T201
        f"{RETRAINS} retrains: server {memory[0]:.0f}, {memory[WARM_UP]:.0f}, {memory[-1]:.0f} MB after the first, "
        f"the fifth and the last; most {max(memory):.0f}; {files[WARM_UP]} and {files[-1]} open files, "
        f"{threads[WARM_UP]} and {threads[-1]} threads"
    )
    assert len({run.id for run in runs}) == RETRAINS
    assert max(memory) < MOST_MB
    assert statistics.mean(memory[-3:]) - memory[WARM_UP] < GROWTH_MB
    assert files[-1] <= files[WARM_UP] + 3
    assert threads[-1] <= threads[WARM_UP] + 3
    assert len({tuple(sorted(path.name for path in run.path.iterdir())) for run in runs}) == 1
    assert [path for run in runs for path in run.path.rglob(".*")] == []
    assert list(temporary.iterdir()) == []


def press_at_once(server: Server, store: RunStore, *changes: str) -> list[str]:
    """Two people press Train at the same moment, the second with other settings; returns the runs that they see."""
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
        return [session.query for session in (one, other)]


def test_two_people_who_train_the_same_at_once_share_a_run_and_otherwise_get_one_each(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "app" / "runs")
    with serve(tmp_path / "app") as server:
        same = press_at_once(server, store)
        assert same[0] == same[1]
        different = press_at_once(server, store, "train.epochs=2")
        assert len({*same, *different}) == 3
        assert [run.state for run in store.list()].count("done") == 3
        assert "Traceback" not in server.log_text()
