"""Every view of the predict page on every kind of source, in Streamlit's own tester."""

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.runs.folder import RunFolder
from tests.ui.conftest import Open, train
from tests.ui.test_hostile import no_mark_up
from tests.ui.test_train_page import words


@pytest.fixture(scope="session")
def latest(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run on MovieLens latest-small, whose users have ids and nothing else."""
    if "PLAYGROUND_DATA" not in os.environ:
        pytest.skip("needs the folder of MovieLens archives, PLAYGROUND_DATA")
    archive = (Path(os.environ["PLAYGROUND_DATA"]) / "ml-latest-small.zip").resolve()
    values: dict[str, dict[str, object]] = {
        "data": {"source": str(archive)},
        "train": {"epochs": 1},
        "model": {"embedding_dim": 4, "deep_layer_sizes": [8]},
    }
    return train(tmp_path_factory.mktemp("latest"), values)


@pytest.fixture(params=["trained", "latest", "hostile"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run on the generated world, on MovieLens latest-small, and on a tiny set with hostile titles."""
    run: RunFolder = request.getfixturevalue(request.param)
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    return run


def view(page: AppTest, name: str) -> AppTest:
    """Changes to a view of the page."""
    return page.get_by_key("predict-view").set_value(name).run()


def html_of(page: AppTest) -> str:
    """All HTML of a page."""
    return "".join(str(element.value) for element in page.html)


def test_a_rating_has_an_interval_and_says_how_it_was_made(app: Open, run: RunFolder) -> None:
    page = app("predict")
    no_mark_up(page)
    assert 'class="band"' in html_of(page) and "In 80 of 100 such questions" in words(page)
    assert "Split conformal prediction" in words(page)
    assert (run.path / "intervals.json").exists()
    narrow = _width(page)
    page.get_by_key("interval-level").set_value(0.95).run()
    assert "In 95 of 100 such questions" in words(page) and _width(page) >= narrow


def _width(page: AppTest) -> float:
    """Width of the drawn interval, in hundredths of the scale."""
    return float(html_of(page).split('class="band"')[1].split("width:")[1].split("%")[0])


def test_those_like_the_user_and_the_movie_are_asked(app: Open, on_trained: RunFolder) -> None:
    page = app("predict")
    metrics = {metric.label: metric for metric in page.metric}
    assert float(metrics["Users like this gave"].value) >= 1
    assert metrics["Users like this gave"].delta.startswith("nearest 20 of ")
    assert float(metrics["Movies like this got"].value) >= 1
    page.get_by_key("user-kind").set_value("Someone new").run()
    metrics = {metric.label: metric.value for metric in page.metric}
    assert float(metrics["Users like this gave"]) >= 1 and metrics["Movies like this got"] == "none"


def test_a_prediction_is_a_sum_by_features_parts_and_orders(app: Open, run: RunFolder) -> None:
    page = view(app("predict"), "why")
    for kind in page.get_by_key("why-kind").options:
        page.get_by_key("why-kind").set_value({"Features and pairs": "features"}.get(kind, kind.lower())).run()
        no_mark_up(page)
        assert "the average prediction" in html_of(page)
        assert "waterfall" in {chart.key for chart in page.get("plotly_chart")}


def test_what_if_moves_the_rating_and_shows_curves_and_boards(app: Open, run: RunFolder) -> None:
    page = view(app("predict"), "what-if")
    no_mark_up(page)
    assert "Change something" in words(page)
    before = html_of(page)
    forget = next(box for box in page.checkbox if str(box.key).startswith("what-if-user_id"))
    forget.check().run()
    no_mark_up(page)
    assert "forget who the user is" in words(page) and html_of(page) != before
    genres = next(box for box in page.multiselect if str(box.key).startswith("what-if-genres"))
    genres.set_value([]).run()
    no_mark_up(page)
    assert "genres" in words(page)
    charts = {chart.key for chart in page.get("plotly_chart")}
    assert "curve" in charts
    assert ("board" in charts) == (len(page.get_by_key("what-if-feature").options) > 1)
