"""What can be done with a run: rename, note, pin, delete and undo, train further; and the operator's panel."""

import os
import shutil
from pathlib import Path

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.data.sources import load_dataset
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.hostile import TEXTS
from tests.ui.conftest import Open
from tests.ui.test_other_pages import markdown
from tests.ui.test_train_page import words
from ui import runs_table, server_panel


def failed(store: RunStore, name: str) -> RunFolder:
    """A run that has failed."""
    run = store.create(RunConfig(), name)
    run.set_status(Status(state="failed", message="no"))
    return run


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) < 100])
def test_a_hostile_name_and_note_stay_text(app: Open, store: RunStore, text: str) -> None:
    run = failed(store, "before")
    page = app()
    page.get_by_key(f"name-{run.id}").set_value(text)
    page.get_by_key(f"note-{run.id}").set_value(f"note {text}")
    page.get_by_key(f"pin-{run.id}").set_value(True)
    page.get_by_key(f"save-{run.id}").click().run()
    assert not page.exception
    (listed,) = store.list()
    assert (listed.name, listed.note, listed.pinned) == (text, f"note {text}", True)
    assert f"note {text}" in {element.value for element in page.text}
    assert text not in markdown(page)


def test_a_deleted_run_can_be_brought_back(app: Open, store: RunStore) -> None:
    first, second = failed(store, "first"), failed(store, "second")
    page = app(query={"run": first.id})
    page.button(key="delete-run").click().run()
    assert not page.exception
    assert [run.id for run in store.list()] == [second.id]
    assert page.query_params["run"] == second.id
    page.button(key="undo-delete").click().run()
    assert {run.id for run in store.list()} == {first.id, second.id}
    assert page.query_params["run"] == first.id
    assert "undo-delete" not in {button.key for button in page.button}


def test_the_last_run_can_be_brought_back_too(app: Open, store: RunStore) -> None:
    run = failed(store, "only")
    page = app()
    page.button(key="delete-run").click().run()
    assert "Nothing trained yet" in words(page) and "Deleted: only" in words(page)
    page.button(key="undo-delete").click().run()
    assert [listed.id for listed in store.list()] == [run.id]


@pytest.mark.parametrize("left", ["another", None])
def test_a_deleted_run_can_be_brought_back_in_another_session(app: Open, store: RunStore, left: str | None) -> None:
    early, late = failed(store, "early"), failed(store, "late")
    if left:
        failed(store, left)
    assert "deleted-runs" not in {button.key for button in app().button}
    store.delete(early.id)
    store.delete(late.id)
    os.utime(store.trash.path / early.id, (0, 0))
    page = app()
    page.button(key="deleted-runs").click().run()
    assert [label.rpartition("·  ")[2] for label in page.get_by_key("deleted-run").options] == ["late", "early"]
    page.get_by_key("deleted-run").set_value(early.id)
    page.button(key="restore-run").click().run()
    assert not page.exception
    assert early.id in store.ids() and store.trash.ids() == [late.id]
    assert page.query_params["run"] == early.id


def test_a_run_that_cannot_be_deleted_says_why(app: Open, store: RunStore) -> None:
    run = failed(store, "held")
    page = app()
    with run.lock():
        page.button(key="delete-run").click().run()
    assert "already being worked on" in words(page) and not page.exception


def test_a_run_without_checkpoint_cannot_be_trained_further_and_says_so(app: Open, on_trained: RunFolder) -> None:
    checkpoint = on_trained.path / "checkpoint"
    aside = checkpoint.rename(on_trained.path / "aside")
    try:
        page = app()
        page.button(key="train-further").click().run()
        assert "no whole checkpoint" in words(page) and not page.exception
    finally:
        aside.rename(checkpoint)


def test_training_further_takes_the_epochs_that_were_typed_just_before_the_press(
    app: Open, on_trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(Supervisor, "train_further", lambda _, *call: asked.append(call) or on_trained.path.name)
    page = app()
    page.get_by_key("further-epochs").set_value(3)
    page.button(key="train-further").click().run()
    assert asked == [(on_trained.path.name, 3)] and not page.exception


def test_a_run_that_did_not_finish_can_be_tried_again(app: Open, store: RunStore) -> None:
    failed(store, "a")
    assert app().button(key="resume").label == "Try again"


def test_the_table_shows_pins_and_notes_of_broken_runs_too(store: RunStore) -> None:
    run = failed(store, "a")
    store.edit(run.id, note="try a smaller rate", pinned=True)
    broken = store.root / "20200101-000000-abcdef"
    broken.mkdir()
    table = runs_table.frame(store.list())
    assert list(table["Pinned"]) == [True, False]
    assert list(table["Note"]) == ["try a smaller rate", ""]


def test_the_next_step_after_training_is_to_look_into_it_until_a_setting_is_changed(
    app: Open, trained: RunFolder, store: RunStore
) -> None:
    run = RunFolder(shutil.copytree(trained.path, store.root / trained.id))
    run.update_record(fingerprint=run.config().fingerprint(load_dataset(run.config().data).fingerprint))
    page = app(query={"num_ratings": "10000"})
    page.button(key="use-settings").click().run()
    kinds = {key: page.button(key=key).proto.type for key in ("train", "to-inspect")}
    assert kinds == {"train": "secondary", "to-inspect": "primary"} and page.button(key="train").label == "Train again"
    assert "already trained" not in words(page)  # a line that appears at the end would move all below it
    page.get_by_key("setting-train-epochs").set_value(7).run()
    kinds = {key: page.button(key=key).proto.type for key in ("train", "to-inspect")}
    assert kinds == {"train": "primary", "to-inspect": "secondary"} and page.button(key="train").label == "Train"


def test_the_operators_panel_counts_what_is_there(app: Open, store: RunStore, tmp_path: Path) -> None:
    failed(store, "a")
    page = app()
    page.button(key="server-panel").click().run()
    assert not page.exception
    facts = dict(page.table[0].value.itertuples(index=False))
    assert facts["Runs"].startswith("1, of them 0 waiting and 0 in the trash")
    assert facts["Most runs that wait"] == str(Limits().max_queue)
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "file").write_bytes(b"x" * 1000)
    assert server_panel.size(tmp_path / "some") == 1000


def test_what_the_operator_does_not_allow_is_a_calm_message(app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_MAX_ROWS", "5000")
    page = app()
    assert "takes at most 5,000 rows" in words(page) and not page.exception
