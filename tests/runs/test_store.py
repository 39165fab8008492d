"""The folder of all runs."""

import os
from pathlib import Path

import pytest

from dcn_core.config.presets import preset_config
from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore, default_name


@pytest.mark.parametrize(
    "run_id", ["../secrets", "..", "", "/etc", "20260101-000000-abcdef/..", "20260101-000000-ABCDEF", "a" * 300]
)
def test_an_id_from_outside_cannot_leave_the_runs_folder(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(RunError, match="a run id looks like"):
        RunStore(tmp_path).open(run_id)


def test_a_run_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run 20260101-000000-abcdef"):
        RunStore(tmp_path).open("20260101-000000-abcdef")


def test_no_folder_means_no_runs(tmp_path: Path) -> None:
    assert RunStore(tmp_path / "nowhere").list() == []


def test_runs_are_listed_newest_first_and_damaged_ones_as_failed(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    good = store.create(RunConfig(), "good")
    damaged = tmp_path / "20200101-000000-abcdef"
    damaged.mkdir()
    (damaged / "run.json").write_text("{}")
    (tmp_path / "not a run").mkdir()
    runs = store.list()
    assert [run.id for run in runs] == [good.id, damaged.name]
    assert runs[0].state == "queued"
    assert runs[1].state == "failed"
    assert runs[1].status.message


def test_a_name_says_what_is_in_the_model() -> None:
    assert default_name(RunConfig()) == "DCN-V2 · 2 cross · 64-32"
    assert default_name(preset_config("notebook")) == "DCN · 4 cross · 64-32"
    assert default_name(preset_config("dcn-mix")) == "DCN-Mix 4 × 8 · 2 cross · 64-32"
    assert default_name(preset_config("gdcn")) == "GDCN · 2 cross · 64-32"
    assert default_name(preset_config("deep-only")) == "Deep · 64-32"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_runs_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="must be writable"):
        RunStore(tmp_path / "runs").create(RunConfig())


def test_a_runs_folder_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(RunError, match="must be writable"):
        RunStore(tmp_path / "runs").create(RunConfig())


def test_a_change_shows_in_the_next_list(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = store.create(RunConfig(), "before")
    assert store.list()[0].name == "before"
    run.update_record(name="after")
    run.set_status(Status(state="failed"))
    assert store.list()[0].name == "after"
    assert store.list()[0].state == "failed"


def test_a_vanished_worker_shows_in_the_list_though_no_file_changed(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = store.create(RunConfig())
    with run.lock():
        run.set_status(Status(state="training"))
        assert store.list()[0].state == "training"
    assert store.list()[0].state == "interrupted"


def test_a_name_a_note_and_a_pin_show_in_the_list(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = store.create(RunConfig())
    store.edit(run.id, name="  Two\nlines\x00 ", note=" a\nb ", pinned=True)
    (listed,) = store.list()
    assert (listed.name, listed.note, listed.pinned) == ("Two lines", "a\nb", True)
    store.edit(run.id, note="", pinned=False)
    assert (store.list()[0].name, store.list()[0].note, store.list()[0].pinned) == ("Two lines", "", False)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "**bold** _it_ $x$", "👩‍👩‍👧 :red[no]"])
def test_a_hostile_name_stays_as_it_is(tmp_path: Path, name: str) -> None:
    store = RunStore(tmp_path)
    store.edit(store.create(RunConfig()).id, name=name)
    assert store.list()[0].name == name


@pytest.mark.parametrize("values", [{"name": ""}, {"name": " \n"}, {"name": "a" * 121}, {"note": "a" * 2001}])
def test_a_name_or_note_of_another_length_is_refused(tmp_path: Path, values: dict[str, str]) -> None:
    store = RunStore(tmp_path)
    run = store.create(RunConfig(), "kept")
    with pytest.raises(RunError, match="a name at least one"):
        store.edit(run.id, **values)  # type: ignore[arg-type]
    assert run.name() == "kept"


def test_a_run_that_cannot_be_made_whole_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dcn_core.runs.folder.write_json", full)
    with pytest.raises(RunError, match="Free some space"):
        RunStore(tmp_path).create(RunConfig())
    assert RunStore(tmp_path).list() == []
