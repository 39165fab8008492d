"""Exporting the shown run and opening one from elsewhere, on the page."""

import time
from pathlib import Path

from dcn_core.export.run_archive import pack
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from tests.ui.conftest import Open
from tests.ui.test_train_page import words
from ui.exports import Exports


def test_quick_forms_are_there_at_once_and_slow_ones_are_prepared(app: Open, on_trained: RunFolder) -> None:
    page = app()
    page.selectbox(key="export-form").set_value("weights").run()
    assert not page.exception and "download-weights" in {button.key for button in page.get("download_button")}
    page.selectbox(key="export-form").set_value("savedmodel").run()
    assert page.button(key="prepare-savedmodel") and not page.exception
    page.get("file_uploader")[0].upload("run.zip", b"no zip", "application/zip").run()
    assert "This run cannot be opened" in words(page) and not page.exception
    page.get("file_uploader")[0].upload("run.zip", pack(on_trained), "application/zip").run()
    taken = str(page.query_params["run"])
    assert taken != on_trained.id and RunStore(on_trained.path.parent).open(taken).status().finished
    RunStore(on_trained.path.parent).delete(taken)


def test_an_export_is_written_by_a_process_of_its_own(trained: RunFolder, tmp_path: Path) -> None:
    store = RunStore(trained.path.parent)
    exports = Exports(store)
    assert exports.state(trained.id, "weights").state == "none"
    waiting = store.create(trained.config())
    exports.ask(trained.id, "weights")
    exports.ask(waiting.id, "weights")
    assert exports.state(waiting.id, "weights").state in ("waiting", "busy")
    limit = time.monotonic() + 60
    while exports.state(waiting.id, "weights").state in ("waiting", "busy") and time.monotonic() < limit:
        time.sleep(0.2)
    assert exports.state(trained.id, "weights").state == "ready"
    assert exports.path(trained.id, "weights").read_bytes() == (trained.path / "weights.npz").read_bytes()
    failed = exports.state(waiting.id, "weights")
    assert failed.state == "failed" and failed.problem.startswith("only a finished run can be exported")
    exports.close()
    store.delete(waiting.id)
