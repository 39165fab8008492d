"""Deleting runs, and bringing them back."""

import os
import time
from pathlib import Path

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from dcn_core.runs.trash import SECONDS_OF_A_DAY


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_a_deleted_run_is_gone_from_the_list_and_comes_back_whole(store: RunStore) -> None:
    run = store.create(RunConfig(), "precious")
    run.append_event({"type": "step"})
    store.delete(run.id)
    assert store.list() == []
    assert store.trash.ids() == [run.id]
    with pytest.raises(RunError, match="may have been deleted"):
        store.open(run.id)
    store.restore(run.id)
    assert [found.name for found in store.list()] == ["precious"]
    assert len(store.open(run.id).events()[0]) == 1


def test_a_run_that_is_being_worked_on_is_not_deleted(store: RunStore) -> None:
    run = store.create(RunConfig())
    with run.lock(), pytest.raises(RunError, match="already being worked on"):
        store.delete(run.id)
    assert run.path.is_dir()


def test_what_is_not_in_the_trash_cannot_be_restored(store: RunStore) -> None:
    with pytest.raises(RunError, match="not in the trash"):
        store.restore("20260101-000000-abcdef")
    with pytest.raises(RunError, match="a run id looks like"):
        store.restore("../../etc")


def test_the_trash_is_emptied_by_age(store: RunStore) -> None:
    old, new = store.create(RunConfig()), store.create(RunConfig())
    store.delete(old.id)
    store.delete(new.id)
    then = time.time() - 8 * SECONDS_OF_A_DAY
    os.utime(store.trash.path / old.id, (then, then))
    assert store.trash.empty(days=7) == 1
    assert store.trash.ids() == [new.id]


def test_a_clock_that_was_set_back_removes_nothing(store: RunStore) -> None:
    run = store.create(RunConfig())
    store.delete(run.id)
    later = time.time() + 1_000 * SECONDS_OF_A_DAY
    os.utime(store.trash.path / run.id, (later, later))
    assert store.trash.empty(days=0) == 0


def test_only_old_unpinned_settled_runs_make_room(store: RunStore) -> None:
    runs = []
    for number in range(5):
        path = store.create(RunConfig(), f"run {number}").path
        run_id = f"2026010{number + 1}-000000-abcdef"
        path.rename(store.root / run_id)
        runs.append(store.open(run_id))
    for run in runs[:4]:
        run.set_status(Status(state="failed"))
    store.edit(runs[0].id, pinned=True)  # the oldest is pinned, the newest waits
    assert store.retain(2) == [runs[1].id]
    assert [run.id for run in store.list()] == [runs[4].id, runs[3].id, runs[2].id, runs[0].id]
