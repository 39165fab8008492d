"""The film, the recovery by epoch and the seeds on the inspect page, of a run that a real worker trained."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from dcn_core import study
from dcn_core.pictures import film as films
from dcn_core.pictures import reel
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.training.reel import Reel
from tests.ui.conftest import Open
from tests.ui.test_inspect_kinds import view
from tests.ui.test_train_page import words


@pytest.fixture(scope="module")
def studied(trained: RunFolder) -> RunFolder:
    """The finished run with its film computed."""
    report = study.read_report(trained)
    if "film" in report.missing:
        from dcn_core.data.sources import load_dataset
        from dcn_core.insight.report import Subject

        config = trained.config()
        subject = Subject.of(
            config, load_dataset(config.data), trained.encoder(), trained.weights(), Reel(trained.film)
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(study, "SECTIONS", {name: study.SECTIONS[name] for name in ("crosses", "film", "knockouts")})
            study.write_report(trained, subject)
    return trained


def figure(page, key: str) -> dict:
    """What the browser gets of a chart."""
    return json.loads(next(chart for chart in page.get("plotly_chart") if chart.key == key).proto.spec)


def test_the_worker_takes_a_frame_before_training_and_after_each_epoch(trained: RunFolder) -> None:
    reel = Reel(trained.film)
    assert list(reel) == [0, 1, 2]
    best = trained.result()["best_epoch"]
    kept = trained.weights()
    np.testing.assert_array_equal(reel[best]["cross_1/W"], kept["cross_1/W"])
    rows = reel[best]["rows/embedding/user_id"]
    np.testing.assert_array_equal(reel[best]["embedding/user_id"], kept["embedding/user_id"][rows])


def test_the_frame_of_the_kept_epoch_is_the_map_of_the_page(studied: RunFolder) -> None:
    film, insight = study.read_report(studied).sections["film"].arrays, studied.insight()
    frame = film["epochs"].tolist().index(studied.result()["best_epoch"])
    np.testing.assert_allclose(film["strength"][frame], insight["strength"], rtol=1e-5)
    np.testing.assert_allclose(film["block_norm"][frame], insight["block_norm"], rtol=1e-5)


def test_the_film_is_one_figure_that_plays_in_the_browser(app: Open, on_trained: RunFolder, studied: RunFolder) -> None:
    page = view(app("inspect"), "film")
    assert not page.exception
    assert "The cross of" in words(page) or "No two features" in words(page)
    shown = figure(page, "film-map")
    assert [frame["name"] for frame in shown["frames"]] == ["0", "1", "2"]
    assert [step["args"][0] for step in shown["layout"]["sliders"][0]["steps"]] == [["0"], ["1"], ["2"]]
    assert shown["layout"]["updatemenus"][0]["buttons"][0]["args"][1]["frame"]["duration"] == reel.FRAME_MS
    for measure in ("strength", "block_norm", "per_size"):
        page.get_by_key("film-of-effect-strength-block_norm-per_size-embeddings").set_value(measure).run()
        page.get_by_key("film-layer").set_value(1).run()
        assert not page.exception and "went wrong" not in words(page)
    page.get_by_key("film-of-effect-strength-block_norm-per_size-embeddings").set_value("embeddings").run()
    assert "half of their way" in words(page)
    chooser = next(box for box in page.get("button_group") if str(box.key).startswith("film-feature"))
    for feature in ("age", "movie_id", "user_id"):
        chooser = page.get_by_key(chooser.key).set_value(feature)
        page = chooser.run()
        assert not page.exception and len(figure(page, f"film-places-{feature}")["frames"]) == 3


def test_colours_and_axes_mean_the_same_in_every_frame() -> None:
    matrices = np.array([[[0, 1], [2, 0]], [[0, 8], [4, 0.5]]], dtype=float)
    pairs = reel.map_film(np.array([[[np.nan, 0.001], [0.001, 0.002]]]), ["a", "b"], "stars", [0], directed=False)
    assert [list(row) for row in pairs.data[0].text] == [["", ""], [".0010", ".0020"]]
    film = reel.map_film(matrices, ["a", "b"], "stars", [0, 1], directed=True)
    assert film.data[0].zmax == 8 and film.data[0].z[0][1] == 8
    assert film.frames[0].data[0].z[0][1] == 1 and film.frames[0].data[0].zmax is None
    places = np.array([[[0, 0], [1, 1]], [[-5, 0], [9, 3]]], dtype=float)
    wander = reel.places_film(places, ["<b>x</b>", "y"], [0, 1], [0.6, 0.4])
    assert wander.layout.xaxis.range[0] < -5 and wander.layout.xaxis.range[1] > 9
    assert "<b>" not in wander.to_json().replace("\\u003c", "<")


def test_recovery_is_drawn_over_the_epochs(app: Open, on_trained: RunFolder, studied: RunFolder) -> None:
    page = app("inspect")
    assert not page.exception
    assert "Since when it is found" in words(page) and "the rank correlation ends at" in words(page)
    drawn = figure(page, "recovery-by-epoch")
    assert len(drawn["data"]) == 6 and len(drawn["data"][0]["x"]) > 0
    assert drawn["layout"]["xaxis"]["dtick"] == drawn["layout"]["xaxis2"]["dtick"] == 1  # no half epochs in a short run


def test_a_run_without_snapshots_says_so(app: Open, tmp_path: Path, studied: RunFolder) -> None:
    root = tmp_path / "runs"
    shutil.copytree(studied.path, root / studied.id)
    run = RunStore(root).open(studied.id)
    values = study.read_json(run.path / "insight.json")
    values["sections"]["film"] = {"sentences": {}, "tables": {}, "facts": {}}
    study.write_json(run.path / "insight.json", values)
    run.save_arrays("insight", {name: a for name, a in run.insight().items() if not name.startswith("film/")})
    page = view(app("inspect"), "film")
    assert not page.exception and "No film of this run" in words(page)


def test_more_seeds_are_trained_and_compared(app: Open, tmp_path: Path, studied: RunFolder) -> None:
    root = tmp_path / "runs"
    shutil.copytree(studied.path, root / studied.id)
    page = view(app("inspect", query={"run": studied.id}), "real")
    assert not page.exception and "one throw of the dice" in words(page)
    page.button(key="more-seeds").click().run()
    assert not page.exception and "On their way: seed 2, 3" in words(page)
    store = RunStore(root)
    limit = time.monotonic() + 180
    while time.monotonic() < limit and any(
        run.status.waiting_or_active or "crosses" in study.read_report(store.open(run.id)).missing
        for run in store.list()
    ):
        time.sleep(0.5)
    page = view(app("inspect", query={"run": studied.id}), "real")
    assert not page.exception
    assert "with all 3 seeds" in words(page) or "of 3 seeds" in words(page)
    assert {"seeds-map", "seeds-spread"} <= {chart.key for chart in page.get("plotly_chart")}
    assert {run.name for run in store.list()} == {studied.name(), *(f"{studied.name()} · seed {n}" for n in (2, 3))}


def test_a_run_of_no_experiment_of_its_own_says_why_it_has_no_seeds(
    app: Open, tmp_path: Path, studied: RunFolder
) -> None:
    root = tmp_path / "runs"
    shutil.copytree(studied.path, root / studied.id)
    RunStore(root).open(studied.id).update_record(fingerprint=None)
    page = view(app("inspect"), "real")
    assert not page.exception and "stopped early" in words(page)


def test_the_film_says_where_it_ends_and_which_epoch_the_other_pictures_show() -> None:
    assert films._kept([0, 1, 2], 2) == ""
    assert films._kept([0, 1, 2], 1) == " The film ends with epoch 2; all other pictures show epoch 1, the best one."
