"""The doctor finds what is wrong, mends it without losing anything, and is content afterwards."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.runs.doctor import Finding, installation, look
from dcn_core.runs.folder import RESULT_FILES, RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore


def findings(store: RunStore) -> list[Finding]:
    """What the doctor finds, apart from packages and free space, which are this machine's."""
    found = look(store, store.root.parent / "cache", Limits())
    return [finding for finding in found if "package" not in finding.text and "MB left" not in finding.text]


def old(path: Path) -> None:
    then = time.time() - 7_200
    os.utime(path, (then, then))


def vanished(run: RunFolder) -> None:
    run.set_status(Status(state="training"))


def torn(run: RunFolder) -> None:
    (run.path / "events.jsonl").write_text('{"a": 1}\n{"b')


def half_written(run: RunFolder) -> None:
    path = run.path / ".status.json.abcd1234"
    path.write_text("")
    old(path)


def damaged_status(run: RunFolder) -> None:
    for name in RESULT_FILES:
        (run.path / name).write_text("{}")
    run.save_result({"scores": {}})
    (run.path / "status.json").write_text("{")


def network_deleted(run: RunFolder) -> None:
    run.set_status(Status(state="done"))


def damaged_index(run: RunFolder) -> None:
    RunStore(run.path.parent).index.path.write_bytes(b"rubbish" * 1000)


def overdue(run: RunFolder) -> None:
    store = RunStore(run.path.parent)
    other = store.create(RunConfig())
    store.delete(other.id)
    os.utime(store.trash.path / other.id, (0, 0))


@pytest.mark.parametrize(
    ("hurt", "said"),
    [
        (vanished, "says training, but is interrupted"),
        (torn, "is torn"),
        (half_written, "is a half-written file"),
        (damaged_status, "says failed, but is done"),
        (network_deleted, "says done, but is failed"),
        (damaged_index, "index .index.sqlite is damaged"),
        (overdue, "in the trash are older than 7 days"),
    ],
)
def test_what_can_be_mended_is(store: RunStore, hurt: Callable[[RunFolder], None], said: str) -> None:
    run = store.create(RunConfig())
    assert findings(store) == []
    hurt(run)
    (finding,) = findings(store)
    assert said in finding.text
    before = run.status()
    assert finding.mend is not None
    finding.mend()
    assert findings(store) == []
    after = run.status()
    assert (after.state, after.message) == (before.state, before.message)


def test_a_record_that_cannot_be_read_is_left_to_a_person(store: RunStore) -> None:
    run = store.create(RunConfig())
    (run.path / "run.json").write_text("{")
    (finding,) = findings(store)
    assert finding.mend is None and run.id in finding.text
    assert run.path.is_dir()


def test_a_run_that_is_being_worked_on_is_left_alone(store: RunStore) -> None:
    run = store.create(RunConfig())
    with run.lock():
        run.set_status(Status(state="training"))
        half_written(run)
        assert findings(store) == []


def test_a_missing_or_other_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("no-such-package==1.0\nnumpy==0.1\n# a comment\n")
    texts = [finding.text for finding in installation(tmp_path / "requirements.txt")]
    assert "no-such-package is missing" in texts[0]
    assert "numpy is" in texts[1] and "tested is 0.1" in texts[1]


def test_a_folder_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    assert any("cannot be written" in finding.text for finding in findings(RunStore(tmp_path / "runs")))
