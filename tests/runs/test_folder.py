"""A run's folder: what is written is read back, and damage is said, not hidden."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from dcn_core.config.presets import preset_config
from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.files import overwrite_json
from dcn_core.runs.folder import RESULT_FILES, RunFolder
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunStore(tmp_path / "runs").create(RunConfig(), "A name")


def test_a_new_run_is_queued_and_keeps_its_config(tmp_path: Path) -> None:
    config = preset_config("notebook")
    run = RunStore(tmp_path).create(config)
    assert run.status().state == "queued"
    assert run.config() == config
    assert run.result() is None


def test_events_are_read_from_an_offset_on(run: RunFolder) -> None:
    run.append_event({"type": "step", "step": 1})
    events, offset = run.events()
    assert [event["step"] for event in events] == [1]
    run.append_event({"type": "step", "step": 2})
    events, offset = run.events(offset)
    assert [event["step"] for event in events] == [2]
    assert run.events(offset) == ([], offset)


def test_a_torn_last_line_waits_until_it_is_whole(run: RunFolder) -> None:
    run.append_event({"type": "step", "step": 1})
    path = run.path / "events.jsonl"
    with path.open("a") as file:
        file.write('{"type": "st')
    events, offset = run.events()
    assert len(events) == 1
    with path.open("a") as file:
        file.write('ep", "step": 2}\n')
    assert [event["step"] for event in run.events(offset)[0]] == [2]


def test_a_line_torn_by_a_crash_is_passed_over(run: RunFolder) -> None:
    (run.path / "events.jsonl").write_text('{"step": 1}\n{"ste\n{"step": 3}\n')
    assert [event["step"] for event in run.events()[0]] == [1, 3]


def test_an_event_with_a_number_that_is_not_json_is_refused(run: RunFolder) -> None:
    with pytest.raises(ValueError, match="JSON"):
        run.append_event({"train_mse": float("nan")})
    assert run.events()[0] == []


def test_a_run_whose_worker_has_vanished_is_interrupted(run: RunFolder) -> None:
    with run.lock():
        run.set_status(Status(state="training", epoch=2))
        assert run.status().state == "training"
    status = run.status()
    assert status.state == "interrupted"
    assert status.epoch == 2
    assert "ended unexpectedly" in status.message


def test_a_run_has_one_worker_at_a_time(run: RunFolder) -> None:
    with run.lock(), pytest.raises(RunError, match="already being worked on"), RunFolder(run.path).lock():
        pass
    with run.lock():
        assert run.is_locked()
    assert not run.is_locked()


@pytest.mark.parametrize("text", ["", "null", '{"state": "sleeping"}', "{"])
def test_a_damaged_status_is_a_failed_one_that_says_so(run: RunFolder, text: str) -> None:
    (run.path / "status.json").write_text(text)
    status = run.status()
    assert status.state == "failed"
    assert status.message


def test_arrays_survive_by_name(run: RunFolder) -> None:
    run.save_arrays("weights", {"cross_1/W": np.eye(3)})
    np.testing.assert_array_equal(run.weights()["cross_1/W"], np.eye(3))


def test_arrays_of_a_run_that_has_not_finished_are_an_error(run: RunFolder) -> None:
    with pytest.raises(RunError, match="has not finished"):
        run.weights()
    for content in (b"not an archive", b"", b"PK\x03\x04 half of one"):
        (run.path / "insight.npz").write_bytes(content)
        with pytest.raises(RunError, match="cannot be read"):
            run.insight()


def test_arrays_are_never_unpickled(run: RunFolder) -> None:
    np.savez(run.path / "weights.npz", evil=np.array([{}], dtype=object))
    with pytest.raises(RunError, match="cannot be read"):
        run.weights()


def test_a_folder_of_another_schema_is_not_guessed_at(run: RunFolder) -> None:
    record = json.loads((run.path / "run.json").read_text()) | {"schema": 99}
    (run.path / "run.json").write_text(json.dumps(record))
    with pytest.raises(RunError, match=r"expected schema 1 .*Received: 99"):
        run.config()


def test_no_temporary_file_is_left(run: RunFolder) -> None:
    run.set_status(Status(state="queued"))
    assert not list(run.path.glob("*.tmp")) + list(run.path.glob(".*"))


def test_an_event_after_a_torn_line_is_not_lost(run: RunFolder) -> None:
    (run.path / "events.jsonl").write_bytes(b'{"step": 1}\n{"st')
    run.append_event({"step": 2})
    assert [event["step"] for event in run.events()[0]] == [1, 2]


@pytest.mark.parametrize("text", ["[" * 100_000, "\ud800", '{"state": "training", "epoch": "many"}', '{"state": []}'])
def test_a_status_edited_by_hand_is_never_an_exception(run: RunFolder, text: str) -> None:
    (run.path / "status.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert run.status().state == "failed"
    assert RunStore(run.path.parent).list()[0].status.message


def whole(run: RunFolder) -> None:
    """Writes stand-ins for the files of a finished run."""
    for name in RESULT_FILES:
        (run.path / name).write_text("{}")
    run.save_result({"scores": {"validation": {"mse": 1.0}}})


def test_a_finished_run_whose_status_is_damaged_stays_finished(run: RunFolder) -> None:
    whole(run)
    (run.path / "status.json").write_text("{")
    assert run.status().state == "done"
    (run.path / "status.json").unlink()
    assert run.status().state == "done"


def test_a_run_that_says_done_but_lacks_its_network_is_not_done(run: RunFolder) -> None:
    whole(run)
    run.set_status(Status(state="done"))
    assert run.status().state == "done"
    (run.path / "model.onnx").unlink()
    status = run.status()
    assert status.state == "failed"
    assert status.message == "Files of this run are missing: model.onnx. Train it again."
    (run.path / "checkpoint").mkdir()
    (run.path / "checkpoint" / "checkpoint.json").write_text("{}")
    assert run.status().state == "interrupted"
    assert "Resume to write them again" in run.status().message


@pytest.mark.parametrize("text", ["[]", "{}", '{"scores": 3}', '{"scores": {"test": 3}}'])
def test_a_result_edited_by_hand_makes_a_failed_run_that_says_so(run: RunFolder, text: str) -> None:
    whole(run)
    run.set_status(Status(state="done"))
    (run.path / "result.json").write_text(text)
    (listed,) = RunStore(run.path.parent).list()
    assert listed.state == "failed" and "result.json" in listed.status.message


def test_two_changes_of_the_record_at_once_are_both_kept(run: RunFolder) -> None:
    threads = [threading.Thread(target=run.update_record, kwargs={f"key{number}": number}) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = run.record()
    assert [record[f"key{number}"] for number in range(20)] == list(range(20))


def test_a_last_word_takes_the_room_of_the_one_before(run: RunFolder) -> None:
    path = run.path / "status.json"
    before = path.stat()
    overwrite_json(path, {"state": "failed", "message": "full"})
    assert (path.stat().st_size, path.stat().st_ino) == (before.st_size, before.st_ino)
    assert run.status() == Status(state="failed", message="full")
