"""Each setting gets a widget from its own field."""

import pytest
from pydantic.fields import FieldInfo
from streamlit.testing.v1 import AppTest

from dcn_core.config.fields import bounds
from dcn_core.config.presets import SECTIONS
from tests.ui.conftest import Open
from ui import draft, form, widgets

FIELDS = [(section, name, field) for section, name, field in draft.fields()]
EACH = pytest.mark.parametrize(("section", "name", "field"), FIELDS, ids=[f"{s}.{n}" for s, n, _ in FIELDS])
NUMBERS = pytest.mark.parametrize(
    ("section", "name", "field"), [item for item in FIELDS if widgets.kind(item[2]) in ("slider", "number")]
)
KINDS = {
    "options": "structure head cross_kind split optimizer activation genre_pooling combination learning_rate_schedule gate "
    "expert_activation normalization_position deep_initializer",
    "ladder": "embedding_dim projection_dim embedding_l2 learning_rate batch_size num_ratings",
    "switch": "batch_normalization user_bias center_output",
    "several": "features",
    "widths": "deep_layer_sizes",
    "slider": "num_cross_layers num_experts dropout noise validation_fraction id_dropout",
    "number": "epochs patience seed warmup_steps gradient_clip_norm",
    "text": "source",
}


@EACH
def test_every_setting_stands_in_a_group_that_some_page_shows(section: str, name: str, field: FieldInfo) -> None:
    group = widgets.extra(field, "group")
    on_form = {(where, group) for parts in form.TABS.values() for where, groups in parts for group in groups}
    assert (section, group) in on_form or group in form.SOURCE_PAGE


@pytest.mark.parametrize(("kind", "names"), KINDS.items())
def test_the_kind_of_widget_follows_from_the_kind_of_setting(kind: str, names: str) -> None:
    by_name = {name: field for _, name, field in FIELDS}
    for name in names.split():
        assert widgets.kind(by_name[name]) == kind, name


@EACH
def test_the_default_of_a_setting_survives_its_widget(section: str, name: str, field: FieldInfo) -> None:
    default = field.default
    back = widgets.from_widget(field, widgets.to_widget(field, default))
    assert (tuple(back) if isinstance(default, tuple) else back) == default


@NUMBERS
def test_the_limits_of_a_number_widget_are_valid_values(section: str, name: str, field: FieldInfo) -> None:
    low, high, _ = widgets.limits(field)
    assert (low, high) != (None, None)
    for value in (low, high):
        if value is not None and name not in ("validation_fraction", "test_fraction"):
            SECTIONS[section].model_validate({name: value})


def test_an_open_bound_is_left_out_of_a_slider() -> None:
    low, high, step = widgets.limits(SECTIONS["model"].model_fields["dropout"])
    assert (low, high, step) == (0.0, 0.95, 0.05)
    assert bounds(SECTIONS["model"].model_fields["dropout"]) == (0.0, 1.0)
    assert widgets.limits(SECTIONS["data"].model_fields["validation_fraction"])[0] == 0.01


@pytest.mark.parametrize("text", ["64 → 32", "64, 32", "64-32", " 64  32 ", "64;32"])
def test_layer_widths_are_read_however_they_are_typed(text: str) -> None:
    assert widgets.read_widths(text) == (64, 32)


@pytest.mark.parametrize("text", ["wide", "64, many", "6.5", "６４"])
def test_text_that_is_no_layer_widths_is_left_for_the_config_to_refuse(text: str) -> None:
    assert widgets.read_widths(text) == text


def test_no_layer_widths_are_an_empty_network() -> None:
    assert widgets.read_widths(None) == () == widgets.read_widths("")


def test_layer_widths_are_shown_as_an_arrow_and_read_back() -> None:
    assert widgets.widths_text((128, 64, 32)) == "128 → 64 → 32"
    assert widgets.read_widths("128 → 64 → 32") == (128, 64, 32)


def test_a_union_with_a_literal_offers_the_literal() -> None:
    assert widgets.literal_values(SECTIONS["model"].model_fields["embedding_dim"].annotation) == ("auto",)


def test_what_an_interrupted_page_drew_is_told_to_the_browser_again(app: Open) -> None:
    """Else the browser shows it at the first of its values, and reports that as a choice."""

    def told(page: AppTest) -> bool:
        return bool(page.get_by_key("setting-model-activation").proto.set_value)

    page = app("train")
    assert told(page) and not told(page.run())
    page.session_state["widgets-shown"] = set()  # as the page before left it, where none was drawn to its end since
    assert told(page.run()) and not told(page.run())
