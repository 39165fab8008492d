"""Runs from the outside: a supervisor and real worker processes. Their sudden ends are in `tests/faults`."""

import os
import time

import pytest

from dcn_core.config.run import override
from dcn_core.errors import RunError
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.runs.steps import LONG, SMALL, has_trained, wait_for


def test_a_run_goes_from_queued_to_done_and_leaves_a_whole_folder(store: RunStore, supervisor: Supervisor) -> None:
    run = store.open(supervisor.start(SMALL, "first"))
    wait_for(lambda: run.status().finished)
    result = run.result()
    assert result is not None
    assert set(result["scores"]) == {"validation", "test"}
    assert len(result["timing"]["epoch_s"]) == 2
    assert {"model.keras", "model.onnx", "encoder.json"} <= {path.name for path in run.path.iterdir()}
    assert run.weights()["cross_1/W"].ndim == 2
    assert run.insight()["strength"].shape == (2, 7, 7)
    kinds = [event["type"] for event in run.events()[0]]
    assert kinds[0] == "phase"
    assert kinds.count("epoch") == 2
    assert kinds[-1] == "done"


def test_a_stopped_run_keeps_its_best_weights_and_the_next_one_starts(store: RunStore, supervisor: Supervisor) -> None:
    first = store.open(supervisor.start(LONG))
    second = store.open(supervisor.start(SMALL))
    assert supervisor.place_in_queue(second.id) == 1
    wait_for(lambda: has_trained(first))
    assert second.status().state == "queued"
    supervisor.stop(first.id)
    wait_for(lambda: first.status().state == "stopped")
    result = first.result()
    assert result is not None
    assert result["stopped_by"] == "user"
    wait_for(lambda: second.status().state == "done")


def test_a_paused_run_stands_still_until_it_is_resumed(store: RunStore, supervisor: Supervisor) -> None:
    run = store.open(supervisor.start(LONG))
    wait_for(lambda: has_trained(run))
    supervisor.pause(run.id)
    wait_for(lambda: run.status().state == "paused")
    step = run.status().step
    time.sleep(0.5)
    assert run.status().step == step
    supervisor.resume(run.id)
    wait_for(lambda: run.status().step > step)
    supervisor.stop(run.id)


def test_a_queued_run_can_be_cancelled(store: RunStore, supervisor: Supervisor) -> None:
    first = supervisor.start(LONG)
    second = supervisor.start(SMALL)
    supervisor.stop(second)
    assert store.open(second).status().state == "interrupted"
    assert supervisor.place_in_queue(second) is None
    wait_for(lambda: has_trained(store.open(first)))
    supervisor.stop(first)


def test_a_failed_run_says_why(store: RunStore, supervisor: Supervisor) -> None:
    run = store.open(supervisor.start(override(SMALL, ["data.source=/no/such/archive.zip"])))
    wait_for(lambda: run.status().state == "failed")
    assert "/no/such/archive.zip" in run.status().message


def test_commands_to_a_run_that_cannot_take_them_are_refused(store: RunStore, supervisor: Supervisor) -> None:
    run = store.create(SMALL)
    with pytest.raises(RunError, match=r"cannot pause .*it is queued"):
        supervisor.pause(run.id)
    with run.lock():
        run.set_status(Status(state="training"))
        with pytest.raises(RunError, match=r"only a paused, interrupted or stopped run .* is training"):
            supervisor.resume(run.id)
        with pytest.raises(RunError, match="another process"):
            supervisor.pause(run.id)


def test_closing_leaves_no_process_behind(store: RunStore) -> None:
    supervisor = Supervisor(store)
    run = store.open(supervisor.start(LONG))
    wait_for(lambda: has_trained(run))
    pid = run.status().pid
    assert pid is not None
    supervisor.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert run.status().state == "interrupted"
