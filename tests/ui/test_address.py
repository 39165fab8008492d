"""The form in the address of the page."""

from tests.ui.conftest import Open
from tests.ui.test_train_page import PAGES, words


def query(page) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """The address of a page as plain texts."""
    return {name: value if isinstance(value, str) else value[0] for name, value in page.query_params.items()}


def test_the_address_follows_the_form_and_gives_it_back(app: Open) -> None:
    page = app()
    assert query(page) == {}
    page.selectbox(key="preset-choice").set_value("notebook").run()
    page.get_by_key("setting-train-epochs").set_value(4).run()
    assert query(page) == {"preset": "notebook", "epochs": "4"}
    page.switch_page(str(PAGES / "data.py")).run()
    page.get_by_key("setting-data-noise").set_value(0.5).run()
    assert query(page) == {"preset": "notebook", "epochs": "4", "noise": "0.5"}

    other = app(query=query(page))
    assert not other.exception and "Not all of this address" not in words(other)
    assert other.session_state["draft"] == page.session_state["draft"]
    assert other.get_by_key("setting-train-epochs").value == 4
    assert other.selectbox(key="preset-choice").value == "notebook"
    assert query(other) == query(page)


def test_what_an_address_says_wrongly_is_named_once_and_the_rest_is_kept(app: Open) -> None:
    page = app(query={"epochs": "4", "dropout": "1.5", "depth": "<b>$x$"})
    assert page.get_by_key("setting-train-epochs").value == 4
    assert page.get_by_key("setting-model-dropout").value == 0.0
    said = {text.value for text in page.text}
    assert "There is no setting 'depth'" in said
    assert any(text.startswith("Dropout: Input should be less than 1") for text in said)
    assert query(page) == {"epochs": "4"}
    page.run()
    assert "Not all of this address" not in words(page)


def test_a_page_without_the_form_keeps_it_in_its_address(app: Open) -> None:
    page = app("inspect", query={"epochs": "4", "depth": "9"})
    assert page.session_state["draft"]["train"]["epochs"] == 4
    assert query(page) == {"epochs": "4"}
    page.session_state["setting-train-epochs"] = 7
    page.run()
    assert query(page) == {"epochs": "7"}


def test_an_address_that_does_not_fit_together_is_a_calm_message(app: Open) -> None:
    page = app(query={"deep_layer_sizes": ""})
    assert "These settings do not fit together" in words(page) and not page.exception
    assert query(page) == {"deep_layer_sizes": ""}


def test_a_late_address_does_not_take_back_what_was_just_changed(app: Open) -> None:
    page = app()
    page.get_by_key("setting-train-epochs").set_value(4).run()
    page.get_by_key("setting-train-epochs").set_value(5).run()
    page.query_params["epochs"] = "4"  # the browser has not heard of 5 yet
    page.get_by_key("setting-train-patience").set_value(6).run()
    assert page.get_by_key("setting-train-epochs").value == 5
    assert query(page) == {"epochs": "5", "patience": "6"}
