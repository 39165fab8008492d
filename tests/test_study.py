"""The report of a run is written section by section, beside its results and never instead of them."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from dcn_core import study
from dcn_core.config.features import FEATURE_NAMES
from dcn_core.config.run import RunConfig, parse_config
from dcn_core.data.encoder import Encoder
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.errors import PredictionError, RunError
from dcn_core.evidence import recovered
from dcn_core.export.reproduce import bundle
from dcn_core.insight.interactions import interactions
from dcn_core.insight.report import Subject
from dcn_core.insight.sections import SECTIONS
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from tests.insight.networks import random_network

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))


PEOPLE = ("genres", "gender", "age", "occupation")
"""Features with few categories: maps of their embeddings take no time."""


def finished(root: Path, features: Sequence[str] = FEATURE_NAMES, **model: object) -> tuple[RunFolder, Subject]:
    """A run folder as the worker leaves it, of a network with random weights on a small world, without its report."""
    values = {"embedding_dim": 3, "deep_layer_sizes": [5, 4], "projection_dim": 2, "num_experts": 3, **model}
    return finished_of(
        root, parse_config({"data": {"num_ratings": 1_500, "features": list(features)}, "model": values}), values
    )


def finished_of(root: Path, config: RunConfig, sizes: Iterable[str]) -> tuple[RunFolder, Subject]:
    """The same of any experiment; `sizes` names the settings of the model that the random weights go by."""
    dataset = load_dataset(config.data)
    split = split_rows(dataset, config.data)
    encoder = Encoder.fit(dataset, split.train, config.data.features)
    settings = {name: getattr(config.model, name) for name in sizes}
    network = random_network(encoder.specs, dtype=np.float32, **settings)
    run = RunStore(root).create(config)
    encoder.save(run.path / "encoder.json")
    subject = Subject.of(config, dataset, encoder, network.weights)
    run.save_arrays("weights", network.weights)
    indices = subject.data.inputs(split.validation)
    run.save_arrays("insight", interactions(config.model, encoder.specs, network.weights, indices).arrays())
    run.save_result({"run": run.id, "scores": {"validation": {"mse": 1.0, "rmse": 1.0, "mae": 0.8}}})
    (run.path / "model.onnx").touch()  # a finished run has one; no test here asks it
    run.set_status(Status(state="done"))
    return run, subject


def quick_sections() -> dict[str, object]:
    """The sections of a report but for those that take longest and are the same for all networks."""
    return {name: write for name, write in SECTIONS.items() if name not in ("ladder", "maps")}


def test_as_many_sections_are_written_as_were_asked_for(tmp_path: Path) -> None:
    run, subject = finished(tmp_path)
    before = run.insight()
    study.write_report(run, subject, most=1)
    report = study.read_report(run)
    assert list(report.sections) == ["crosses"] and report.missing == tuple(SECTIONS)[1:]
    assert set(before) < set(run.insight())
    np.testing.assert_array_equal(run.insight()["strength"], before["strength"])
    assert report.sections["crosses"].arrays["effect"].shape == (7, 7)


@pytest.mark.parametrize(
    "model",
    [
        {"structure": "deep"},
        {"structure": "stacked"},
        {"structure": "cross", "cross_kind": "vector"},
        {"cross_kind": "low_rank", "head": "average"},
        {"combination": "token_mean", "cross_kind": "vector"},
        {"cross_kind": "mixture", "head": "average"},
        {"cross_kind": "mixture", "gate": "sigmoid", "expert_activation": "tanh", "structure": "stacked"},
        {"cross_kind": "mixture", "combination": "token_mean"},
        {"cross_kind": "gated", "structure": "cross"},
        {"cross_kind": "gated", "combination": "token_mean"},
        {"num_cross_layers": 0},
    ],
)
def test_every_architecture_has_a_whole_report(
    tmp_path: Path, model: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "SECTIONS", quick_sections())
    run, subject = finished(tmp_path, **model)
    study.write_report(run, subject)
    report = study.read_report(run)
    assert not report.problems and not report.missing
    assert report.sections["crosses"].sentences["pairs"]
    gated = model.get("cross_kind") in ("mixture", "gated")
    assert bool(report.sections["gates"].tables) == gated
    assert ("orders" in report.sections["depth"].tables) == (model.get("structure") != "deep" and not gated)
    assert ("mix" in report.sections["depth"].tables) == (model.get("head") == "average")
    assert ("values" in report.sections["ranks"].tables) == (
        model.get("structure") != "deep" and model.get("num_cross_layers") != 0
    )


def test_a_section_that_fails_leaves_the_others_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(subject: Subject) -> None:
        raise PredictionError("expected more. Received less.")

    run, subject = finished(tmp_path)
    monkeypatch.setattr(study, "SECTIONS", {"crosses": fail, "errors": SECTIONS["errors"]})
    study.write_report(run, subject)
    report = study.read_report(run)
    assert list(report.sections) == ["errors"] and report.problems == {"crosses": "expected more. Received less."}
    assert not report.missing
    study.forget_problems(run)
    assert study.read_report(run).missing == ("crosses",)


def test_a_report_begins_unless_another_process_writes_it(tmp_path: Path) -> None:
    run, subject = finished(tmp_path)
    with study.only_one(run):
        study.begin_report(run, subject)
    assert not study.read_report(run).sections
    study.begin_report(run, subject)
    assert "crosses" in study.read_report(run).sections


def test_a_report_of_another_version_or_a_damaged_one_is_written_anew(tmp_path: Path) -> None:
    run, _ = finished(tmp_path)
    for text in ('{"version": 0, "sections": {}, "problems": {}}', "{", "[]"):
        (run.path / "insight.json").write_text(text)
        assert study.read_report(run).missing == tuple(SECTIONS)


def test_what_a_killed_process_has_half_written_of_a_report_is_swept_up(tmp_path: Path) -> None:
    run, subject = finished(tmp_path)
    (run.path / ".insight.npz.x1y2z3").touch()
    study.begin_report(run, subject)
    assert list(run.path.glob(".*")) == []


def test_only_one_process_studies_a_run(tmp_path: Path) -> None:
    run, _ = finished(tmp_path)
    with study.only_one(run) as first, study.only_one(run) as second:
        assert first and not second


def test_the_process_writes_what_is_missing_without_tensorflow(tmp_path: Path) -> None:
    run, _ = finished(tmp_path, PEOPLE)
    code = "import sys; from dcn_core import study; sys.argv = ['', sys.argv[1]]; n = study.main(); print('tensorflow' in sys.modules); sys.exit(n)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(run.path)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr
    report = study.read_report(run)
    assert not report.missing and not report.problems
    assert "beats" in report.sections["ladder"].sentences["ladder"]


def test_ratings_that_are_gone_are_a_problem_of_every_section(tmp_path: Path) -> None:
    run, _ = finished(tmp_path)
    record = run.record()
    record["config"]["data"]["source"] = str(tmp_path / "gone.zip")
    run.update_record(config=record["config"])
    done = subprocess.run(
        [sys.executable, "-m", "dcn_core.study", str(run.path)], cwd=ROOT, capture_output=True, timeout=120
    )
    assert done.returncode == 2
    assert set(study.read_report(run).problems) == set(SECTIONS)


def test_nothing_is_written_about_ratings_that_the_run_did_not_learn_from(tmp_path: Path) -> None:
    run, subject = finished(tmp_path)
    run.update_record(data=subject.dataset.fingerprint)
    run.check_ratings(subject.dataset.fingerprint)
    run.update_record(data="of a file that was there before")
    report = study.complete(run)
    assert not report.sections
    assert all("its source has changed since" in problem for problem in report.problems.values())
    with pytest.raises(RunError, match="Put the former file back"):
        recovered(run)
    with pytest.raises(RunError, match="Put the former file back"):
        bundle(run)
