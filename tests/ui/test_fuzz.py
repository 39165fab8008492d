"""Whatever an address or a browser's widgets say, a page is drawn and no run starts that the server would not allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dcn_core.config.run import parse_config
from dcn_core.errors import ConfigError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore, default_runs_path
from tests.fuzz import fuzz
from tests.ui.conftest import Open
from tests.ui.test_train_page import words
from ui import draft

SETTINGS = [(section, name) for section, name, _ in draft.fields()]
VALUES = [
    "10",
    "",
    "64 → 32",
    "\ud800",
    "x" * 5_000,
    -1,
    1.5,
    10**9,
    10**30,
    1e-320,
    True,
    None,
    [],
    [[]],
    [None],
    {},
    {"a": 1},
]


@fuzz(6)
@given(
    page=st.sampled_from(["train", "predict"]),
    query=st.dictionaries(st.text(max_size=8), st.text(max_size=40)),
    run=st.text(max_size=60),
)
def test_any_address_opens_a_page(app: Open, on_trained: RunFolder, page: str, query: dict[str, str], run: str) -> None:
    opened = app(page, query | {"run": run})
    assert not opened.exception
    assert opened.title[0].value == page.capitalize()
    assert opened.query_params["run"] == on_trained.id


def test_any_value_of_a_draft_is_a_config_or_a_calm_message() -> None:
    """Every field with every awkward value, on one page, as a test page takes a second to begin."""

    def script(tried):  # type: ignore[no-untyped-def]  # its source is all that the page has
        from ui import draft
        from ui.errors import calm

        for (section, name), value in tried:
            kept = draft.values()[section][name]
            draft.values()[section][name] = value
            with calm("These settings do not fit together"):
                draft.config()
            draft.values()[section][name] = kept

    tried = [(setting, value) for setting in SETTINGS for value in VALUES]
    page = AppTest.from_function(script, args=(tried,)).run(timeout=60)
    assert not page.exception and "went wrong" not in words(page)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("train-epochs", -5),
        ("train-epochs", 10**9),
        ("train-epochs", "ten"),
        ("train-epochs", 2.5),
        ("train-epochs", True),
        ("train-learning_rate", "fast"),
        ("train-learning_rate", float("nan")),
        ("train-batch_size", 10**12),
        ("model-num_cross_layers", -1),
        ("model-embedding_dim", 10**9),
        ("model-deep_layer_sizes", "1000000000"),
        ("model-deep_layer_sizes", "64 " * 5_000),
        ("model-structure", "evil"),
        ("model-dropout", 7.0),
        ("data-features", ["genres", "password"]),
    ],
)
def test_what_a_browser_sends_is_checked_on_the_server(app: Open, setting: str, value: object) -> None:
    """The bounds of a widget hold in the browser only: here a value arrives as if there were none."""
    page = app()
    section, name = setting.split("-", 1)
    page.session_state["draft"][section][name] = value
    with pytest.raises(ConfigError):
        parse_config(page.session_state["draft"])
    page.run()
    assert not page.exception
    if "train" in {button.key for button in page.button}:  # the widget has put a value in place that it knows
        parse_config(page.session_state["draft"])
    else:
        assert "do not fit together" in words(page)
    assert RunStore(default_runs_path()).list() == []


@pytest.mark.parametrize(
    ("variable", "limit", "said"),
    [
        ("PLAYGROUND_MAX_PARAMETERS", "1000", "at most 1,000 weights"),
        ("PLAYGROUND_MAX_MEMORY_MB", "50", "at most 50 MB of memory"),
        ("PLAYGROUND_MAX_WORK", "1000", "at most 1,000 rows times epochs"),
        ("PLAYGROUND_MAX_ROWS", "1000", "at most 1,000 rows"),
    ],
)
def test_the_form_says_at_once_what_the_operator_does_not_allow(
    app: Open, monkeypatch: pytest.MonkeyPatch, variable: str, limit: str, said: str
) -> None:
    monkeypatch.setenv(variable, limit)
    page = app()
    assert said in words(page) and not page.exception
    assert "train" not in {button.key for button in page.button}
