"""What a person may do with a run: train it further, resume it when stopped, delete it, wait in a queue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dcn_core.config.run import RunConfig, override
from dcn_core.errors import ConfigError, RunError
from dcn_core.runs.limits import Limits
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.runs.steps import LONG, SMALL, has_trained, same_weights, wait_for
from tests.search.scripted import ScriptedExecutor, ScriptedWorker


@pytest.fixture
def supervisor(store: RunStore) -> Iterator[Supervisor]:
    supervisor = Supervisor(store, limits=Limits(max_queue=2))
    yield supervisor
    supervisor.close()


def test_a_finished_run_trained_further_ends_as_if_it_had_never_stopped(
    store: RunStore, supervisor: Supervisor
) -> None:
    whole = store.open(supervisor.start(override(SMALL, ["train.epochs=4"])))
    half = store.open(supervisor.start(SMALL))
    wait_for(lambda: whole.status().finished and half.status().finished)
    before = half.weights()["head/kernel"].copy()
    further = store.open(supervisor.train_further(half.id, more_epochs=2))
    assert further.id != half.id
    assert half.status().finished  # it keeps what it has while the other trains
    wait_for(lambda: further.status().finished)
    same_weights(further, whole)
    assert (half.weights()["head/kernel"] == before).all()
    assert [e["epoch"] for e in further.events()[0] if e["type"] == "epoch"] == [1, 2, 3, 4]
    assert further.record()["fingerprint"] == whole.record()["fingerprint"]
    assert further.record()["continues"] == half.id
    with pytest.raises(RunError, match="Say how many more"):
        supervisor.train_further(half.id)
    with pytest.raises(ConfigError, match=r"train\.epochs"):
        supervisor.train_further(half.id, more_epochs=10_000)
    with pytest.raises(RunError, match="only a paused, interrupted or stopped run"):
        supervisor.resume(half.id)


def test_a_stopped_run_goes_on_in_a_new_one_and_keeps_its_network(store: RunStore, supervisor: Supervisor) -> None:
    run = store.open(supervisor.start(LONG))
    wait_for(lambda: has_trained(run))
    supervisor.stop(run.id)
    wait_for(lambda: run.status().state == "stopped")
    assert run.record()["fingerprint"] is None  # its config would have taught it more
    trained = run.status().epoch
    further = store.open(supervisor.resume(run.id))
    assert further.name() == f"{run.name()} · further"
    wait_for(lambda: further.status().epoch > trained)
    supervisor.stop(further.id)
    wait_for(lambda: further.status().state == "stopped")
    assert run.status().state == "stopped"
    assert further.config() == LONG


def test_the_queue_is_bounded_and_places_move_up(store: RunStore, supervisor: Supervisor) -> None:
    active = supervisor.start(LONG)
    second, third = supervisor.start(SMALL), supervisor.start(SMALL)
    assert [supervisor.place_in_queue(run) for run in (active, second, third)] == [None, 1, 2]
    with pytest.raises(RunError, match="at most 2 runs may wait"):
        supervisor.start(SMALL)
    elsewhere = store.create(SMALL)  # as another server would have made it
    with pytest.raises(RunError, match="at most 2 runs may wait"):
        supervisor.resume(elsewhere.id)
    supervisor.delete(second)
    assert supervisor.place_in_queue(third) == 1
    assert store.trash.ids() == [second]
    store.restore(second)
    assert store.open(second).status().state == "interrupted"
    with pytest.raises(RunError, match="Stop it first"):
        supervisor.delete(active)


def test_a_run_can_be_deleted_in_the_moment_in_which_it_ends(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedWorker, "linger_s", 0.5)
    supervisor = Supervisor(store, executor=ScriptedExecutor(lambda _: [1.0]))
    run = store.open(supervisor.start(SMALL))
    wait_for(lambda: run.status().finished)
    assert supervisor.knows(run.id)
    supervisor.delete(run.id)
    assert store.trash.ids() == [run.id]
    supervisor.close()


def test_the_same_experiment_started_twice_at_once_is_one_run(store: RunStore) -> None:
    supervisor = Supervisor(store, keep_warm=False)
    first = supervisor.start(SMALL, fingerprint="abc")
    assert supervisor.start(SMALL, fingerprint="abc") == first
    assert supervisor.start(SMALL, fingerprint="abd") != first
    supervisor.close()


def test_what_is_too_large_is_refused_before_a_run_exists(store: RunStore) -> None:
    supervisor = Supervisor(store, keep_warm=False, limits=Limits(max_rows=10_000))
    with pytest.raises(ConfigError, match="at most 10,000 rows"):
        supervisor.start(RunConfig())
    assert store.list() == []


def test_a_run_that_only_the_worker_finds_too_large_says_so(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_MAX_PARAMETERS", "1000")
    supervisor = Supervisor(store, keep_warm=False)
    run = store.open(supervisor.start(SMALL))
    wait_for(lambda: run.status().state == "failed")
    assert "at most 1,000 weights" in run.status().message
    supervisor.close()


def test_a_run_whose_time_is_up_stops_with_its_best_weights(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_MAX_MINUTES", "0.05")
    supervisor = Supervisor(store, keep_warm=False)
    run = store.open(supervisor.start(LONG))
    wait_for(lambda: run.status().state == "stopped")
    result = run.result()
    assert result is not None and result["stopped_by"] == "limit"
    assert "Stopped after 0.05 minutes" in run.status().message
    supervisor.close()


def test_a_run_that_another_server_left_waiting_can_be_cancelled_or_started_here(
    store: RunStore, supervisor: Supervisor
) -> None:
    left, other = store.create(SMALL), store.create(SMALL)  # as a server would have made them that is gone
    assert not supervisor.knows(left.id)
    supervisor.stop(left.id)
    assert left.status().message == "Cancelled before it started."
    supervisor.resume(other.id)
    assert supervisor.knows(other.id)
    wait_for(lambda: other.status().finished)
    assert left.status().state == "interrupted"


def test_training_further_keeps_to_the_operators_limits(store: RunStore) -> None:
    supervisor = Supervisor(store, keep_warm=False, limits=Limits(max_work=3_000 * 3))
    run = store.open(supervisor.start(SMALL))
    wait_for(lambda: run.status().finished)
    with pytest.raises(ConfigError, match="at most 9,000 rows times epochs"):
        supervisor.train_further(run.id, more_epochs=2)
    assert len(store.list()) == 1
    supervisor.close()
