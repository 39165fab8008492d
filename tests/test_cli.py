"""The command line as a shell sees it: real processes, exit codes, one JSON object."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from dcn_core.training.reel import Reel
from tests.test_study import PEOPLE, finished

ROOT = Path(__file__).parents[1]
QUICK = ["--set", "model.deep_layer_sizes=[8]", "--set", "train.epochs=1"]


def run(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Calls `python -m dcn_core` and checks its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "dcn_core", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == expect, done.stderr
    return done


def last_line(done: subprocess.CompletedProcess[str]) -> Any:
    """The object on the last line of standard output."""
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A runs folder, and what `train --json` printed of the one run in it."""
    runs = tmp_path_factory.mktemp("runs")
    return runs, last_line(run("train", "--data", "generated:3000", "--runs", str(runs), "--json", *QUICK))


def test_train_prints_scores_parameters_and_timing(trained: tuple[Path, dict[str, Any]]) -> None:
    _, result = trained
    assert set(result) == {"run", "scores", "parameters", "timing"}
    for part in ("validation", "test"):
        scores = result["scores"][part]
        assert scores["rmse"] == pytest.approx(scores["mse"] ** 0.5)
        assert 0 < scores["mae"] < scores["rmse"]
    assert result["parameters"] > 0
    assert set(result["timing"]) == {"prepare_s", "compile_s", "epoch_s", "total_s"}


def test_predict_answers_known_and_unknown_ids(trained: tuple[Path, dict[str, Any]]) -> None:
    runs, result = trained
    known = last_line(
        run("predict", "--run", result["run"], "--user", "1", "--movie", "1", "--runs", str(runs), "--json")
    )
    assert 1 <= known["rating"] <= 5
    assert "gender" not in known["unknown"]
    stranger = last_line(
        run("predict", "--run", "latest", "--user", "999999", "--movie", "1", "--runs", str(runs), "--json")
    )
    assert {"gender", "age", "occupation", "user_id"} <= set(stranger["unknown"])


def test_inspect_prints_one_square_matrix_a_layer(trained: tuple[Path, dict[str, Any]]) -> None:
    runs, result = trained
    found = last_line(run("inspect", "--run", result["run"], "--runs", str(runs), "--json"))
    assert [layer["layer"] for layer in found["layers"]] == [1, 2]
    for layer in found["layers"]:
        assert layer["features"] == ["genres", "gender", "age", "occupation", "year", "user_id", "movie_id"]
        assert len(layer["matrix"]) == len(layer["matrix"][0]) == 7
    assert "cross layer 2" in run("inspect", "--run", result["run"], "--runs", str(runs)).stdout


def test_inspect_writes_one_page_that_needs_nothing_else(tmp_path: Path) -> None:
    folder, _ = finished(tmp_path / "runs", PEOPLE)
    file = tmp_path / "page.html"
    arguments = ["inspect", "--run", folder.id, "--runs", str(folder.path.parent), "--html"]
    assert str(file) in run(*arguments, str(file)).stdout
    text = file.read_text()
    assert text.startswith("<!doctype html>") and text.count("plotly.js v") == 1 and "interact" in text
    assert len(last_line(run(*arguments, str(file), "--json"))["layers"]) == 2
    assert "a folder that exists" in run(*arguments, str(tmp_path / "no" / "page.html"), expect=2).stderr


def test_a_finished_run_is_trained_further_as_a_new_one(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    runs, result = trained
    store = RunStore(tmp_path)
    shutil.copytree(runs / result["run"], tmp_path / result["run"])
    further = last_line(run("resume", "--run", result["run"], "--epochs", "1", "--runs", str(tmp_path), "--json"))
    assert further["run"] != result["run"]
    assert len(further["timing"]["epoch_s"]) == 2
    assert [listed.state for listed in store.list()] == ["done", "done"]
    films = {made: list(Reel(store.open(made).film)) for made in (result["run"], further["run"])}
    assert films == {result["run"]: [0, 1], further["run"]: [0, 1, 2]}
    assert "Say how many more" in run("resume", "--run", result["run"], "--runs", str(tmp_path), expect=2).stderr


def test_a_run_is_edited_deleted_and_brought_back(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    made = store.create(RunConfig())
    runs = ("--runs", str(tmp_path))
    run("edit", "--run", made.id, "--name", "mine", "--note", "a note", "--pin", *runs)
    assert (store.list()[0].name, store.list()[0].note, store.list()[0].pinned) == ("mine", "a note", True)
    assert f"delete --run {made.id} --undo" in run("delete", "--run", made.id, *runs).stdout
    assert store.list() == []
    run("delete", "--run", made.id, "--undo", *runs)
    assert store.list()[0].name == "mine"


def test_the_doctor_mends_and_is_content_afterwards(tmp_path: Path) -> None:
    made = RunStore(tmp_path).create(RunConfig())
    made.set_status(Status(state="training"))
    runs = ("--runs", str(tmp_path))
    assert f"run {made.id} says training, but is interrupted" in run("doctor", *runs, expect=1).stdout
    assert "[mended]" in run("doctor", "--mend", *runs).stdout
    assert last_line(run("doctor", "--json", *runs)) == {"runs": 1, "findings": []}


def test_runs_and_presets_are_listed(trained: tuple[Path, dict[str, Any]]) -> None:
    runs, result = trained
    assert last_line(run("runs", "--runs", str(runs), "--json"))[0]["run"] == result["run"]
    assert "done" in run("runs", "--runs", str(runs)).stdout
    assert "notebook" in last_line(run("presets", "--json"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--data", "/no/such/file.zip"], "/no/such/file.zip"),
        (["train", "--data", "generated:many"], "generated:"),
        (["train", "--preset", "nonsense"], "preset must be one of"),
        (["train", "--set", "model.num_cross_layers=99"], "model.num_cross_layers"),
        (["train", "--config", "/no/such/config.json"], "--config"),
        (["predict", "--run", "../../etc", "--user", "1", "--movie", "1"], "a run id looks like"),
        (["inspect", "--run", "20200101-000000-abcdef"], "there is no run"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run(*arguments, "--runs", str(tmp_path), expect=2)
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_config_file_is_read_and_settings_win_over_it(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"model": {"structure": "cross"}, "train": {"epochs": 3}}))
    result = last_line(
        run(
            "train",
            "--data",
            "generated:2000",
            "--config",
            str(config),
            "--set",
            "train.epochs=1",
            "--runs",
            str(tmp_path),
            "--json",
        )
    )
    assert len(result["timing"]["epoch_s"]) == 1
    record = json.loads((tmp_path / result["run"] / "run.json").read_text())
    assert record["config"]["model"]["structure"] == "cross"


@pytest.mark.skipif(
    "PLAYGROUND_DATA" not in os.environ, reason="needs the folder of MovieLens archives, PLAYGROUND_DATA"
)
def test_movielens_latest_small_trains_from_its_archive(tmp_path: Path) -> None:
    archive = Path(os.environ["PLAYGROUND_DATA"]) / "ml-latest-small.zip"
    result = last_line(
        run("train", "--data", str(archive.resolve()), "--runs", str(tmp_path), "--json", "--set", "train.epochs=5")
    )
    assert result["scores"]["test"]["rmse"] < 0.95  # the mean of all ratings gives 1.04


def test_a_run_is_told_with_its_log_and_trace_backs(tmp_path: Path) -> None:
    folder = RunStore(tmp_path).create(RunConfig())
    folder.set_status(Status(state="failed", message="It failed."))
    try:
        raise KeyError("a")
    except KeyError as error:
        folder.log("error", "It failed.", error)
    text = run("runs", "--run", folder.id, "--runs", str(tmp_path)).stdout
    assert f"{folder.id}  failed  It failed." in text and "Traceback" in text and "KeyError: 'a'" in text
    told = last_line(run("runs", "--run", folder.id, "--runs", str(tmp_path), "--json"))
    assert told["state"] == "failed" and told["log"][0]["level"] == "error"
    assert "there is no run" in run("runs", "--run", "20200101-000000-abcdef", "--runs", str(tmp_path), expect=2).stderr
