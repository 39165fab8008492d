"""One widget for each kind of setting, made from the config's own field: bounds, choices, label and help."""

import math
import re
from typing import Annotated, Any, Literal, get_args, get_origin

import streamlit as st
from annotated_types import Gt, Lt
from pydantic.fields import FieldInfo

from dcn_core.config.fields import bounds
from dcn_core.insight.wording import choice_label, number_label
from ui import insight_parts
from ui.texts import as_text

Kind = Literal["options", "ladder", "switch", "several", "widths", "slider", "number", "text"]
_DRAWN, _SHOWN = "widgets-drawn", "widgets-shown"
WIDTHS = ((32,), (64, 32), (128, 64), (128, 64, 32), (256, 128, 64), (512, 256))
"""Deep networks that the form offers; any other can be typed."""
_MOST_STOPS = 100  # more make a slider too fine to hit


def literal_values(annotation: Any) -> tuple[Any, ...]:
    """The closed choices in an annotation: of a Literal, or of the Literal part of a union."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (Annotated, tuple):
        return ()
    return tuple(value for part in get_args(annotation) for value in literal_values(part))


def limits(field: FieldInfo) -> tuple[Any, Any, Any]:
    """Lowest value, highest value and step of a number field, as its widget needs them.

    A widget knows closed bounds only: an open one is put a step inside, or as little as possible where there is no step.
    """
    low, high = bounds(field)
    number = int if field.annotation is int else float
    step = extra(field, "step") or (1 if number is int else None)
    if low is not None and any(isinstance(rule, Gt) for rule in field.metadata):
        low = round(low + step, 10) if step else math.nextafter(low, math.inf)
    if high is not None and any(isinstance(rule, Lt) for rule in field.metadata):
        high = round(high - step, 10) if step else math.nextafter(high, -math.inf)
    low, high, step = (None if value is None else number(value) for value in (low, high, step))
    return low, high, step


def _reach(field: FieldInfo, held: Any) -> tuple[Any, Any, Any]:
    """`limits`, widened to a value from elsewhere between an open bound and the first step: the config says what is allowed."""
    low, high, step = limits(field)
    if isinstance(held, int | float) and math.isfinite(held):
        low, high = None if low is None else min(low, held), None if high is None else max(high, held)
    return low, high, step


def extra(field: FieldInfo, name: str) -> Any:
    """What `setting(...)` noted about a field: label, group, step, choices, advanced."""
    return field.json_schema_extra.get(name) if isinstance(field.json_schema_extra, dict) else None


def kind(field: FieldInfo) -> Kind:
    """Which widget suits a field."""
    if get_origin(field.annotation) is Literal:
        return "options"
    if get_origin(field.annotation) is tuple:
        return "several" if extra(field, "choices") else "widths"
    if extra(field, "choices"):
        return "ladder"
    if field.annotation is bool:
        return "switch"
    if field.annotation in (int, float):
        low, high, step = limits(field)
        bounded = None not in (low, high, step) and (high - low) / step <= _MOST_STOPS
        return "slider" if bounded else "number"
    return "text"


def to_widget(field: FieldInfo, value: Any) -> Any:
    """A setting's value as its widget holds it."""
    if kind(field) == "widths":
        return widths_text(value)
    if kind(field) == "several":
        return list(value)
    if kind(field) in ("slider", "number") and field.annotation is float:
        return float(value)
    return value


def from_widget(field: FieldInfo, value: Any) -> Any:
    """A widget's value as the setting's. What cannot be read is passed on, for the config to refuse."""
    if kind(field) == "widths":
        return read_widths(value)
    if isinstance(value, float):
        return round(value, 10)
    return value


def widths_text(widths: Any) -> str:
    """Layer widths as one text: `64 → 32`."""
    return " → ".join(map(str, widths)) if isinstance(widths, tuple | list) else str(widths)


def read_widths(text: Any) -> Any:
    """Layer widths of a text with numbers in it, for instance `64 → 32` or `64, 32`; other text comes back as it is."""
    if not isinstance(text, str):
        return () if text is None else text
    parts = [part for part in re.split(r"[\s,;/→>-]+", text) if part]
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else text


def begin() -> None:
    """To be called before a page is drawn."""
    st.session_state[_DRAWN] = set()


def end() -> None:
    """To be called when a page was drawn to its end: the browser shows its widgets, and their values are the browser's to say.

    What a page that was ended early has drawn may never have come to the browser. It would show those widgets anew the next
    time, at the first of their values, and report that as a choice.
    """
    st.session_state[_SHOWN] = st.session_state.pop(_DRAWN)


def draw(field: FieldInfo, value: Any, key: str, choices: tuple[Any, ...] | None = None) -> None:
    """Draws a setting's widget; what it holds is read from the session under `key`.

    Args:
        field: The setting.
        value: What it is.
        key: Of the session.
        choices: What can be chosen, where that depends on the source.
    """
    held = st.session_state.setdefault(key, to_widget(field, value))
    st.session_state.setdefault(_DRAWN, set()).add(key)
    if key not in st.session_state.get(_SHOWN, ()):
        st.session_state[key] = held  # the browser is told the value, and not asked for it
    own = insight_parts.speech()

    def named(choice: Any) -> str:
        usual = choice_label(choice)
        said = own.name(usual)
        return usual if said == usual else as_text(said)

    common: dict[str, Any] = {
        "label": insight_parts.say(str(field.title)),
        "key": key,
        "help": insight_parts.say(str(field.description)),
        "persist_state": "session",
    }
    match kind(field):
        case "options":
            options = list(choices or get_args(field.annotation))
            if held not in options:
                options.append(held)
            st.segmented_control(
                options=options, format_func=named, required=True, width="stretch", wrap=True, **common
            )
        case "ladder":
            stops = sorted({*extra(field, "choices"), *([held] if isinstance(held, int | float) else [])})
            options = [*literal_values(field.annotation), *stops]
            st.select_slider(options=options, format_func=number_label, **common)
        case "switch":
            st.toggle(**common)
        case "several":
            options = list(dict.fromkeys([*(choices or extra(field, "choices")), *held]))
            st.pills(options=options, selection_mode="multi", format_func=named, wrap=True, **common)
        case "widths":
            options = list(dict.fromkeys([*map(widths_text, WIDTHS), *([held] if held else [])]))
            st.selectbox(options=options, accept_new_options=True, placeholder="For instance 64, 32", **common)
        case "slider":
            low, high, step = _reach(field, held)
            unit = extra(field, "unit")
            shown = f"%.2f {unit}" if unit else "percent" if field.annotation is float and high <= 1 else None
            st.slider(min_value=low, max_value=high, step=step, format=shown, **common)
        case "number":
            low, high, step = _reach(field, held)
            shown = None if field.annotation is int else "%g"
            st.number_input(min_value=low, max_value=high, step=step, format=shown, **common)
        case "text":
            st.text_input(**common)
