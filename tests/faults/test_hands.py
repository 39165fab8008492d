"""Hands in the runs folder: runs edited or half deleted, folders that cannot be written, two servers, wrong clocks."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcn_core.config.run import override
from dcn_core.errors import RunError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.runs.steps import LONG, SMALL, has_trained, same_weights, wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(finished: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of the finished run to do something to."""
    root = tmp_path / "runs"
    shutil.copytree(finished.path, root / finished.id)
    return RunFolder(root / finished.id)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(RunStore(tmp_path / "runs"), keep_warm=False)
    yield supervisor
    supervisor.close()


@pytest.mark.parametrize("name", ["model.onnx", "weights.npz", "result.json"])
def test_a_file_of_a_finished_run_that_was_deleted_can_be_written_again(
    copy: RunFolder, finished: RunFolder, supervisor: Supervisor, name: str
) -> None:
    (copy.path / name).unlink()
    assert copy.status().state == "interrupted"
    assert name in copy.status().message
    supervisor.resume(copy.id)
    wait_for(lambda: copy.status().finished)
    same_weights(copy, finished)
    assert copy.result()["scores"] == finished.result()["scores"]  # type: ignore[index]


def test_every_file_of_a_run_may_be_missing(finished: RunFolder, tmp_path: Path) -> None:
    for path in [p for p in finished.path.rglob("*") if p.is_file()]:
        root = tmp_path / path.name
        shutil.copytree(finished.path, root / finished.id)
        run = RunFolder(root / finished.id)
        (run.path / path.relative_to(finished.path)).unlink()
        (listed,) = RunStore(root).list()
        assert listed.status.finished == (not run.missing_files() and path.name != "run.json"), path.name
        assert listed.status.finished or listed.status.message


def test_a_run_deleted_by_hand_while_it_trains_is_simply_gone(supervisor: Supervisor, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = store.open(supervisor.start(LONG))
    wait_for(lambda: has_trained(run))
    while run.path.exists():  # the worker may be writing into it
        shutil.rmtree(run.path, ignore_errors=True)
    wait_for(lambda: not supervisor.workers())
    assert store.list() == []
    after = store.open(supervisor.start(SMALL))
    wait_for(lambda: after.status().finished)


READ_ONLY = """
import os, sys
from pathlib import Path
from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor

os.setgid(65534); os.setuid(65534)
store = RunStore(Path(sys.argv[1]))
(listed,) = store.list()
print(listed.state)
supervisor = Supervisor(store, keep_warm=False)
for act in (lambda: supervisor.start(RunConfig()), lambda: store.delete(listed.id), lambda: store.edit(listed.id, "x"),
            lambda: supervisor.train_further(listed.id, 1)):
    try:
        act()
        print("done?")
    except RunError as error:
        print(error)
supervisor.close()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; test_store has a test for others")
def test_a_read_only_runs_folder_is_shown_and_every_change_is_refused_in_words(copy: RunFolder) -> None:
    for path in (copy.path.parent, *copy.path.parent.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in copy.path.parents:
        if path.is_relative_to(tempfile.gettempdir()) and path != copy.path.parent:
            path.chmod(path.stat().st_mode | 0o555)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(copy.path.parent)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    state, *refusals = done.stdout.splitlines()
    assert state == "done"
    assert len(refusals) == 4
    assert all("writable" in refusal or "Permission denied" in refusal for refusal in refusals), refusals


def test_two_servers_on_one_folder_train_a_queued_run_once(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = store.create(SMALL)
    servers = [Supervisor(store, keep_warm=False) for _ in range(2)]
    try:
        wait_for(lambda: run.status().finished)
        wait_for(lambda: not any(server.workers() for server in servers))
        assert [event["type"] for event in run.events()[0]].count("done") == 1
        assert run.status().state == "done"
    finally:
        for server in servers:
            server.close()


def test_a_server_cannot_command_or_resume_what_another_one_trains(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    one, other = (Supervisor(store, keep_warm=False) for _ in range(2))
    try:
        run = store.open(one.start(LONG))
        wait_for(lambda: has_trained(run))
        with pytest.raises(RunError, match="started by another process"):
            other.stop(run.id)
        with pytest.raises(RunError, match="is training"):
            other.resume(run.id)
        with pytest.raises(RunError, match="already being worked on"):
            other.delete(run.id)
        one.stop(run.id)
        wait_for(lambda: run.status().state == "stopped")
    finally:
        one.close()
        other.close()


def test_a_clock_that_was_set_back_changes_no_state(copy: RunFolder, tmp_path: Path) -> None:
    future = time.time() + 10 * 365 * 86_400
    status = json.loads((copy.path / "status.json").read_text()) | {"updated": future}
    (copy.path / "status.json").write_text(json.dumps(status))
    for path in (copy.path, *copy.path.iterdir()):
        os.utime(path, (future, future))
    store = RunStore(tmp_path / "runs")
    assert store.list()[0].state == "done"
    store.edit(copy.id, name="now")
    assert store.list()[0].name == "now"
    store.delete(copy.id)
    store.trash.empty(7)
    store.restore(copy.id)
    assert store.list()[0].state == "done"


def test_a_loss_that_is_no_number_is_explained_with_advice(supervisor: Supervisor, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    wild = override(SMALL, ["train.optimizer=sgd", "train.learning_rate=10", "train.epochs=30"])
    run = store.open(supervisor.start(wild))
    wait_for(lambda: run.status().state == "failed")
    message = run.status().message
    assert "training diverged" in message and "Lower the learning rate (now 10)" in message
    assert run.events()[0][-1] == {"type": "error", "message": message, "time": run.events()[0][-1]["time"]}
