"""A worker's signs of life."""

import os
import time
from pathlib import Path

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.runs import heartbeat
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.heartbeat import SLOW_PHASES, Heartbeat
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunStore(tmp_path / "runs").create(RunConfig())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test turns by hand."""
    now = [100.0]
    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: now[0])
    return now


def look(beat: Heartbeat, clock: list[float], seconds: float) -> bool:
    """Looks once a second for so long."""
    missed = False
    for _ in range(int(seconds)):
        clock[0] += 1
        missed = beat.is_missed()
    return missed


def test_a_training_worker_may_be_silent_only_for_so_long(run: RunFolder, clock: list[float]) -> None:
    with run.lock():
        run.set_status(Status(state="training"))
        beat = Heartbeat(run, silence_s=10)
        assert not look(beat, clock, 10)
        run.set_status(Status(state="training"))
        assert not look(beat, clock, 10)
        assert look(beat, clock, 2)


def test_a_worker_that_compiles_may_be_silent_for_longer(run: RunFolder, clock: list[float]) -> None:
    with run.lock():
        run.set_status(Status(state="compiling"))
        beat = Heartbeat(run, silence_s=10)
        assert not look(beat, clock, 10 * SLOW_PHASES)
        assert look(beat, clock, 2)


def test_a_machine_that_slept_is_no_worker_that_hangs(run: RunFolder, clock: list[float]) -> None:
    with run.lock():
        run.set_status(Status(state="training"))
        beat = Heartbeat(run, silence_s=10)
        look(beat, clock, 5)
        clock[0] += 10_000
        assert not beat.is_missed()


def test_a_clock_that_was_set_back_does_not_matter(run: RunFolder, clock: list[float]) -> None:
    with run.lock():
        run.set_status(Status(state="training"))
        past = time.time() - 1_000_000
        os.utime(run.path / "status.json", (past, past))
        beat = Heartbeat(run, silence_s=10)
        assert not look(beat, clock, 10)
        run.set_status(Status(state="training"))
        assert not look(beat, clock, 10)
