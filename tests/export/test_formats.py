"""A finished run in every form: each is what its name says, and the network in it is the run's."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.util import event_pb2
from typer.testing import CliRunner

from dcn_core import study
from dcn_core.cli import app
from dcn_core.config.run import parse_config
from dcn_core.errors import RunError
from dcn_core.export.formats import FORMATS, export, file_name, write_export
from dcn_core.insight.sections import SECTIONS
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from dcn_core.serving.predictor import Predictor
from tests.model.examples import predict, random_indices


@pytest.fixture
def few_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of what takes least."""
    names = ("crosses", "errors")
    monkeypatch.setattr(study, "SECTIONS", {name: SECTIONS[name] for name in names})


def test_keras_and_saved_model_predict_what_the_run_does(finished: RunFolder, tmp_path: Path) -> None:
    asked = random_indices(finished.specs(), 50)
    expected = Predictor.open(finished.path).score(asked)
    write_export(finished, "keras", tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_allclose(predict(loaded, asked), expected, atol=1e-5)
    with zipfile.ZipFile(io.BytesIO(export(finished, "savedmodel"))) as archive:
        archive.extractall(tmp_path)
    served = tf.saved_model.load(str(tmp_path / "model"))
    found = served.serve({name: tf.constant(values) for name, values in asked.items()}).numpy()
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-5)


def test_onnx_and_weights_are_the_run_s_own_files(finished: RunFolder) -> None:
    assert export(finished, "onnx") == (finished.path / "model.onnx").read_bytes()
    with np.load(io.BytesIO(export(finished, "weights"))) as file:
        assert set(file.files) == set(finished.weights())


def test_tensorboard_has_every_epoch_of_both_parts(finished: RunFolder, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(export(finished, "tensorboard"))) as archive:
        archive.extractall(tmp_path)
    for part in ("train", "validation"):
        (file,) = (tmp_path / finished.id / part).iterdir()
        found = {}
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            event = event_pb2.Event.FromString(record)
            for value in event.summary.value:
                found[value.tag, event.step] = value.simple_value
        epochs = [event for event in finished.events()[0] if event["type"] == "epoch"]
        expected = [epoch["train_mse"] if part == "train" else epoch["validation"]["mse"] for epoch in epochs]
        assert [found["mse", number] for number in (1, 2)] == pytest.approx(expected)


def test_a_card_says_what_was_measured_and_reads_no_name_as_markdown(finished: RunFolder, few_sections: None) -> None:
    text = export(finished, "card").decode()
    result = finished.result() or {}
    assert text.startswith("# A \\*run\\* \\<b\\>\n")
    for heading in (
        "Data",
        "Protocol",
        "Scores",
        "What was found",
        "Where it is worst",
        "Limits",
        "Licence",
        "Settings",
    ):
        assert f"\n## {heading}\n" in text
    assert f"| test | MSE | {result['scores']['test']['mse']:.4f} |" in text
    assert "1,000 ratings" in text and "Only one seed was trained" in text and "nan" not in text
    settings = text.partition("```json\n")[2].partition("\n```")[0]
    assert parse_config(json.loads(settings)) == finished.config()


def test_a_card_has_the_spread_over_seeds(finished: RunFolder, few_sections: None, tmp_path: Path) -> None:
    run, other = (RunFolder(shutil.copytree(finished.path, tmp_path / f"20260131-235959-0a1b2{last}")) for last in "cd")
    record, result = other.record(), other.result() or {}
    record["config"]["train"]["seed"] = 2
    other.update_record(config=record["config"])
    other.update_record(fingerprint=other.config().fingerprint(record["data"]))
    result["scores"]["test"]["mse"] += 0.2
    other.save_result(result)
    mean = result["scores"]["test"]["mse"] - 0.1
    text = export(run, "card").decode()
    assert f"| {mean:.4f} ± {0.2 / 2**0.5:.4f} |" in text and "of 2 seeds" in text


def test_a_report_begins_with_how_it_learned(finished: RunFolder, few_sections: None) -> None:
    text = export(finished, "report").decode()
    assert "<h2>How it learned</h2>" in text and "<h2>Crosses</h2>" in text and "It ran 2 epochs." in text


def test_the_command_line_writes_and_takes_in(finished: RunFolder, tmp_path: Path) -> None:
    shell, out, there = CliRunner(), tmp_path / "run.zip", tmp_path / "there"
    asked = ["--run", finished.id, "--runs", str(finished.path.parent)]
    done = shell.invoke(app, ["export", *asked, "--as", "run", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["file"] == str(out) and [p.name for p in tmp_path.iterdir()] == ["run.zip"]
    taken = shell.invoke(app, ["import", str(out), "--runs", str(there), "--json"])
    assert RunStore(there).open(json.loads(taken.stdout)["run"]).status().finished
    for arguments in (["export", *asked, "--as", "pickle"], ["import", str(tmp_path / "none.zip")]):
        failed = shell.invoke(app, arguments)
        assert isinstance(failed.exception, RunError)


def test_what_cannot_be_exported_is_a_clear_error(finished: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="an export is one of report, card"):
        export(finished, "pickle")
    with pytest.raises(RunError, match="must name a file in a folder"):
        write_export(finished, "onnx", tmp_path / "none" / "model.onnx")
    waiting = RunStore(tmp_path).create(finished.config())
    with pytest.raises(RunError, match="only a finished run can be exported"):
        export(waiting, "onnx")
    waiting.set_status(Status(state="failed"))
    with pytest.raises(RunError, match="is failed"):
        export(waiting, "card")


def test_every_form_has_a_name_of_its_own(finished: RunFolder) -> None:
    names = {file_name(finished, form) for form in FORMATS}
    assert len(names) == len(FORMATS) and all(name.startswith(finished.id) for name in names)
