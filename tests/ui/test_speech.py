"""Inspect and Data in the words of a run: of likes there are no stars, nor in a table of one's own."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dcn_core import report_page, study
from dcn_core.cli_config import config_of
from dcn_core.config.run import RunConfig, parse_config
from dcn_core.data.table_file import read_head
from dcn_core.data.table_roles import guess
from dcn_core.export.card import card
from dcn_core.insight.path import example_row
from dcn_core.insight.sections import SECTIONS
from dcn_core.insight.speech import Speech
from dcn_core.runs.folder import RunFolder
from tests.data.tables import cars, purchases, stays
from tests.test_study import finished_of
from tests.ui.conftest import Open, train
from tests.ui.test_predict_views import VIEWS
from tests.ui.test_train_page import words
from ui import caches, data_store

MODEL = {"embedding_dim": 3, "deep_layer_sizes": [5, 4], "head": "average"}
SAID = {
    "likes": {
        "crosses": "Effect in probability",
        "errors": "minus rating, probability",
        "ladder": "Brier score",
        "path": "of a like",
    },
    "cars": {
        "crosses": "Effect in standard deviations of Price",
        "errors": "standard deviations of Price",
        "parts": "From row to row, in standard deviations of Price",
        "path": "Power (PS)",
    },
    "clicks": {
        "crosses": "the probability that clicked is yes",
        "ladder": "Brier score",
        "path": "that clicked is yes. The real clicked is",
    },
}


def config_of_likes(folder: Path) -> RunConfig:
    data = {"num_ratings": 1_500, "features": ["genres", "age", "movie_id"], "target": "like"}
    return parse_config({"data": data, "model": MODEL})


def config_of_cars(folder: Path) -> RunConfig:
    cars(600).to_csv(folder / "cars.csv", index=False)
    roles = guess(read_head(folder / "cars.csv").table)
    data = {"source": str(folder / "cars.csv"), "table": roles.model_dump(mode="json")}
    return parse_config({"data": data, "model": MODEL})


def config_of_clicks(folder: Path) -> RunConfig:
    frame = cars(600)
    frame["clicked"] = np.where(frame.pop("Price") > 20_000, "yes", "no")
    frame.to_csv(folder / "clicks.csv", index=False)
    table = guess(read_head(folder / "clicks.csv").table).model_dump(mode="json")
    data = {"source": str(folder / "clicks.csv"), "table": table, "target": "like"}
    return parse_config({"data": data, "model": MODEL})


def studied(root: Path, config: RunConfig) -> RunFolder:
    """A finished run of a network with random weights, with its report but for what takes longest and has no unit."""
    run, subject = finished_of(root, config, MODEL)
    study.write_report(run, subject)
    return run


@pytest.fixture(scope="module", params=["likes", "cars", "clicks"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, RunFolder]:
    """What is predicted, and the run."""
    folder = tmp_path_factory.mktemp(request.param)
    make = {"likes": config_of_likes, "cars": config_of_cars, "clicks": config_of_clicks}[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_CACHE", str(folder / "cache"))
        patch.setattr(study, "SECTIONS", {name: write for name, write in SECTIONS.items() if name != "maps"})
        return request.param, studied(folder / "runs", make(folder))


def everything(page: AppTest) -> str:
    """All that stands on a page: its texts, its controls, its tables and its charts."""
    controls = [
        " ".join([str(control.label), *map(str, getattr(control, "options", []))])
        for kind in ("segmented_control", "selectbox", "slider", "toggle", "button", "metric")
        for control in page.get(kind)
    ]
    tables = [" ".join([frame.proto.columns, frame.value.to_csv()]) for frame in page.dataframe]
    charts = [json.dumps(json.loads(chart.proto.spec), ensure_ascii=False) for chart in page.get("plotly_chart")]
    texts = [str(element.value) for kind in ("html", "text", "caption", "markdown") for element in page.get(kind)]
    return " ".join([words(page), *controls, *tables, *charts, *texts])


def test_no_view_of_inspect_speaks_of_stars(
    app: Open, kind: tuple[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, run = kind
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    page = app("inspect")
    for view in ("crosses", "real", "weights", "parts", "path", "embeddings", "film", "errors", "ladder"):
        page.get_by_key("view").set_value(view).run()
        shown = everything(page)
        assert not page.exception and "went wrong" not in shown, view
        before, _, after = shown.lower().partition("stars")
        assert not after, (view, before[-80:], after[:80])
        if name != "likes":
            spoken = set(re.findall(r"\w+", re.sub(r"\w+_id\b", "", shown.lower())))
            assert not {"movie", "movies", "user", "users", "rating", "ratings", "likes"} & spoken, (view, shown)
            assert "power ps" not in shown.lower() and "a like" not in shown, view
        if view == "errors":
            page.get_by_key("slice-value").set_value("bias").run()
            shown = everything(page)
        assert SAID[name].get(view, "") in shown, view
    page.get_by_key("view").set_value("crosses").run()
    for measure in page.get_by_key("inspect-measure").options:
        assert "stars" not in str(measure)


def test_one_row_of_a_table_without_users_has_its_own_features_and_label(
    app: Open, kind: tuple[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, run = kind
    if name != "cars":
        pytest.skip("about a table without users")
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    config = run.config()
    dataset = caches.dataset(config.data)
    page = app("inspect")
    page.get_by_key("view").set_value("path").run()
    for number in range(4):
        row = dataset.ratings.iloc[example_row(caches.split(config.data).validation, number)]
        shown = everything(page)
        assert f"The real Price is {round(float(row['rating']), 2):g}," in shown and f">{row['fuel_type']}<" in shown
        assert f"Row {row.name + 1} of 600" in shown and "everything" not in shown and "Choose a" not in shown
        page.button(key="path-another").click().run()


def test_a_number_has_no_map_of_embeddings_on_inspect_or_in_the_report(
    app: Open, kind: tuple[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, run = kind
    if name != "cars":
        pytest.skip("about a table with a number")
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    monkeypatch.setattr(study, "SECTIONS", {name: write for name, write in SECTIONS.items() if name != "maps"})
    assert "Embeddings of Brand" in report_page.report(run)
    page = app("inspect")
    page.get_by_key("view").set_value("embeddings").run()
    (choice,) = (control for control in page.segmented_control if control.label == "Embeddings of")
    assert list(choice.options) == ["Brand", "Fuel type", "Extras"]


def test_the_model_card_speaks_of_what_a_table_has(kind: tuple[str, RunFolder]) -> None:
    name, run = kind
    said = card(run).partition("## Settings")[0]
    aim = {
        "likes": "how likely it is that a user likes a movie",
        "cars": "the Price",
        "clicks": "the probability that clicked is yes",
    }
    assert f"It predicts {aim[name]} from" in said
    if name == "likes":
        assert "1,500 ratings by" in said and "MovieLens" not in said
    else:
        assert not {"movie", "movies", "user", "users", "rating", "ratings", "stars", "movielens"} & set(
            re.findall(r"\w+", said.lower())
        ), said
        assert "600 rows, the " in said


def test_present_and_the_formula_speak_of_what_a_table_has(
    app: Open, kind: tuple[str, RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, run = kind
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    page = app("present")
    shown = everything(page)
    assert not page.exception
    page = app("learn")
    page.get_by_key("learn-part").set_value("Formula").run()
    assert not page.exception
    if name == "cars":
        nouns = caches.dataset(run.config().data).nouns
        assert "stars" not in shown
        assert "Price off by, on average" in shown and f"{0.8 * nouns.scale:,.0f}" in str(app("present").metric)
        assert "Another row" in everything(page) and "rating" not in {word.lower() for word in words(page).split()}


def test_the_pictures_of_data_are_those_of_the_table(app: Open, tmp_path: Path) -> None:
    page = app("data", state={"draft": config_of_cars(tmp_path).model_dump(mode="json"), "draft_preset": "default"})
    page.get_by_key("category-feature").set_value("fuel_type").run()
    shown = everything(page)
    assert not page.exception and "went wrong" not in shown
    assert "Mean Price by Fuel type" in shown and "standard deviations of Price" in shown
    assert not any(text in shown for text in ("users or items", "every user", "crosses ids"))
    charts = " ".join(chart.proto.spec for chart in page.get("plotly_chart")).lower()
    assert "stars" not in charts and "ratings" not in charts and "power ps" not in shown.lower()


def test_predict_names_what_a_table_has(app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    purchases(600).to_csv(tmp_path / "purchases.csv", index=False)
    config = config_of(str(tmp_path / "purchases.csv"), None, None, ["train.epochs=1", "model.embedding_dim=4"])
    run = train(tmp_path / "own", config.model_dump(mode="json"))
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    page = app("predict")
    found = {}
    for view in VIEWS:
        page.get_by_key("predict-view").set_value(view).run()
        found[view] = everything(page)
        assert not page.exception and "went wrong" not in found[view], view
    assert "Best products" in found["pair"] and "Who would like it best" in found["audience"]
    for view in ("audience", "similar", "top"):
        parts = found[view].replace("movie_id", "").replace("user_id", "").lower()
        assert "stars" not in parts, view
    assert "No product fits these filters that this customer has not rated" in found["top"]
    assert "all 20 customers" in found["audience"] and "At least 5 training rows".lower() in found["similar"].lower()


OF_MOVIELENS = (
    "Invented users and movies with crosses that you plant",
    "Real ratings, 100,000 to 32 million",
    "star_half",
    "user_id",
    "movie_id",
)
"""What names MovieLens itself or the built-in world."""


def helps(page: AppTest) -> str:
    """The labels and the help texts of all controls of a page."""
    kinds = (
        "button",
        "checkbox",
        "metric",
        "multiselect",
        "number_input",
        "pills",
        "segmented_control",
        "select_slider",
    )
    kinds += ("selectbox", "slider", "text_input", "toggle")
    found = [control.proto for kind in kinds for control in page.get(kind)]
    return " ".join(f"{proto.label} {proto.help} {getattr(proto, 'options', '')}" for proto in found)


@pytest.fixture(scope="module")
def on_stays(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """One of two finished runs on a table of guests and hotels, with its report."""
    folder = tmp_path_factory.mktemp("stays")
    stays().to_csv(folder / "stays.csv", index=False)
    for epochs in (1, 2):
        settings = [f"train.epochs={epochs}", "model.embedding_dim=4", "data.split=row"]
        config = config_of(str(folder / "stays.csv"), None, None, settings)
        run = train(folder / "runs", config.model_dump(mode="json"))
    study.complete(run)
    return run


def test_every_page_speaks_of_guests_and_hotels(
    app: Open, on_stays: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_RUNS", str(on_stays.path.parent))
    state = {"draft": on_stays.config().model_dump(mode="json"), "draft_preset": "default"}
    shown: dict[str, str] = {}

    def look(name: str, page: AppTest) -> None:
        shown[name] = f"{everything(page)} {helps(page)}"
        assert not page.exception and "went wrong" not in shown[name], name
        own = shown[name].replace("\\", "")  # what Markdown would read is escaped
        for text in OF_MOVIELENS:
            own = own.replace(text, "")
        if name == "data":  # the roles of columns are the app's words
            own = re.sub(r"[\w ]*\bUsers?\b", "", own)
        found = re.search(r"\b(?:movie|rating|star|user)s?\b", own, re.IGNORECASE)
        assert found is None, (name, own[max(0, found.start() - 90) : found.end() + 60])

    for name in ("train", "data", "compare", "search", "present"):
        look(name, app(name, state=state))
    page = app("predict")
    for view in VIEWS:
        page.get_by_key("predict-view").set_value(view).run()
        look(f"predict {view}", page)
    page = app("inspect")
    for view in ("crosses", "real", "weights", "parts", "path", "embeddings", "film", "errors", "ladder"):
        page.get_by_key("view").set_value(view).run()
        look(f"inspect {view}", page)
    for name in ("train", "predict pair", "predict what-if", "predict fairness"):
        assert "trip_type" not in shown[name].replace("trip_type:", ""), name
    assert (
        ">Guest</span>" in shown["train"] and ">Trip type</span>" in shown["train"] and "Hotel bias" in shown["train"]
    )
    assert "Row Time Guest Hotel" in " ".join(shown["train"].split())
    assert "in units of score" in shown["train"] and "units of score" in shown["compare"]


def test_the_words_of_a_form_are_looked_up_once_a_rerun(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = app("train", state={"draft": config_of_cars(tmp_path).model_dump(mode="json"), "draft_preset": "default"})
    asked = []
    monkeypatch.setattr(data_store, "shared_speech", lambda configs: asked.append(configs) or Speech())
    page.run()
    assert not page.exception and len(asked) == 1
