"""The pages that need a finished run, and the data page."""

import html
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.config import presets
from dcn_core.config.run import RunConfig
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from tests.hostile import TEXTS, archive, movielens_csv
from tests.ui.conftest import Open
from tests.ui.test_train_page import words
from ui import session, verdict
from ui.curve import in_large_type, learning_curve
from ui.history import History


def markdown(page: AppTest) -> str:
    """All text on the page that is read as Markdown."""
    return "\n".join(str(element.value) for kind in ("markdown", "caption", "title") for element in page.get(kind))


@pytest.mark.parametrize("page", ["inspect", "predict"])
def test_pages_that_need_a_run_say_so_on_a_fresh_server(app: Open, page: str) -> None:
    opened = app(page)
    assert not opened.exception
    assert "Nothing trained yet" in words(opened)
    assert opened.page_link[0].value == "Go to Train"


@pytest.mark.parametrize("page", ["inspect", "predict"])
@pytest.mark.parametrize(("state", "said"), [("queued", "still training"), ("failed", "no network to show")])
def test_pages_that_need_a_finished_run_wait_for_one(
    app: Open, tmp_path: Path, page: str, state: str, said: str
) -> None:
    run = RunStore(tmp_path / "runs").create(RunConfig())
    with run.lock():
        run.set_status(Status(state=state if state == "failed" else "training"))  # type: ignore[arg-type]
        opened = app(page)
    assert said in words(opened) and not opened.exception


def test_inspect_opens_with_crosses_and_what_was_planted(app: Open, on_trained: RunFolder) -> None:
    page = app("inspect")
    assert not page.exception
    assert {"Cross", "Strength", "Share"} <= set(page.dataframe[0].value.columns)
    assert "interact most" in words(page) or "only adds up" in words(page)
    assert "planted crosses" in words(page)
    assert "User × Movie, the taste of each user, is planted too and not counted" in words(page)


def test_predict_answers_for_known_and_unknown_users_and_movies(app: Open, on_trained: RunFolder) -> None:
    page = app("predict")
    assert not page.exception
    assert "verdict" in page.html[-1].value or any("verdict" in element.value for element in page.html)
    assert len(page.metric) == 5
    page.get_by_key("user-kind").set_value("Someone new").run()
    assert not page.exception and "unknown index" in words(page)
    page.get_by_key("movie-kind").set_value("A new movie").run()
    assert not page.exception
    assert [metric.value for metric in page.metric] == ["none"] * 5


def test_predict_says_when_nothing_is_found(app: Open, on_trained: RunFolder) -> None:
    page = app("predict")
    page.text_input(key="movie-query").set_value("qqqqzzzz").run()
    assert "No movie like that" in words(page) and not page.exception


@pytest.mark.parametrize("title", TEXTS[:7])
def test_a_hostile_title_is_shown_as_it_is(app: Open, on_hostile: RunFolder, title: str) -> None:
    page = app("predict")
    page.text_input(key="movie-query").set_value(title[:12]).run()
    chooser = next(box for box in page.selectbox if str(box.key).startswith("movie-row"))
    chooser.select_index(chooser.options.index(title)).run()
    assert not page.exception
    assert html.escape(title) in "".join(element.value for element in page.html)
    assert title not in markdown(page)
    assert title not in "".join(element.value for element in page.html) or html.escape(title) == title


def test_the_data_page_shows_what_is_in_the_ratings(app: Open) -> None:
    page = app("data")
    assert not page.exception
    assert page.metric[0].value == "100,000"
    shown = {chart.key for chart in page.get("plotly_chart")}
    assert {"labels", "tails", "filled", "over-time", "sizes", "category-means", "table-crosses", "meter"} <= shown
    page.get_by_key("setting-data-num_ratings").set_value(10_000).run()
    assert page.metric[0].value == "10,000"


@pytest.mark.parametrize("split", ["row", "time", "user", "movie"])
def test_the_split_meter_tells_the_cold_start(app: Open, split: str) -> None:
    page = app("data", state={"setting-data-num_ratings": 10_000})
    page.get_by_key("setting-data-split").set_value(split).run()
    assert not page.exception
    said = words(page)
    assert "test users and" in said
    assert ("100 % of the" in said) == (split in ("user", "movie"))
    assert ("Training knows nothing of what comes after" in said) == (split == "time")


def test_a_path_is_used_by_the_next_run(app: Open, tmp_path: Path) -> None:
    folder = movielens_csv(tmp_path / "ml-latest")
    page = app("data")
    page.button(key="card-on-this-machine").click().run()
    page.text_input(key="source-path").set_value(str(folder)).run()
    assert not page.exception
    assert page.session_state["draft"]["data"]["source"] == str(folder)
    page.switch_page(str(Path(__file__).parents[2] / "pages" / "train.py")).run()
    assert not page.exception and "does not come with gender" in words(page)


@pytest.mark.parametrize(("many", "name", "epochs"), [(1, "movielens", 5), (10**6, "movielens-small", 30)])
@pytest.mark.parametrize("touched", [False, True])
def test_an_archive_brings_settings_that_suit_it_unless_some_were_chosen(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, name: str, epochs: int, touched: bool
) -> None:
    folder = movielens_csv(tmp_path / "ml-latest")
    monkeypatch.setattr(presets, "MANY_RATINGS", many)
    page = app("data", state={"setting-train-epochs": 7} if touched else {})
    page.button(key="card-on-this-machine").click().run()
    page.text_input(key="source-path").set_value(str(folder)).run()
    assert not page.exception
    assert page.session_state["draft_preset"] == ("default" if touched else name)
    assert page.session_state["draft"]["train"]["epochs"] == (7 if touched else epochs)
    page.button(key="card-generated-world").click().run()
    assert not page.exception and page.session_state["draft_preset"] == "default"


@pytest.mark.parametrize("text", ["/nowhere/at/all", "/etc/hostname", "relative", "~", "\x00", "x" * 5000])
def test_a_path_that_cannot_be_read_is_a_calm_message(app: Open, text: str) -> None:
    page = app("data")
    page.button(key="card-on-this-machine").click().run()
    page.text_input(key="source-path").set_value(text).run()
    assert not page.exception
    assert "This path cannot be used" in words(page)
    assert page.session_state["draft"]["data"]["source"] == "generated"
    assert page.metric[0].value == "100,000"  # the page goes on


def test_an_uploaded_archive_is_used_and_a_damaged_one_is_not(app: Open, tmp_path: Path) -> None:
    page = app("data")
    page.button(key="card-upload").click().run()
    page.file_uploader[0].upload("ml.zip", b"no zip at all").run()
    assert not page.exception and "This archive cannot be used" in words(page)
    assert page.session_state["draft"]["data"]["source"] == "generated"
    good = app("data")
    good.button(key="card-upload").click().run()
    good.file_uploader[0].upload("../../ml.zip", archive(movielens_csv(tmp_path / "ml-latest")).read_bytes()).run()
    assert not good.exception
    source = Path(good.session_state["draft"]["data"]["source"])
    assert source.parent == tmp_path / "cache" / "uploads"


def test_the_shown_run_is_the_wanted_one_else_the_newest_active(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "some")
    made = [store.create(RunConfig()) for _ in range(3)]
    for run in made:
        run.set_status(Status(state="failed"))
    made[0].set_status(Status(state="queued"))
    runs = store.list()
    assert session.choose(runs, made[1].id).id == made[1].id  # type: ignore[union-attr]
    assert session.choose(runs, "nonsense").id == made[0].id  # type: ignore[union-attr]
    assert session.choose(runs, None).id == made[0].id  # type: ignore[union-attr]
    assert session.choose([], "x") is None


def wait_for_a_run_that_is_gone() -> None:
    """A page that waits for a section of a run which was deleted meanwhile."""
    import streamlit as st

    from ui import insight_store

    if st.session_state.setdefault("drawn", 0):
        st.text("drawn anew")
        return
    st.session_state["drawn"] = 1
    insight_store._waiting("20260101-000000-abcdef", "crosses", "Measuring.")


def test_a_page_that_waits_for_a_run_that_was_deleted_is_drawn_anew() -> None:
    page = AppTest.from_function(wait_for_a_run_that_is_gone, default_timeout=60).run()
    assert not page.exception and page.text[0].value == "drawn anew"


def test_marks_that_are_near_each_other_have_letters_that_can_be_read_apart() -> None:
    assert verdict._together([50.0, 50.4, 53.0, 80.0]) == [(50.0, "A B", False), (53.0, "C", True), (80.0, "D", False)]


def test_predict_opens_with_a_test_rating_of_typical_error(app: Open, on_trained: RunFolder) -> None:
    page = app("predict")
    assert "From the test ratings" in words(page) and not page.exception
    assert any(metric.label == "Real rating" and metric.delta == "test rating" for metric in page.metric)


def test_present_has_the_levels_of_the_train_page_in_large_type(app: Open, on_trained: RunFolder) -> None:
    history = History()
    history.absorb(on_trained.events()[0], 0)
    small = learning_curve(history, 2, {"Always the mean": 1.0})
    large = in_large_type(small)
    level = large["series"][1]["markLine"]["data"][0]
    assert level["name"] == "Always the mean" and level["label"]["fontSize"] == 18
    assert large["xAxis"]["axisLabel"]["fontSize"] == large["yAxis"]["axisLabel"]["fontSize"] == 18
    assert "fontSize" not in str(small)
