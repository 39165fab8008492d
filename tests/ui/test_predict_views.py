"""Every view of the predict page on every kind of source, in Streamlit's own tester."""

import os
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from tests.serving.runs import untrained
from tests.ui.conftest import Open, train
from tests.ui.test_hostile import no_mark_up
from tests.ui.test_train_page import words

VIEWS = ("pair", "why", "what-if", "top", "audience", "similar", "fairness", "batch")


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


def charts(page: AppTest) -> set[str]:
    """Keys of the charts on a page."""
    return {chart.key for chart in page.get("plotly_chart")}


def test_every_view_answers_on_every_source(app: Open, run: RunFolder) -> None:
    page = app("predict")
    people = len(page.get_by_key("user-kind").options) == 2 and "gender" in run.encoder().vocabularies
    assert 'class="band"' in html_of(page) and "In 80 of 100 such questions" in words(page)
    assert "Split conformal prediction" in words(page) and (run.path / "intervals.json").exists()
    no_mark_up(page)
    for kind in ("features", "parts", "orders"):
        view(page, "why") if kind == "features" else page.get_by_key("why-kind").set_value(kind).run()
        no_mark_up(page)
        assert "the average prediction" in html_of(page) and "waterfall" in charts(page), kind
    view(page, "what-if")
    no_mark_up(page)
    assert "curve" in charts(page)
    assert ("board" in charts(page)) == (len(page.get_by_key("what-if-feature").options) > 1)
    view(page, "top")
    no_mark_up(page)
    assert {"Movie", "Predicted", "Because of"} <= set(page.dataframe[0].value.columns)
    assert 1 <= len(page.dataframe[0].value) <= 10 or "No movie fits" in words(page)
    view(page, "audience")
    no_mark_up(page)
    assert "segments" in charts(page) and len(page.dataframe[0].value) >= 1
    view(page, "similar")
    no_mark_up(page)
    assert "By all that the network looks up of it" in html_of(page) and len(page.dataframe) == 2
    view(page, "fairness")
    no_mark_up(page)
    assert charts(page) == ({"swap", "groups"} if people else set())
    assert people or "says nothing about its users" in words(page)
    view(page, "batch")
    no_mark_up(page)
    page.file_uploader[0].upload("pairs.csv", b"user_id,movie_id\n1,1\n987654321,1\n").run()
    no_mark_up(page)
    assert "2 pairs" in words(page) and "unknown user" in words(page)
    assert page.dataframe[0].value["note"][1].startswith("unknown user")


def test_details_of_a_rating(app: Open, on_trained: RunFolder) -> None:
    page = app("predict")
    narrow = _width(page)
    page.get_by_key("interval-level").set_value(0.95).run()
    assert "In 95 of 100 such questions" in words(page) and _width(page) >= narrow
    metrics = {metric.label: metric for metric in page.metric}
    assert float(metrics["Users like this gave"].value) >= 1
    assert metrics["Users like this gave"].delta.startswith("nearest 20 of ")
    assert float(metrics["Movies like this got"].value) >= 1
    page.get_by_key("user-kind").set_value("Someone new").run()
    metrics = {metric.label: metric.value for metric in page.metric}
    assert float(metrics["Users like this gave"]) >= 1 and metrics["Movies like this got"] == "none"


def _width(page: AppTest) -> float:
    """Width of the drawn interval, in hundredths of the scale."""
    return float(html_of(page).split('class="band"')[1].split("width:")[1].split("%")[0])


def test_what_if_moves_the_rating(app: Open, on_trained: RunFolder) -> None:
    page = view(app("predict"), "what-if")
    assert "Change something" in words(page)
    before = html_of(page)
    next(box for box in page.checkbox if str(box.key).startswith("what-if-user_id")).check().run()
    assert "forget who the user is" in words(page) and html_of(page) != before
    genres = next(box for box in page.multiselect if str(box.key).startswith("what-if-genres"))
    genres.set_value([]).run()
    gender = next(box for box in page.selectbox if str(box.key).startswith("what-if-gender"))
    gender.select("unknown").run()
    no_mark_up(page)
    assert "genres, gender" in words(page) and "Gender: training never saw this value" in words(page)


def test_filters_and_diversity_choose_the_movies(app: Open, on_trained: RunFolder) -> None:
    page = view(app("predict"), "top")
    page.get_by_key("wish-diversity").set_value(0).run()
    best = page.dataframe[0].value
    assert best["Predicted"].is_monotonic_decreasing
    page.get_by_key("wish-genres").set_value(["Drama"]).run()
    assert page.dataframe[0].value["Genres"].str.contains("Drama").all()
    page.get_by_key("wish-least").set_value(1000).run()
    assert "No movie fits" in words(page)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "begins with an empty line"),
        (b"<script>alert(1)</script>\n1\n", "named user_id"),
        (b"user_id,movie_id\n1,2,3\n", "cannot be read as CSV"),
        (bytes(range(256)) * 50, "This file cannot be used"),
    ],
)
def test_a_broken_upload_is_a_calm_message(app: Open, on_trained: RunFolder, content: bytes, said: str) -> None:
    page = app("predict", state={"predict-view": "batch"})
    page.file_uploader[0].upload("pairs.csv", content).run()
    assert not page.exception and "This file cannot be used" in words(page) and said in words(page)


def test_what_is_read_of_a_file_and_what_it_lacks_is_said(app: Open, tmp_path: Path) -> None:
    source = tmp_path / "visits.csv"
    source.write_text(
        "who,what,stars,device,$hour$\n"
        + "".join(f"{n % 3},{n % 4},{n % 5},d{n % 7 % 2},{n % 24}\n" for n in range(300))
    )
    roles = {"who": "user", "what": "item", "stars": "label", "device": "category", "$hour$": "number"}
    table = {"columns": [{"column": column, "role": role} for column, role in roles.items()]}
    untrained(tmp_path / "runs", source=str(source), table=table)
    page = app("predict", state={"predict-view": "batch"})
    assert (
        "names the columns **who** and **what**; where it has them, the columns **device** and **\\$hour\\$**"
        in words(page)
    )
    page.file_uploader[0].upload("pairs.csv", b"who,what,device\n1,1,d1\n1,1,d9\n1,1,\n").run()
    assert "Without the column **\\$hour\\$**, which the file does not have" in words(page)
    frame = page.dataframe[0].value
    assert frame["device"].tolist()[:2] == ["d1", "d9"]
    assert frame["note"].tolist() == [f"{said}without $hour$" for said in ("", "unknown device and ", "no device and ")]


def test_likes_are_answered_in_percent(app: Open, tmp_path: Path) -> None:
    untrained(tmp_path / "runs", target="like")
    page = app("predict")
    assert (
        " %</b>" in html_of(page)
        and "predicted most alike" in words(page)
        and "band" not in html_of(page).split("</style>")[-1]
    )
    for name in VIEWS[1:]:
        view(page, name)
        no_mark_up(page)
        assert not any(text in html_of(page) for text in ("★", " stars, the average")), name
    page.file_uploader[0].upload("pairs.csv", b"user_id,movie_id\n1,1\n").run()
    frame = page.dataframe[0].value
    assert "low" not in frame and frame["rating"].between(0, 1).all()


@pytest.mark.parametrize("features", [["gender", "age"], ["genres"], ["user_id", "movie_id"]], ids=str)
def test_a_network_that_sees_only_some_of_it_is_asked_all_the_same(
    app: Open, tmp_path: Path, features: list[str]
) -> None:
    untrained(tmp_path / "runs", features=features)
    page = app("predict")
    for name in VIEWS:
        view(page, name)
        no_mark_up(page)
        assert "Something in this app went wrong" not in words(page), name


def test_two_models_answer_side_by_side(
    app: Open, trained: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, other = tmp_path / "both", "20260101-000000-abcdef"
    shutil.copytree(trained.path, root / trained.id)
    shutil.copytree(trained.path, root / other)
    RunStore(root).edit(other, name="The <i>other</i>")
    untrained(root, num_ratings=10_000, target="like")  # its answers are no stars, so it is not offered
    monkeypatch.setenv("PLAYGROUND_RUNS", str(root))
    page = app("predict", {"run": trained.id})
    assert len(page.get_by_key(f"predict-second-{trained.id}").options) == 1
    page.get_by_key(f"predict-second-{trained.id}").set_value(other).run()
    for name in VIEWS:
        view(page, name)
        assert not page.exception, name
        if name == "batch":
            page.file_uploader[0].upload("pairs.csv", b"user_id,movie_id\n1,1\n").run()
        assert "The &lt;i&gt;other&lt;/i&gt;" in html_of(page), name
    assert page.dataframe[0].value.equals(page.dataframe[1].value)


def test_nothing_is_said_of_held_out_ratings_where_they_may_be_learned_ones(
    app: Open, trained: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "changed"
    run = RunFolder(shutil.copytree(trained.path, root / trained.id))
    (run.path / "intervals.json").unlink(missing_ok=True)
    run.update_record(data="of a file that was there before")
    monkeypatch.setenv("PLAYGROUND_RUNS", str(root))
    page = app("predict", state={"predict-view": "fairness"})
    assert "The data has changed since this run was trained" in words(page)
    assert page.get_by_key("predict-view").options == ["Rating", "Many pairs"]
    assert 'class="verdict"' in html_of(page) and 'class="band"' not in html_of(page) and not page.metric
    view(page, "batch").file_uploader[0].upload("pairs.csv", b"user_id,movie_id\n1,1\n").run()
    assert "low" not in page.dataframe[0].value and not (run.path / "intervals.json").exists()
