"""Every view of the inspect page for every kind of network, on run folders as the worker writes them."""

import html
import time
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dcn_core import study
from dcn_core.insight.sections import SECTIONS
from dcn_core.pictures import crosses, measures, scatter
from dcn_core.runs.folder import RunFolder
from tests.hostile import TEXTS
from tests.test_study import PEOPLE, finished, quick_sections
from tests.ui.conftest import Open
from tests.ui.test_train_page import words

KINDS: dict[str, dict[str, object]] = {
    "matrix": {"head": "average"},
    "vector": {"structure": "cross", "cross_kind": "vector"},
    "low rank": {"structure": "cross", "cross_kind": "low_rank"},
    "stacked": {"structure": "stacked"},
    "token mean": {"cross_kind": "vector", "combination": "token_mean"},
    "mixture": {"cross_kind": "mixture"},
    "bent mixture": {"structure": "stacked", "cross_kind": "mixture", "gate": "sigmoid", "expert_activation": "tanh"},
    "gated": {"structure": "cross", "cross_kind": "gated"},
    "gated mean": {"cross_kind": "gated", "combination": "token_mean"},
    "deep": {"structure": "deep"},
    "no layers": {"num_cross_layers": 0},
}
SAID = {
    ("matrix", "crosses"): "interact most",
    ("matrix", "parts"): "as trained",
    ("matrix", "weights"): "The matrix W",
    ("vector", "weights"): "one weight vector",
    ("vector", "crosses"): "hardly which pair",
    ("low rank", "weights"): "UVᵀ",
    ("stacked", "parts"): "the deep part reads all of them",
    ("stacked", "crosses"): "The deep part can cross features too",
    ("token mean", "crosses"): "averages all embeddings",
    ("token mean", "real"): "share one block of weights",
    ("mixture", "weights"): "The mean of the experts",
    ("mixture", "crosses"): "A mixture has no single matrix",
    ("mixture", "parts"): "no polynomial",
    ("mixture", "gates"): "share 100 %",
    ("bent mixture", "weights"): "their tanh is left out",
    ("bent mixture", "crosses"): "without their tanh",
    ("bent mixture", "gates"): "opens by itself",
    ("gated", "weights"): "before its gate",
    ("gated", "crosses"): "counts the gates",
    ("gated", "parts"): "no polynomial",
    ("gated", "gates"): "one gate for each number",
    ("gated mean", "gates"): "that of x0 in layer",
    ("deep", "weights"): "no cross layers",
    ("deep", "real"): "no blocks to take away",
    ("no layers", "crosses"): "interact",
    ("matrix", "film"): "No film of this run",
}


GATED = ("mixture", "bent mixture", "gated", "gated mean")


def view(page: AppTest, name: str) -> AppTest:
    """Changes to a view of the page."""
    return page.get_by_key("view").set_value(name).run()


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, RunFolder]:
    """A kind of network and its run, with all of its report but what takes longest and is the same for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_CACHE", str(tmp_path_factory.mktemp("cache")))
        run, subject = finished(tmp_path_factory.mktemp("runs"), **KINDS[request.param])
        patch.setattr(study, "SECTIONS", quick_sections())
        study.write_report(run, subject)
    (run.path / "insight.json").write_text(
        (run.path / "insight.json")
        .read_text()
        .replace('"problems": {}', '"problems": {"ladder": "not in this test", "maps": "nor this"}')
    )
    return request.param, run


def test_every_view_shows_its_pictures_with_their_caveats(
    app: Open, kind: tuple[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, run = kind
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    page = app("inspect")
    gated = name in GATED
    assert ("Gates" in page.get_by_key("view").options) == gated
    for shown in (
        "crosses",
        "real",
        "weights",
        *(["gates"] if gated else []),
        "parts",
        "path",
        "embeddings",
        "film",
        "errors",
        "ladder",
    ):
        view(page, shown)
        assert not page.exception, shown
        assert "Something in this app went wrong" not in words(page), shown
        assert SAID.get((name, shown), "") in words(page), shown
        if shown not in ("ladder", "weights", "film"):
            assert len(page.get("plotly_chart")) >= 1, shown
    assert "not in this test" in words(page).lower()


def test_every_measure_that_a_network_has_is_a_map(kind: tuple[str, RunFolder]) -> None:
    name, run = kind
    arrays, found, model = run.insight(), study.read_report(run).sections["crosses"], run.config().model
    allowed = crosses.offered(model, arrays, found)
    assert ("block_norm" in allowed) == (name not in ("token mean", "gated mean", "deep", "no layers"))
    assert ("signed" in allowed) == (name not in ("stacked", "deep", "no layers", *GATED))
    for measure in allowed:
        for layer, together in ((0, False), (2, True)) if measure in measures.LAYERED else ((0, False),):
            shown = crosses.pair_map(model, arrays, found, measure, layer, together)
            assert shown.sentence and len(shown.numbers)


def test_measures_and_layers_can_be_switched(app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, subject = finished(tmp_path / "runs")
    monkeypatch.setattr(study, "SECTIONS", {"crosses": SECTIONS["crosses"]})
    study.write_report(run, subject)
    page = app("inspect")
    for measure in ("signed", "block_norm", "strength"):
        page.get_by_key("inspect-measure").set_value(measure).run()
        assert not page.exception and "went wrong" not in words(page)
    page.get_by_key("inspect-layer").set_value(2).run()
    page.toggle(key="inspect-together").set_value(True).run()
    assert not page.exception and "went wrong" not in words(page)


def test_gates_can_be_looked_at_layer_by_layer_and_feature_by_feature(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, subject = finished(tmp_path / "runs", cross_kind="mixture")
    monkeypatch.setattr(study, "SECTIONS", {"crosses": SECTIONS["crosses"], "gates": SECTIONS["gates"]})
    study.write_report(run, subject)
    page = view(app("inspect"), "gates")
    assert len(page.dataframe[0].value) == 3
    for feature in subject.network.feature_names:
        page.get_by_key("gates-feature").set_value(feature).run()
        page.get_by_key("gates-layer").set_value(2).run()
        assert not page.exception and len(page.get("plotly_chart")) == 1
    plain, _ = finished(tmp_path / "runs")
    page.session_state["shown_run"] = plain.id
    page.run()
    assert not page.exception and "Gates" not in page.get_by_key("view").options


def test_the_slider_between_the_heads_moves_the_error(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, subject = finished(tmp_path / "runs", head="sum")
    monkeypatch.setattr(study, "SECTIONS", {"crosses": SECTIONS["crosses"], "depth": SECTIONS["depth"]})
    study.write_report(run, subject)
    page = view(app("inspect"), "parts")
    before = page.metric[0].value
    page.slider(key="alpha").set_value(0.0).run()
    assert not page.exception
    assert page.metric[0].value != before and "against α = 0.5" in str(page.metric[0].delta)
    seen = set()
    for alpha in (0.0, 0.25, 0.75, 1.0):
        shown = page.slider(key="alpha").set_value(alpha).run().metric[0]
        change = float(shown.value) - float(before)
        assert "-" not in str(shown.delta)
        assert (shown.proto.direction == shown.proto.DOWN, shown.proto.color == shown.proto.GREEN) == (change < 0,) * 2
        assert str(shown.delta).startswith("−" if change < 0 else "+")
        seen.add(change < 0)
    assert seen == {True, False}


def test_training_at_the_sufficient_rank_takes_over_the_experiment(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, subject = finished(tmp_path / "runs", structure="cross")
    monkeypatch.setattr(study, "SECTIONS", {"crosses": SECTIONS["crosses"], "ranks": SECTIONS["ranks"]})
    study.write_report(run, subject)
    rank = 4  # random weights have no low rank of their own
    values = study.read_json(run.path / "insight.json")
    values["sections"]["ranks"]["facts"]["rank"] = rank
    study.write_json(run.path / "insight.json", values)
    page = view(app("inspect"), "weights")
    page.button(key="train-at-rank").click().run()
    assert not page.exception
    draft = page.session_state["draft"]
    assert (draft["model"]["cross_kind"], draft["model"]["projection_dim"]) == ("low_rank", rank)
    assert draft["model"]["structure"] == "cross" and draft["data"]["num_ratings"] == 1_500


def test_a_run_without_a_report_shows_its_crosses_and_computes_the_rest_beside(app: Open, tmp_path: Path) -> None:
    run, _ = finished(tmp_path / "runs", PEOPLE)
    page = app("inspect")
    assert not page.exception
    assert "appears by itself" in words(page)
    assert len(page.get("plotly_chart")) == 1  # strength on data is there at once
    limit = time.monotonic() + 90
    while study.read_report(run).missing and time.monotonic() < limit:
        time.sleep(0.3)
    page.run()
    assert not page.exception and "interact most" in words(page)
    view(page, "ladder")
    assert "simple predictors" in words(page) and len(page.get("plotly_chart")) == 1


def test_a_report_that_failed_says_why_and_can_be_tried_again(app: Open, tmp_path: Path) -> None:
    run, _ = finished(tmp_path / "runs", PEOPLE)
    problems = dict.fromkeys(SECTIONS, "there is no file ratings.zip")
    study.write_json(run.path / "insight.json", {"version": study.VERSION, "sections": {}, "problems": problems})
    page = view(app("inspect"), "errors")
    assert "This part could not be computed" in words(page) and "ratings.zip" in words(page)
    page.button(key="again-errors").click().run()
    assert not page.exception and "appears by itself" in words(page)
    limit = time.monotonic() + 90
    while study.read_report(run).missing and time.monotonic() < limit:
        time.sleep(0.3)


@pytest.mark.parametrize("title", TEXTS[:4])
def test_hostile_titles_are_shown_as_they_are_on_the_map(app: Open, on_hostile: RunFolder, title: str) -> None:
    page = view(app("inspect"), "embeddings")
    assert not page.exception
    chooser = next(box for box in page.selectbox if str(box.key).startswith("near-movie_id"))
    chooser.select_index(list(chooser.options).index(title)).run()
    assert not page.exception
    assert "<script>" not in "".join(str(element.value) for element in page.html)


def test_one_rating_can_be_followed_and_another_one(app: Open, on_trained: RunFolder) -> None:
    page = view(app("inspect"), "path")
    assert not page.exception
    before = words(page)
    assert (
        " to " in before
        and "lead" in before
        and 'class="path"' in before
        and "real rating is" in before
        and "validation rating" in before
    )
    page.button(key="path-another").click().run()
    assert not page.exception and words(page) != before


def test_any_pair_can_be_chosen_to_follow(app: Open, on_hostile: RunFolder) -> None:
    page = view(app("inspect"), "path")
    page.session_state["path-pair"] = (on_hostile.id, 0, 3)
    page.run()
    assert not page.exception
    assert html.escape(TEXTS[3]) in words(page)
    assert TEXTS[3] in "".join(str(element.value) for element in page.text)
    assert TEXTS[3] not in "".join(str(element.value) for element in page.html)


def test_the_weights_between_two_features_are_shown_by_category(
    app: Open, kind: tuple[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, run = kind
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    page = app("inspect")
    if name in ("token mean", "gated mean", "deep", "no layers"):
        assert "zoom-layer" not in {control.key for control in page.get("segmented_control")}
        return
    page.get_by_key("zoom-layer").set_value(2).run()
    assert not page.exception
    assert "In cross layer 2 the weights answer most to" in words(page)


def test_neighbourhoods_are_a_map_of_their_own(app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, subject = finished(tmp_path / "runs", PEOPLE)
    monkeypatch.setattr(study, "SECTIONS", {"crosses": SECTIONS["crosses"], "maps": SECTIONS["maps"]})
    study.write_report(run, subject)
    page = view(app("inspect"), "embeddings")
    page.get_by_key("embedding-kind").set_value("neighbours").run()
    assert not page.exception and "are also its nearest on this map" in words(page)
    page.get_by_key("embedding-axes").set_value(3).run()
    assert not page.exception and len(page.get("plotly_chart")) == 1


def test_a_search_on_the_map_marks_all_that_it_finds() -> None:
    frame = pd.DataFrame(
        {"category": ["a", "b", "c"], "x1": [0.0, 1, 2], "x2": [0.0, 1, 2], "length": 1.0, "Kind": "x"}
    )
    figure = scatter.places(frame, "Kind", 2, ["", ""], scatter.Marks(0, (1,), (1, 2)))
    assert [len(trace.x) for trace in figure.data[1:]] == [2, 1, 1]
