"""A table of one's own, from its path to the draft of an experiment."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.cli_config import config_of
from dcn_core.config.presets import preset_config
from dcn_core.errors import ConfigError
from tests.data.tables import cars, purchases, write_xlsx
from tests.ui.conftest import Open, train
from ui.draft import plain
from ui.form import splits
from ui.own_table import ROLES, edited_roles, holds, table_of


def card() -> None:
    """The card alone, as the data page shows it."""
    from ui import own_table

    own_table.show()


def opened(path: Path, **state: object) -> AppTest:
    """The card with a path typed in."""
    page = AppTest.from_function(card, default_timeout=60)
    for key, value in state.items():
        page.session_state[key] = value
    page.run()
    page.text_input(key="own-table-path").set_value(str(path)).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    """All texts of a page."""
    return " ".join(text.value for text in (*page.text, *page.markdown))


def test_a_path_shows_guessed_roles_and_one_press_makes_it_the_source(tmp_path: Path) -> None:
    path = tmp_path / "cars $x$.csv"
    cars().to_csv(path, index=False)
    page = opened(path)
    frame = page.dataframe[0].value
    assert frame["Column"].tolist() == list(cars().columns)
    roles = ["Category", "Category", "Number", "Categories between ;", "Time", "Label (to predict)"]
    assert frame["Role"].tolist() == roles
    assert page.toggle[0].value is True  # prices are scaled
    page.button(key="use-own-table").click().run()
    assert not page.exception
    data = page.session_state["draft"]["data"]
    assert data["source"] == str(path) and holds(data["source"])
    assert data["features"] == ("brand", "fuel_type", "power_ps", "extras")
    page.run()
    assert page.dataframe[0].value["Role"].tolist() == roles  # those of the draft now


def edit(page: AppTest, roles: dict[str, str]) -> None:
    """Chooses roles in the editor, as a browser would tell it."""
    frame = page.dataframe[0].value
    rows = {frame["Column"].tolist().index(name): {"Role": role} for name, role in roles.items()}
    page.session_state[str(page.toggle[0].key).removesuffix("-scale_label")] = {"edited_rows": rows}


def test_a_table_of_texts_has_an_editor_to_choose_the_label_in(tmp_path: Path) -> None:
    frame = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn"] * 20, "side": ["left", "right"] * 30})
    frame.to_csv(tmp_path / "t.csv", index=False)
    page = opened(tmp_path / "t.csv")
    assert page.dataframe[0].value["Role"].tolist() == ["Category", "Category"]
    assert "Give one the role of the label" in page.info[0].value
    page.button(key="use-own-table").click().run()
    assert "One column must be the label" in said(page)


def test_another_label_is_scaled_as_it_needs(tmp_path: Path) -> None:
    cars().assign(Doors=lambda frame: frame["Price"] % 4 + 1).to_csv(tmp_path / "cars.csv", index=False)
    page = opened(tmp_path / "cars.csv")
    assert page.toggle[0].value is True
    edit(page, {"Price": "Ignore", "Doors": "Label (to predict)"})
    page.run()
    assert page.toggle[0].value is False
    page.button(key="use-own-table").click().run()
    assert page.session_state["draft"]["data"]["table"].get("scale_label", False) is False


def test_a_label_of_two_values_is_learned_as_a_like_and_other_data_is_not(tmp_path: Path, app: Open) -> None:
    frame = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn"] * 20, "churned": ["no", "yes"] * 30})
    frame.to_csv(tmp_path / "t.csv", index=False)
    page = opened(tmp_path / "t.csv")
    page.button(key="use-own-table").click().run()
    assert not page.exception
    assert page.session_state["draft"]["data"]["target"] == "like"
    form = app("train", state={name: page.session_state[name] for name in ("draft", "draft_preset")})
    assert "Yes or no" in form.get_by_key("setting-data-target").options
    keys = {getattr(one, "key", "") for one in form.number_input}  # the bounds of likes and dislikes have no effect
    assert "setting-train-seed" in keys and not {"setting-data-like_from", "setting-data-dislike_to"} & keys
    cars().to_csv(tmp_path / "cars.csv", index=False)
    page.text_input(key="own-table-path").set_value(str(tmp_path / "cars.csv")).run()
    page.button(key="use-own-table").click().run()
    assert page.session_state["draft"]["data"]["target"] == "rating"


def test_presets_of_movielens_are_no_start_for_a_table(tmp_path: Path, app: Open) -> None:
    cars().to_csv(tmp_path / "cars.csv", index=False)
    usual = preset_config("default").model.embedding_dim
    for chosen, left in ((32, usual), (5, 5)):  # untouched, or with a change that stays
        values = plain(preset_config("ratings"))
        values["model"]["embedding_dim"] = chosen
        page = opened(tmp_path / "cars.csv", draft=values, draft_preset="ratings")
        page.button(key="use-own-table").click().run()
        assert page.session_state["draft_preset"] == "default"
        assert page.session_state["draft"]["model"]["embedding_dim"] == left
    kept = {name: page.session_state[name] for name in ("draft", "draft_preset")}
    options = app("train", state=kept).get_by_key("preset-choice").options
    assert "DCN-V2" in options and "DCN-Mix" in options
    assert not {"Best ratings", "The original notebook", "Likes, as in the DCN-V2 paper"} & set(options)
    assert "Best ratings" in app("train").get_by_key("preset-choice").options


def test_a_sheet_is_read_and_a_broken_file_is_named(tmp_path: Path) -> None:
    write_xlsx(purchases(40), tmp_path / "p.xlsx")
    assert "User" in opened(tmp_path / "p.xlsx").dataframe[0].value["Role"].tolist()
    (tmp_path / "broken.csv").write_text("a,a\n1,2\n")
    page = opened(tmp_path / "broken.csv")
    assert "several columns 'a'" in said(page)
    assert len(page.dataframe) == 0
    assert "The source must be the path of a MovieLens archive (.zip), of its folder, or of a table" in said(
        opened(tmp_path / "nothing.csv")
    )


def test_a_table_is_split_by_what_it_has() -> None:
    assert splits(None) == ("row", "time", "user", "movie")
    for more, kinds in (({}, ("row",)), ({"t": "time"}, ("row", "time")), ({"u": "user"}, ("row", "user"))):
        table = table_of({"y": "label", "x": "number"} | more, "", {})
        assert splits(table.model_dump(mode="json")) == kinds
    assert splits(table_of({"y": "label", "x": "number", "i": "item"}, "", {})) == ("row", "movie")


def test_roles_of_the_editor_are_those_of_the_config() -> None:
    settings = {"missing": "drop", "rare": 5, "scale_label": False}
    found = table_of({"a": "label", "b": "number:10", "c": "list:;"}, "", settings)
    assert (found.columns[1].buckets, found.columns[2].separator, found.missing) == (10, ";", "drop")
    with pytest.raises(ConfigError, match="at most one column can be the label"):
        table_of(dict.fromkeys("ab", "label"), "", settings)
    for text in ROLES:
        table_of(
            {"y": "label", "x": "number", "i": "item"} | ({"z": text} if text not in ("label", "item") else {}),
            "",
            settings,
        )


def test_what_was_edited_counts_at_the_press() -> None:
    edits = {"edited_rows": {1: {"Role": "Number in 10 buckets"}, "2": {"Role": "list:#"}, 7: {"Role": "User"}}}
    before = {"a": "label", "b": "number", "c": "category"}
    assert edited_roles(before, edits) == {"a": "label", "b": "number:10", "c": "list:#"}
    assert edited_roles(before, {}) == before


def test_train_and_data_show_a_table_that_an_address_names(tmp_path: Path, app: Open) -> None:
    path = tmp_path / "purchases.csv"
    purchases().to_csv(path, index=False)
    page = opened(path)
    page.button(key="use-own-table").click().run()
    draft = page.session_state["draft"]
    for name in ("train", "data"):
        shown = app(name, state={"draft": draft, "draft_preset": "default"})
        assert not shown.exception
        assert "went wrong" not in said(shown)
    assert shown.session_state["draft"]["data"]["table"] == draft["data"]["table"]
    there = dict(shown.query_params)
    assert {"source", "table"} <= set(there)
    query = {name: value[0] if isinstance(value, list) else value for name, value in there.items()}
    again = app("train", query=query)
    assert again.session_state["draft"]["data"]["table"] == draft["data"]["table"]
    assert again.session_state["draft"]["data"]["features"] == draft["data"]["features"]


def test_predict_asks_a_table_without_users_for_all_that_is_known(
    tmp_path: Path, app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cars.csv"
    cars(600).to_csv(path, index=False)
    config = config_of(str(path), None, None, ["train.epochs=1", "model.embedding_dim=4"])
    run = train(tmp_path / "own", config.model_dump(mode="json"))
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    page = app("predict")
    assert not page.exception and "went wrong" not in said(page)
    assert page.get_by_key("predict-view").options == ["Price", "Why", "What if"]
    assert [box.label for box in page.selectbox if box.label in ("Brand", "Fuel type")] == ["Brand", "Fuel type"]
    page.get_by_key("predict-view").set_value("what-if").run()
    assert not page.exception and "went wrong" not in said(page)


def test_predict_says_which_of_two_labels_is_probable(
    tmp_path: Path, app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    pd.DataFrame({"town": ["Rome", "Oslo", "Bonn"] * 100, "churned": ["no", "yes"] * 150}).to_csv(
        tmp_path / "t.csv", index=False
    )
    assignments = ["data.target=like", "train.epochs=1", "model.embedding_dim=4"]
    config = config_of(str(tmp_path / "t.csv"), None, None, assignments)
    run = train(tmp_path / "own", config.model_dump(mode="json"))
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    captions = " ".join(caption.value for caption in app("predict").caption)
    assert "The probability that churned is yes. Of the 30 validation rows predicted most alike" in captions
    assert "% were yes; " in captions and "likes" not in captions
