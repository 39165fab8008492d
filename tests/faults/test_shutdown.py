"""The end of the real server: its workers save a checkpoint and leave, and nothing stays behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from dcn_core.runs.store import RunStore
from tests.e2e.browser import serve
from tests.faults.processes import children
from tests.faults.session import visit
from tests.runs.steps import LONG, SMALL, has_trained, is_there, wait_for


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks processes up in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_the_server_takes_its_workers_along(tmp_path: Path, number: signal.Signals) -> None:
    store = RunStore(tmp_path / "app" / "runs")
    run, waiting = store.create(LONG), store.create(SMALL)
    with serve(tmp_path / "app") as server:
        with visit(server.url) as session:
            session.rerun()
            session.until_drawn()
        wait_for(lambda: has_trained(run))
        workers = children(server.pid)
        assert run.status().pid in workers
        begin = time.monotonic()
        os.kill(server.pid, number)
        wait_for(lambda: not any(map(is_there, workers)), seconds=10)
        assert time.monotonic() - begin < 3
    assert run.status().state == "interrupted"
    assert "Resume to go on" in run.status().message
    assert run.has_checkpoint()
    assert waiting.status().state == "queued"
    assert "Traceback" not in server.log_text()
