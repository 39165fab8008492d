"""Sudden ends: of a worker at any moment, of a server with runs under way, of a worker that hangs."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from dcn_core import study
from dcn_core.config.run import override
from dcn_core.runs.ending import settle
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.runs.steps import LONG, SMALL, THOROUGH, has_trained, is_there, same_weights, wait_for

KILLS = 50 if THOROUGH else 3
SERVER = """
import json, sys, time
from pathlib import Path
from dcn_core.config.run import parse_config
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor

supervisor = Supervisor(RunStore(Path(sys.argv[1])), max_active=int(sys.argv[2]), keep_warm=False)
print(json.dumps([supervisor.start(parse_config(config)) for config in json.loads(sys.argv[3])]), flush=True)
time.sleep(600)
"""


def test_a_worker_killed_at_random_moments_loses_nothing(store: RunStore, supervisor: Supervisor) -> None:
    config = override(SMALL, ["train.epochs=40", "train.batch_size=16"])
    undisturbed = store.open(supervisor.start(config))
    wait_for(lambda: undisturbed.status().finished)
    chance = random.Random(1)
    runs = [store.open(supervisor.start(config))]
    kills = 0
    while kills < KILLS:
        run = runs[-1]
        wait_for(lambda: run.status().state != "queued")  # noqa: B023
        time.sleep(chance.uniform(0, 6))
        if (pid := supervisor.workers().get(run.id)) is not None:
            os.kill(pid, signal.SIGKILL)
            kills += 1
        wait_for(lambda: run.id not in supervisor.workers())  # noqa: B023
        status = run.status()
        assert status.state in ("interrupted", "done"), status
        if status.finished:
            runs.append(store.open(supervisor.start(config)))  # it was faster
            continue
        assert "signal 9" in status.message and "Resume" in status.message
        assert any("signal 9" in entry.message for entry in run.log_entries())
        supervisor.resume(run.id)
    for run in runs:
        wait_for(lambda: run.status().finished and run.id not in supervisor.workers())  # noqa: B023
        same_weights(run, undisturbed)
        assert run.missing_files() == []
        with study.only_one(run) as mine:  # a kill may have met the report of a run that was done
            assert mine
        assert [path.name for path in run.path.rglob(".*")] == []  # half-written files are swept up


def test_a_run_can_be_resumed_in_the_moment_in_which_its_end_is_written(
    store: RunStore, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(run: RunFolder, how: str, closing: bool) -> None:
        settle(run, how, closing)
        time.sleep(1)

    monkeypatch.setattr("dcn_core.runs.supervisor.settle", slow)
    run = store.open(supervisor.start(SMALL))
    os.kill(supervisor.workers()[run.id], signal.SIGKILL)
    wait_for(lambda: run.status().state == "interrupted")
    assert run.id in supervisor.workers()
    assert supervisor.resume(run.id) == run.id
    assert run.status().message == ""
    wait_for(lambda: run.status().finished)


def test_a_worker_killed_before_it_began_leaves_a_run_that_can_be_tried_again(store: RunStore) -> None:
    supervisor = Supervisor(store, keep_warm=False)
    try:
        run = store.open(supervisor.start(SMALL))
        os.kill(supervisor.workers()[run.id], signal.SIGKILL)
        wait_for(lambda: run.status().state == "interrupted")
        assert "signal 9 before it began" in run.status().message
        supervisor.resume(run.id)
        wait_for(lambda: run.status().finished)
    finally:
        supervisor.close()


def test_a_server_killed_with_three_runs_leaves_each_going_on_or_resumable(store: RunStore) -> None:
    configs = json.dumps([config.model_dump(mode="json") for config in (LONG, LONG, SMALL)])
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(store.root), "2", configs], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        first, second, queued = (store.open(run_id) for run_id in json.loads(server.stdout.readline()))
        wait_for(lambda: has_trained(first) and has_trained(second))
        pids = [run.status().pid or 0 for run in (first, second)]
        server.kill()
    wait_for(lambda: not any(map(is_there, pids)), seconds=5)
    states = [run.status().state for run in (first, second, queued)]
    assert states == ["interrupted", "interrupted", "queued"]
    assert all(run.has_checkpoint() for run in (first, second))
    supervisor = Supervisor(store, keep_warm=False)
    try:
        epoch = first.status().epoch
        supervisor.resume(first.id)
        wait_for(lambda: queued.status().finished)
        wait_for(lambda: first.status().epoch > epoch)
        assert second.status().resumable
    finally:
        supervisor.close()


def test_a_worker_that_hangs_is_ended_and_said_so(store: RunStore) -> None:
    supervisor = Supervisor(store, keep_warm=False, silence_s=4)
    try:
        run = store.open(supervisor.start(LONG))
        wait_for(lambda: has_trained(run))
        pid = supervisor.workers()[run.id]
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: run.status().state == "interrupted", seconds=30)
        wait_for(lambda: "no sign of life" in run.status().message)
        assert not is_there(pid)
        epoch = run.status().epoch
        supervisor.resume(run.id)
        wait_for(lambda: run.status().epoch > epoch)
    finally:
        supervisor.close()


def test_a_paused_worker_does_not_count_as_one_that_hangs(store: RunStore) -> None:
    supervisor = Supervisor(store, keep_warm=False, silence_s=4)
    try:
        run = store.open(supervisor.start(LONG))
        wait_for(lambda: has_trained(run))
        supervisor.pause(run.id)
        wait_for(lambda: run.status().state == "paused")
        time.sleep(8)
        assert run.status().state == "paused"
    finally:
        supervisor.close()
