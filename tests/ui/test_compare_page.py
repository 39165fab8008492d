"""The compare page: the table, what differs, and what is not comparable."""

import html
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dcn_core.compare.pareto import pareto
from dcn_core.config.run import override
from dcn_core.pictures import compare
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from tests.ui.conftest import Open
from tests.ui.test_train_page import words
from ui import compare_table, compare_views
from ui.compare_curves import overlay
from ui.frame import picker_labels


def sibling(run: RunFolder, root: Path, run_id: str, *settings: str, factor: float = 1.0) -> RunFolder:
    """A copy of a finished run that says it had other settings and other scores."""
    copy = RunFolder(root / run_id)
    shutil.copytree(run.path, copy.path)
    config, result = override(run.config(), settings), run.result()
    assert result is not None
    data = str(run.record()["data"])
    if any(setting.startswith("data.") for setting in settings):
        data = "of other ratings"
    fingerprint, name = config.fingerprint(data), f"run {run_id[14]} · " + ", ".join(settings)
    copy.update_record(name=name, config=config.model_dump(mode="json"), fingerprint=fingerprint, data=data)
    for part in result["scores"].values():
        part.update({name: value * factor for name, value in part.items()})
    copy.save_result(result)
    return copy


@pytest.fixture
def several(trained: RunFolder, tmp_path: Path) -> list[RunFolder]:
    """Three comparable runs, two of them with another seed only, and one on other ratings."""
    root = tmp_path / "runs"
    root.mkdir()
    return [
        sibling(trained, root, "20260101-000001-aaaaaa", "data.world_seed=9"),
        sibling(trained, root, "20260101-000002-aaaaaa", "train.seed=2", factor=1.01),
        sibling(trained, root, "20260101-000003-aaaaaa", "model.num_cross_layers=3", factor=1.1),
        sibling(trained, root, "20260101-000004-aaaaaa"),
    ]


def test_without_runs_the_page_says_what_to_do(app: Open) -> None:
    page = app("compare")
    assert "Nothing to compare yet" in words(page) and not page.exception


def test_comparable_runs_stand_side_by_side(app: Open, several: list[RunFolder]) -> None:
    page = app("compare")
    assert not page.exception
    table = page.dataframe[0].value
    assert len(table) == 3 and "Measured on" in [box.label for box in page.selectbox]
    settings = next(one.value for one in page.dataframe if one.value.index.name == "Setting")
    assert list(settings.index) == ["Cross layers", "Seed"]
    assert {"compare-scores", "compare-pareto", "compare-duel"} <= {chart.key for chart in page.get("plotly_chart")}
    said = html.unescape(" ".join(element.value for element in page.html))
    assert "95 % interval" in said and "is the best and the cheapest of 3 runs" in said
    assert "cannot be told apart" in said  # they are copies of one network
    assert re.search(r"is better on 0 of \d+ slices, .+ on 0; the others are undecided", said)
    page.text_input(key="compare-filter").set_value("no such run").run()
    assert not page.exception and "No run fits" in words(page)


def test_runs_on_other_ratings_are_not_scored_against_each_other(app: Open, several: list[RunFolder]) -> None:
    page = app("compare")
    box = next(box for box in page.selectbox if box.label == "Measured on")
    box.set_value(compare_table.ALL).run()
    assert not page.exception and len(page.dataframe[0].value) == 4
    page = app("compare", state={str(box.key): compare_table.ALL, "compare-chosen": [several[0].id, several[1].id]})
    assert not page.exception
    told = words(page)
    assert "These scores cannot be compared" in told
    assert told.index("These scores cannot be compared") < told.index("Validation error by epoch")


def test_networks_are_not_compared_on_ratings_that_they_did_not_learn_from(app: Open, several: list[RunFolder]) -> None:
    for run in several:
        run.update_record(data="of a file that was there before")
    page = app("compare")
    assert not page.exception
    assert "These two cannot be compared slice by slice" in words(page) and "Put the former file back" in words(page)
    inspected = app("inspect", state={"view": "path"})
    assert not inspected.exception and "Put the former file back" in words(inspected)


def test_names_are_told_apart_and_curves_keep_their_range(several: list[RunFolder]) -> None:
    runs = list(map(_summary, several))
    names = compare_views.names_of(runs)
    assert names == [run.name for run in runs]
    assert compare_views.names_of([runs[0], runs[1], runs[0]])[::2] == [f"{runs[0].name} (1)", f"{runs[0].name} (2)"]
    option = overlay([[(1.0, 9.0), (2.0, 1.0), (3.0, 0.9)], []], ["a", "b"], "MSE")
    assert option["yAxis"]["max"] < 2 and [one["name"] for one in option["series"]] == ["a", "b"]
    assert json.dumps(option)
    assert overlay([[(1.0, 9.0), (2.0, 1.0)]], ["a"], "MSE")["yAxis"]["max"] > 9


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([[0.82]], 0.82),
        ([[0.819, 0.729]], 0.819),
        ([[0.796, 0.728, 0.711, 0.707]], 0.796),  # each of the few points of a short run
        ([[0.796, 0.728, 0.711], [0.82]], 0.82),
        ([[0.9, 0.72, 0.71, 0.7], [0.8, 0.72, 0.7]], 0.8),  # the one that fits, without the one that does not
        ([[9.0, 1.0, 0.9]], 1.0),
        ([[1.0, 1.2, 1.4]], 1.4),
    ],
)
def test_first_epochs_are_shown_unless_they_would_flatten_all_else(lines: list[list[float]], shown: float) -> None:
    points = [[(float(epoch), value) for epoch, value in enumerate(line, 1)] for line in lines]
    option = overlay(points, [str(number) for number in range(len(lines))], "MSE")
    low, high = option["yAxis"]["min"], option["yAxis"]["max"]
    assert low < min(map(min, lines)) and shown < high < shown + 0.1 * (shown - low) + 0.001


def test_the_picker_of_runs_has_no_two_labels_alike(several: list[RunFolder]) -> None:
    runs = list(map(_summary, several))
    labels = picker_labels([replace(run, name="same", created=runs[0].created) for run in runs])
    assert len(set(labels.values())) == len(runs)
    assert all(label.startswith(run_id[9:]) for run_id, label in labels.items())  # the end is cut off on a phone
    assert picker_labels(runs[:1])[runs[0].id].endswith(f"  ·  {runs[0].name}")
    assert runs[0].id[9:] not in picker_labels(runs[:1])[runs[0].id]


def test_ratings_that_were_uploaded_are_called_as_they_were_sent(several: list[RunFolder]) -> None:
    run = _summary(several[0])
    data = run.settings["data"] | {"source": f"/cache/uploads/My cars-{'0a' * 12}.csv"}
    assert compare_table._group_name([replace(run, settings={"data": data})], 1).startswith("My cars.csv, split by row")


def _summary(run: RunFolder):  # type: ignore[no-untyped-def]
    from dcn_core.runs.summary import RunSummary

    return RunSummary.read(run)


def test_one_run_alone_leads_on_to_a_second(app: Open, on_trained: RunFolder) -> None:
    page = app("compare")
    assert "What do its crosses bring?" in words(page) and not page.exception
    assert page.button(key="compare-deep").label == "Set up the deep network"


def test_only_some_chosen_runs_are_ringed(several: list[RunFolder]) -> None:
    frame = pareto(RunStore(several[0].path.parent).list(), "test", "rmse", "parameters")
    ids = frame["run"].tolist()
    rings = [
        [trace.name for trace in compare.front(frame, chosen, "test", "rmse", "parameters").figure.data]
        for chosen in (ids, ids[:1])
    ]
    assert "Chosen in the table" not in rings[0] and "Chosen in the table" in rings[1]
