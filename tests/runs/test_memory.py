"""A process that takes too much memory is noticed, whatever it is busy with."""

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from dcn_core.config.run import override
from dcn_core.errors import ConfigError
from dcn_core.runs.limits import Demand, Limits
from dcn_core.runs.memory import machine_mb, resident_mb, watched_memory
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.runs.steps import SMALL

ROOT = Path(__file__).parents[2]
WORKER = """
import sys
from pathlib import Path
import dcn_core.model.cost
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.worker import execute

dcn_core.model.cost.BASE_MB = -1e6  # the estimate is far too low
run = RunFolder(Path(sys.argv[1]))
with run.lock():
    execute(run, lambda: None, Limits(max_memory_mb=200))
print("not ended")
"""
"""A worker whose memory is limited to less than TensorFlow takes."""

pytestmark = pytest.mark.skipif(not resident_mb(), reason="the system does not tell how much memory a process has")


def test_excess_is_told_once_while_the_block_is_busy() -> None:
    told: list[float] = []
    excess = threading.Event()
    with watched_memory(resident_mb() + 50, lambda used: (told.append(used), excess.set())):  # type: ignore[func-returns-value]
        time.sleep(0.5)
        assert told == []
        held = np.ones(20_000_000)
        assert excess.wait(5)
    assert len(told) == 1 and len(held)


def test_the_machine_is_the_limit_unless_the_operator_sets_one() -> None:
    assert Limits().memory_mb == machine_mb()
    assert Limits(max_memory_mb=100).memory_mb == 100


def test_a_run_that_would_not_fit_is_refused_before_it_exists(store: RunStore) -> None:
    supervisor = Supervisor(store, keep_warm=False, limits=Limits(max_memory_mb=500))
    with pytest.raises(ConfigError, match=r"at most 500 MB of memory. This one would take about 600 MB. Take fewer"):
        supervisor.start(SMALL, demand=Demand(memory_mb=600))
    with pytest.raises(ConfigError, match="at most 200,000,000 weights"):
        supervisor.start(SMALL, demand=Demand(parameters=10**9))
    with pytest.raises(ConfigError, match="at most 50,000,000 rows"):
        supervisor.start(override(SMALL, ["data.source=a.zip"]), demand=Demand(rows=10**9))
    assert store.list() == []


def test_a_run_that_takes_more_than_was_foreseen_is_ended_in_words(store: RunStore) -> None:
    run = store.create(SMALL)
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(run.path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "not ended" not in done.stdout
    status = run.status()
    assert status.state == "failed"
    assert re.match(r"This run took \d+ MB of memory\. This server gives a run at most 200 MB", status.message)
    assert "Take fewer ratings" in status.message and status.message in done.stderr
    assert run.log_entries()[-1].message == status.message
