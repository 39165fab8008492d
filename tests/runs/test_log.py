"""A log of JSON lines: written whatever happens, read back as far as it is whole, bounded."""

import json
from pathlib import Path

import pytest

from dcn_core.runs import log
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.log import append_log, read_log
from dcn_core.runs.store import RunStore
from dcn_core.worker import execute
from tests.runs.steps import SMALL


def test_a_line_has_time_level_message_and_trace_back(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    append_log(path, "info", "Compiling.")
    try:
        raise KeyError("<b>")
    except KeyError as error:
        append_log(path, "error", "It failed.", error)
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert first.keys() == {"time", "level", "message"}
    assert second["exception"].startswith("Traceback")
    entries = read_log(path)
    assert [entry.level for entry in entries] == ["info", "error"]
    assert entries[1].error == "KeyError: '<b>'"
    assert "Traceback" not in entries[1].line() and entries[1].line().endswith("It failed. KeyError: '<b>'")


def test_damaged_and_foreign_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"time": 1, "level": "loud", "message": "a"}\n{"time": "x"}\n[1]\n{"time": NaN}\n{"ti')
    append_log(path, "warning", "b")
    assert [entry.message for entry in read_log(path)] == ["b"]


def test_a_log_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    append_log(tmp_path / "no" / "such" / "folder", "info", "a")


def test_a_log_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MOST_BYTES", 1_000)
    path = tmp_path / "log.jsonl"
    for number in range(200):
        append_log(path, "info", f"line {number} " + "x" * 100_000 * (number == 100))
    assert {found.name for found in tmp_path.iterdir()} == {"log.jsonl", "log.jsonl.1"}
    assert path.stat().st_size < 2_000
    assert read_log(path)[-1].message.startswith("line 199")


@pytest.fixture
def run(store: RunStore) -> RunFolder:
    return store.create(SMALL)


def test_what_nobody_foresaw_is_in_the_log_and_not_in_the_message(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret of /home/somebody")

    monkeypatch.setattr("dcn_core.data.sources.load_dataset", broken)
    with run.lock():
        execute(run, lambda: None)
    status = run.status()
    assert status.state == "failed" and "did not foresee" in status.message and "secret" not in status.message
    last = run.log_entries()[-1]
    assert last.level == "error" and last.message == status.message
    assert "ZeroDivisionError: a secret" in last.exception and "Traceback" in last.exception
