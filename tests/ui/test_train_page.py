"""The train page: form, cost, starting a run."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.config.presets import PRESETS, SECTIONS
from dcn_core.config.run import RunConfig
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.ui.conftest import Open
from ui import caches, draft, form

PAGES = Path(__file__).parents[2] / "pages"


def keys(page: AppTest) -> set[str]:
    """Keys of all widgets on the page."""
    kinds = (
        "selectbox",
        "slider",
        "number_input",
        "text_input",
        "toggle",
        "segmented_control",
        "pills",
        "select_slider",
    )
    return {widget.key for kind in kinds for widget in page.get(kind)}


def words(page: AppTest) -> str:
    """All text on the page."""
    kinds = ("markdown", "text", "caption", "title", "html", "badge")
    return "\n".join(str(element.value) for kind in kinds for element in page.get(kind))


def test_a_fresh_server_shows_the_form_and_what_to_do(app: Open) -> None:
    page = app()
    assert not page.exception
    assert page.title[0].value == "Train"
    assert "Nothing trained yet" in words(page)
    assert page.button(key="train").label == "Train"


def test_every_setting_of_model_and_training_has_a_widget(app: Open) -> None:
    page = app()
    page.get_by_key("setting-model-cross_kind").set_value("mixture").run()
    page.get_by_key("setting-train-learning_rate_schedule").set_value("linear").run()
    page.get_by_key("setting-data-target").set_value("like").run()
    page.get_by_key("setting-model-user_bias").set_value(True).run()
    page.get_by_key("setting-model-batch_normalization").set_value(True).run()
    expected = {
        draft.widget_key(section, name)
        for section, name, _ in draft.fields()
        if not (section == "data" and name in draft.WORLD)
    }
    assert expected - keys(page) == set()


@pytest.mark.parametrize(
    ("setting", "value", "gone"),
    [
        ("setting-model-structure", "deep", "setting-model-cross_kind"),
        ("setting-model-structure", "cross", "setting-model-deep_layer_sizes"),
        ("setting-model-structure", "stacked", "setting-model-head"),
        ("setting-model-combination", "token_mean", "setting-model-genre_pooling"),
    ],
)
def test_settings_without_effect_are_hidden(app: Open, setting: str, value: str, gone: str) -> None:
    page = app()
    assert gone in keys(page)
    page.get_by_key(setting).set_value(value).run()
    assert gone not in keys(page) and not page.exception


EXPERTS = {f"setting-model-{name}" for name in ("projection_dim", "num_experts", "gate", "expert_activation")}


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("matrix", set()), ("low_rank", {"setting-model-projection_dim"}), ("mixture", EXPERTS), ("gated", set())],
)
def test_settings_of_a_cross_kind_are_shown_with_it_only(app: Open, kind: str, shown: set[str]) -> None:
    page = app()
    page.get_by_key("setting-model-cross_kind").set_value(kind).run()
    assert keys(page) & EXPERTS == shown and not page.exception
    page.get_by_key("setting-model-structure").set_value("deep").run()
    assert not keys(page) & EXPERTS and not page.exception


def test_hidden_settings_keep_their_values(app: Open) -> None:
    page = app()
    page.get_by_key("setting-model-num_cross_layers").set_value(5).run()
    page.get_by_key("setting-model-structure").set_value("deep").run()
    page.get_by_key("setting-model-structure").set_value("cross").run()
    assert page.get_by_key("setting-model-num_cross_layers").value == 5


def test_settings_survive_a_visit_to_another_page(app: Open) -> None:
    page = app()
    page.get_by_key("setting-train-epochs").set_value(4).run()
    page.switch_page(str(PAGES / "data.py")).run()
    page.switch_page(str(PAGES / "train.py")).run()
    assert page.get_by_key("setting-train-epochs").value == 4


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_every_widget_and_tells_its_story(app: Open, name: str) -> None:
    page = app()
    page.get_by_key("setting-model-dropout").set_value(0.4).run()
    page.selectbox(key="preset-choice").set_value("deep-only").run()
    page.selectbox(key="preset-choice").set_value(name).run()
    assert not page.exception
    assert PRESETS[name].about in words(page)
    assert "Changed:" not in words(page)
    for section, values in PRESETS[name].values.items():
        for field, value in values.items():
            held = page.session_state["draft"][section][field]
            assert (list(held) if isinstance(value, list) else held) == value


def test_a_value_below_the_first_step_of_its_slider_is_shown(app: Open) -> None:
    page = app(query={"validation_fraction": "0.003"})
    assert not page.exception and page.get_by_key("setting-data-validation_fraction").value == 0.003


def test_a_change_from_the_preset_is_named_and_can_be_undone(app: Open) -> None:
    page = app()
    page.get_by_key("setting-model-dropout").set_value(0.4).run()
    assert "Changed: Dropout" in words(page)
    page.button(key="reset-draft").click().run()
    assert "Changed:" not in words(page)
    assert page.get_by_key("setting-model-dropout").value == 0.0


def test_the_cost_follows_the_knobs(app: Open) -> None:
    page = app()
    before = words(page)
    page.get_by_key("setting-model-embedding_dim").set_value(4).run()
    assert " weights" in before and before != words(page)


def test_a_press_on_train_takes_what_was_typed_just_before_it(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path / "runs")
    monkeypatch.setattr(Supervisor, "start", lambda _, config, **__: store.create(config).path.name)
    page = app()
    page.get_by_key("setting-train-epochs").set_value(7)
    page.button(key="train").click().run()  # one message: the page was not drawn in between
    assert not page.exception
    assert [store.open(run_id).config().train.epochs for run_id in store.ids()] == [7]


def test_one_press_trains_three_seeds_and_none_twice(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path / "runs")

    def start(_: Supervisor, config: RunConfig, name: str, fingerprint: str, **__: object) -> str:
        run = store.create(config, name, fingerprint)
        run.update_record(data=caches.dataset(config.data).fingerprint, fingerprint=fingerprint)
        return run.id

    monkeypatch.setattr(Supervisor, "start", start)
    page = app()
    page.button(key="train-seeds").click().run()
    page.button(key="train-seeds").click().run()
    assert not page.exception
    runs = {run.config.train.seed: run for run in store.list() if run.config}
    assert (len(store.ids()), sorted(runs)) == (3, [1, 2, 3])
    assert runs[2].name.endswith("· seed 2")


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("setting-model-deep_layer_sizes", "wide", "deep_layer_sizes"),
        ("setting-model-deep_layer_sizes", "64, 99999", "deep_layer_sizes"),
        ("setting-data-features", [], "features"),
    ],
)
def test_settings_that_do_not_fit_are_a_calm_message(app: Open, setting: str, value: object, message: str) -> None:
    page = app(state={setting: value})  # as a browser would send it, typed in
    assert not page.exception
    assert "These settings do not fit together" in words(page) and message in words(page)
    assert "train" not in {button.key for button in page.button}


def test_a_rank_above_the_input_size_is_a_calm_message(app: Open) -> None:
    page = app()
    page.get_by_key("setting-model-cross_kind").set_value("low_rank").run()
    page.get_by_key("setting-model-embedding_dim").set_value(4).run()
    page.get_by_key("setting-model-projection_dim").set_value(64).run()
    assert "projection_dim" in words(page) and not page.exception


def test_a_bias_that_lost_its_id_stays_on_the_form_to_be_turned_off(app: Open) -> None:
    page = app()
    page.get_by_key("setting-model-user_bias").set_value(True).run()
    page.get_by_key("setting-data-features").set_value(["genres", "age"]).run()
    assert "user_bias" in words(page)
    page.get_by_key("setting-model-user_bias").set_value(False).run()
    assert page.button(key="train")


def test_a_shown_run_that_failed_says_why(app: Open, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = store.create(RunConfig())
    run.set_status(Status(state="failed", message="The machine ran out of *memory*."))
    run.log("error", "It <b>failed</b>.", ValueError("a *bug*"))
    page = app()
    assert "Training failed" in words(page)
    assert "The machine ran out of *memory*." in {text.value for text in page.text}
    assert page.code[0].value.endswith("It <b>failed</b>. ValueError: a *bug*")


def test_an_unknown_run_in_the_address_is_said_and_the_newest_is_shown(app: Open, tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(RunConfig())
    run.set_status(Status(state="failed", message="no"))
    page = app(query={"run": "../../etc"})
    assert "not in this folder" in words(page) and not page.exception
    assert page.query_params["run"] == run.id


def test_all_settings_of_the_form_are_settings_of_the_config() -> None:
    for parts in form.TABS.values():
        for section, _ in parts:
            assert section in SECTIONS
