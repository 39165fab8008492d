"""The experiment that a person is putting together: plain values in the session, checked as a whole."""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st
from pydantic.fields import FieldInfo

from dcn_core.config.address import differ
from dcn_core.config.data import known_features
from dcn_core.config.presets import FIRST_PRESETS, PRESETS, SECTIONS, first_preset, preset_config
from dcn_core.config.run import WHICH_DATA, RunConfig, parse_config
from dcn_core.data.table_file import is_table
from ui.widgets import from_widget, to_widget

_DRAFT = "draft"
_PRESET = "draft_preset"
_PAGE = "draft_page"
WORLD = WHICH_DATA
"""Fields of `DataConfig` that say which ratings are used. Presets leave them alone."""

Values = dict[str, dict[str, Any]]


def fields() -> Iterator[tuple[str, str, FieldInfo]]:
    """Every setting as section, name, field."""
    for section, config in SECTIONS.items():
        for name, field in config.model_fields.items():
            yield section, name, field


def widget_key(section: str, name: str) -> str:
    """Session key of a setting's widget."""
    return f"setting-{section}-{name}"


def plain(config: RunConfig) -> Values:
    """The values of a config by section and name, as a form holds them."""
    return {section: getattr(config, section).model_dump() for section in SECTIONS}


def values() -> Values:
    """The draft's values, with what was just typed. Makes the draft if there is none."""
    if _DRAFT not in st.session_state:
        st.session_state[_DRAFT] = plain(preset_config("default"))
        st.session_state[_PRESET] = "default"
    draft: Values = st.session_state[_DRAFT]
    for section, name, field in fields():
        if (key := widget_key(section, name)) in st.session_state:
            draft[section][name] = from_widget(field, st.session_state[key])
    return draft


def enter(page: str) -> None:
    """Hands the draft's values to the widgets when another page is entered: there, the same settings are new widgets."""
    draft = values()
    if st.session_state.get(_PAGE) == page:
        return
    st.session_state[_PAGE] = page
    for section, name, field in fields():
        if (key := widget_key(section, name)) in st.session_state:
            st.session_state[key] = to_widget(field, draft[section][name])


def set_value(section: str, name: str, value: Any) -> None:
    """Changes one setting. Call it in a callback, or before the setting's widget is drawn."""
    field = SECTIONS[section].model_fields[name]
    values()[section][name] = value
    if (section, name) == ("data", "source") and not is_table(value):  # roles belong to the table before
        set_value("data", "table", None)
        _keep_fitting_features()
    if (key := widget_key(section, name)) in st.session_state:
        st.session_state[key] = to_widget(field, value)


def config() -> RunConfig:
    """The draft as a checked config.

    Raises:
        ConfigError: Names each setting that does not fit.
    """
    return parse_config(values())


def preset() -> str:
    """Name of the preset that the draft started from."""
    values()
    return str(st.session_state[_PRESET])


def take_over(preset_name: str, settings: Mapping[tuple[str, str], Any]) -> None:
    """Starts over from a preset with some settings changed, which ratings are used included.

    Args:
        preset_name: One of `PRESETS`.
        settings: Values by section and name.
    """
    new = plain(preset_config(preset_name))
    for section, name, _ in fields():
        set_value(section, name, settings.get((section, name), new[section][name]))
    _keep_fitting_features()
    st.session_state[_PRESET] = preset_name


def use_preset(name: str) -> None:
    """Starts over from a preset, on the same ratings."""
    _replace(plain(preset_config(name)))
    st.session_state[_PRESET] = name


def use_config(config: RunConfig) -> None:
    """Takes over every setting of a run but which ratings it used."""
    _replace(plain(config))


def _replace(new: Values) -> None:
    for section, name, _ in fields():
        if not (section == "data" and name in WORLD):
            set_value(section, name, new[section][name])
    _keep_fitting_features()


def use_source(source: str, table: Mapping[str, Any] | None = None, archive_ratings: int = 0, **world: Any) -> None:
    """Changes which ratings are used; with others come other features, and a first preset of theirs where nothing was chosen that fits.

    Args:
        source: As `DataConfig` has it.
        table: Roles of a table's columns, as plain values.
        archive_ratings: How many a MovieLens archive has; 0 for another source.
        **world: Other settings of `WORLD`.
    """
    first, now = first_preset(archive_ratings), preset()
    unfit = table is not None and PRESETS[now].of_movielens
    if (unfit or (now in FIRST_PRESETS and now != first)) and not changed(values(), now):
        use_preset(first)
    elif unfit:
        st.session_state[_PRESET] = first
    other = table != values()["data"]["table"]
    for name, value in {"source": source, "table": None if table is None else dict(table), **world}.items():
        set_value("data", name, value)
    if other:
        set_value("data", "features", known_features(table))
        set_value("data", "target", preset_config(preset()).data.target)


def _keep_fitting_features() -> None:
    """Takes all features of the source where those of a preset or an address are of another one."""
    known = known_features(values()["data"]["table"])
    if not set(values()["data"]["features"]) <= set(known):
        set_value("data", "features", known)


def changed(draft: Mapping[str, Mapping[str, Any]], preset_name: str) -> list[str]:
    """Labels of the settings that differ from a preset, apart from which ratings are used."""
    base = plain(preset_config(preset_name))
    return [
        str(field.title)
        for section, name, field in fields()
        if not (section == "data" and (name in WORLD or (name == "features" and draft["data"]["table"])))
        and differ(draft[section][name], base[section][name])
    ]
