"""The Learn page: the tour, the stories, and the formula with a run's own numbers. And Present."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.insight.forward import forward
from dcn_core.insight.network import Network
from dcn_core.insight.path import example_row, pair_indices
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.stories import STORIES
from tests.ui.conftest import Open
from tests.ui.test_train_page import words
from ui import caches, tour

PAGES = Path(__file__).parents[2] / "pages"


def open_part(app: Open, part: str) -> AppTest:
    page = app("learn")
    page.get_by_key("learn-part").set_value(part).run()
    assert not page.exception
    return page


def test_the_tour_leads_to_a_run_of_one_s_own(app: Open, tmp_path: Path) -> None:
    page = app("learn")
    assert "What is guessed" in words(page) and len(page.dataframe[0].value) == 5
    people = page.dataframe[0].value["Person"]
    assert people.str.fullmatch(r"(Female|Male), [\w–+ ]+, [\w /&-]+").all(), people.tolist()
    page.button(key="tour-next").click().run()
    assert "What a cross is" in words(page) and "Genres × Age" in set(page.dataframe[0].value.iloc[:, 0])
    page.button(key="tour-next").click().run()
    assert page.button(key="tour-next").disabled
    page.button(key="tour-train").click().run()
    assert not page.exception
    (run,) = RunStore(tmp_path / "runs").list()
    assert run.name == tour.NAME and run.config == tour.config() and page.query_params["run"] == run.id
    caches.supervisor().close()


def test_the_tour_shows_what_was_found_beside_what_was_planted(app: Open, on_trained: RunFolder) -> None:
    page = app("learn", state={"tour-step": 3, "tour-run": on_trained.id})
    assert not page.exception and "of the 5** crosses planted" in words(page) and "rank correlation" not in words(page)
    assert "truth" in {chart.key for chart in page.get("plotly_chart")}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_puts_itself_on_the_form(app: Open, name: str) -> None:
    page = open_part(app, "Stories")
    page.get_by_key("story").set_value(name).run()
    story = STORIES[name]
    assert story.expects.split(".")[0] in words(page)
    page.button(key="story-form").click().run()
    assert not page.exception
    held = page.session_state["draft"]
    for section, values in story.values.items():
        for field, value in values.items():
            found = held[section][field]
            assert (sorted(found) if isinstance(found, tuple | list) else found) == (
                sorted(value) if isinstance(value, list) else value
            )


def number(page: AppTest, term: str) -> str:
    """The number on a term's button, behind its letter."""
    return page.button(key=f"formula-{term}").label.split()[-1].replace("−", "-")


def test_the_formula_shows_the_network_s_own_numbers_and_where_they_come_from(app: Open, on_trained: RunFolder) -> None:
    page = open_part(app, "Formula")
    config, encoder = on_trained.config(), on_trained.encoder()
    dataset = caches.dataset(config.data)
    chosen = example_row(caches.split(config.data).validation)
    row = dataset.ratings.iloc[chosen]
    indices = pair_indices(encoder, dataset, int(row["user_row"]), int(row["movie_row"]), chosen)
    values = forward(*Network(config.model, encoder.specs, on_trained.weights()), indices)
    place = page.session_state["formula-place"]
    shown = {name: number(page, name) for name in ("output", "x0", "product", "b", "x")}
    assert shown["x0"] == f"{values.x0[0, place]:.4f}" == shown["x"]
    assert shown["output"] == f"{values.crosses[0][0, place]:.4f}"
    assert abs(page.dataframe[0].value["Adds"].sum() - float(shown["product"])) < 1e-3
    page.button(key="formula-output").click().run()
    page.button(key="formula-next").click().run()
    assert page.get_by_key("formula-layer").value == 2 and not page.exception
    assert number(page, "x") == shown["output"]
    page.button(key="formula-x0").click().run()
    assert any("embedding" in text.value for text in page.text)


def test_the_formula_waits_for_a_run(app: Open) -> None:
    assert "Nothing trained yet" in words(open_part(app, "Formula"))


def test_present_has_the_chosen_knobs_and_the_run(app: Open, on_trained: RunFolder) -> None:
    page = app("present")
    assert not page.exception and page.title[0].value == "Present"
    assert page.get_by_key("setting-model-num_cross_layers") and len(page.metric) == 3
    page.get_by_key("present-knobs").set_value(["train.epochs"]).run()
    assert not page.exception and page.get_by_key("setting-train-epochs")
    assert [slider for slider in page.slider if slider.key == "setting-model-num_cross_layers"] == []
