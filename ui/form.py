"""The form of an experiment: every setting of the config under its group, only those that apply."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, get_args

import streamlit as st
from pydantic.fields import FieldInfo

from dcn_core.compare.comparable import OF_LIKES
from dcn_core.config.applies import applies
from dcn_core.config.data import SplitKind, known_features
from dcn_core.config.presets import PRESETS, SECTIONS
from dcn_core.config.table import TableConfig
from dcn_core.errors import PlaygroundError
from dcn_core.insight.wording import words
from ui import data_store, draft, insight_parts, widgets

TABS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "Network": (("model", ("Architecture", "Embeddings", "Cross network", "Deep network")),),
    "Training": (("train", ("Training",)), ("model", ("Regularisation",))),
    "Data": (("data", ("Target", "Features", "Split")),),
}
"""Where each group of settings stands. The source and the generated world have a page of their own."""
SOURCE_PAGE = ("Data", "Generated world", "Planted crosses")
"""Groups that the data page shows."""
_NARROW = 10
"""Letters of a closed choice that fit into half the form."""
_PRESET_KEY = "preset-choice"


def preset_picker() -> None:
    """The choice of a starting point, its story, and what was changed since."""
    now, own = draft.preset(), draft.values()["data"]["table"]
    st.session_state[_PRESET_KEY] = now
    st.selectbox(
        "Start from",
        [name for name, preset in PRESETS.items() if name == now or not (own and preset.of_movielens)],
        format_func=lambda name: PRESETS[name].title,
        key=_PRESET_KEY,
        on_change=lambda: draft.use_preset(st.session_state[_PRESET_KEY]),
        filter_mode=None,
    )
    insight_parts.note(PRESETS[now].about)


def changes() -> None:
    """What differs from the preset, with a way back."""
    changed = draft.changed(draft.values(), draft.preset())
    if not changed:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        shown = ", ".join(map(insight_parts.say, changed[:3])) + (
            f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        )
        st.caption(f"Changed: {shown}", width="content")
        st.button("Reset", type="tertiary", key="reset-draft", on_click=draft.use_preset, args=(draft.preset(),))


def settings() -> None:
    """All settings in tabs."""
    values = draft.values()
    for tab, (title, parts) in zip(st.tabs(list(TABS)), TABS.items(), strict=True):
        with tab, st.container(gap="small", key=f"form-{title.lower()}"):
            advanced = []
            for section, groups in parts:
                for group in groups:
                    advanced += _group(section, group, values)
            shown = [item for item in advanced if _matters(*item, values)]
            if shown:
                with (
                    st.expander("Advanced"),
                    st.grid(2, min_column_width=170, gap="small", vertical_alignment="bottom"),
                ):
                    for section, name in shown:
                        setting(section, name)


def _group(section: str, group: str, values: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Draws one group; returns its advanced settings, which are drawn elsewhere."""
    model_fields = SECTIONS[section].model_fields
    names = [name for name, field in model_fields.items() if widgets.extra(field, "group") == group]
    plain = [
        name for name in names if not widgets.extra(model_fields[name], "advanced") and _matters(section, name, values)
    ]
    if plain:
        st.markdown(f"## {group}", anchors=False)
        grid = st.grid(2, min_column_width=170, gap="small")
        for name in plain:
            with grid.cell(column_span="all" if is_wide(model_fields[name]) else 1):
                setting(section, name)
    return [(section, name) for name in names if widgets.extra(model_fields[name], "advanced")]


def _matters(section: str, name: str, values: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a setting has an effect. Of labels with two values the higher one is the like, wherever the bounds are."""
    return applies(section, name, values) and not (name in OF_LIKES and insight_parts.speech().nouns.high)


def is_wide(field: FieldInfo) -> bool:
    """Whether a setting's widget needs the whole width of the form."""
    match widgets.kind(field):
        case "several" | "widths":
            return True
        case "options":
            return sum(len(str(value)) for value in widgets.literal_values(field.annotation)) > _NARROW
    return False


def setting(section: str, name: str) -> None:
    """Draws the widget of one setting and keeps its value in the draft."""
    field = SECTIONS[section].model_fields[name]
    values = draft.values()
    choices = _CHOICES[name](values["data"]["table"]) if name in _CHOICES else None
    widgets.draw(field, values[section][name], draft.widget_key(section, name), choices)
    draft.values()


@contextmanager
def speaking() -> Iterator[None]:
    """What is drawn here meanwhile is said in the words of the draft's source, as far as its settings fit together."""
    try:
        configs = [draft.config().data]
    except PlaygroundError:
        configs = []
    with insight_parts.speaking(data_store.shared_speech(configs)):
        yield


def splits(table: Any) -> tuple[Any, ...]:
    """What the rows of a source can be split by: of a table of one's own, what its columns allow."""
    kinds = get_args(SplitKind)
    if not table:
        return kinds
    needed = {"time": "time", "user": "user", "movie": "item"}
    roles = {column.role for column in TableConfig.model_validate(table).columns}
    return tuple(kind for kind in kinds if kind not in needed or needed[kind] in roles)


_CHOICES = {"features": known_features, "split": splits}
"""Settings whose choices depend on the table of the source, None where it is no table of one's own."""


def missing_features(features: tuple[str, ...], available: tuple[str, ...]) -> str | None:
    """A sentence on chosen features that the source does not have, None if it has all of them."""
    missing = [words(name) for name in features if name not in available]
    if not missing:
        return None
    return f"This data does not come with {' and '.join(missing)}. The network will do without."
