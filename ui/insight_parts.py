"""How every picture of the inspect page stands: its sentence above it; below it how to read it, its numbers, its files."""

import html
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import label
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.spoken import spoken
from ui import insight_save, texts

T = TypeVar("T")

_LEAD = (
    "margin:0;font-family:'Bricolage Grotesque','Instrument Sans',sans-serif;font-size:1.22rem;line-height:1.4;"
    "font-weight:550;max-width:88ch;overflow-wrap:anywhere;text-wrap:pretty"
)
_SAID = "margin:0;line-height:1.5;max-width:96ch;overflow-wrap:anywhere;text-wrap:pretty"
_BUTTONS = {
    "": ["toImage"],
    "2d": ["zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"],
    "3d": ["resetCameraDefault3d", "toImage"],
}
"""Of the chart's own bar; `ui/style.py` hides its last button, which only the menu presses."""


_speech: ContextVar[Speech] = ContextVar("speech", default=Speech())  # noqa: B039


@contextmanager
def speaking(own: Speech) -> Iterator[None]:
    """What is drawn here meanwhile is said in these words. A fragment that runs by itself must say so itself."""
    token = _speech.set(own)
    try:
        yield
    finally:
        _speech.reset(token)


def speech() -> Speech:
    """The words of the run that is shown."""
    return _speech.get()


def features(usual: Callable[[str], str] = label) -> Callable[[str], str]:
    """Names a feature by itself as its source does, now and later: controls ask again after they were drawn.

    Args:
        usual: What it is called where the source has no own name for it.
    """
    own = speech()
    return lambda name: _markdown(usual(name), own.name(usual(name)))


def feature(name: str) -> str:
    """A feature by itself as its source calls it, for a place that reads Markdown."""
    return features()(name)


def _markdown(text: str, own: str) -> str:
    """A text in own words for a place that reads Markdown: names that a source brings along mean nothing there."""
    return text if own == text else texts.as_text(own)


def say(text: str) -> str:
    """A text without names in it, in the words of the run, for a place that reads Markdown."""
    return _markdown(text, speech().prose(text))


def note(text: str) -> None:
    """A small remark without names in it, in the words of the run."""
    st.caption(say(text))


def lead(text: str, raw: bool = False) -> None:
    """The finding of a section, large. Plain text: names in it are data. Arguments as of `Speech.sentence`."""
    st.html(f'<p style="{_LEAD}">{html.escape(speech().sentence(text, raw))}</p>')


def said(text: str, raw: bool = False) -> None:
    """A finding of one picture. Plain text. Arguments as of `Speech.sentence`."""
    st.html(f'<p style="{_SAID}">{html.escape(speech().sentence(text, raw))}</p>')


def title(text: str) -> None:
    """The name of a picture."""
    st.markdown(f"## {say(text)}", anchors=False)


def choose(
    text: str,
    options: Sequence[T],
    key: str,
    *,
    named: Callable[[Any], str] = str,
    default: T | None = None,
    hidden: bool = False,
) -> T:
    """One of a few things side by side; the first where the one chosen before is not among them, as for another run.

    Args:
        text: What is chosen.
        options: In order.
        key: Session key of the choice.
        named: How an option is shown.
        default: What is chosen at first; None for the first.
        hidden: Whether `text` is for screen readers only.
    """
    chosen = st.segmented_control(
        text,
        options,
        format_func=named,
        default=options[0] if default is None else default,
        required=True,
        key=key,
        label_visibility="collapsed" if hidden else "visible",
        wrap=True,
    )
    return chosen if chosen in options else options[0]


def choose_layer(layers: int, key: str) -> int:
    """The cross layer to show, from 1; 0 for all together."""
    return choose("Layer", range(layers + 1), key, named=lambda number: str(number or "All"))


def picture(shown: Picture, on_click: Callable[[], None] | None = None) -> None:
    """Draws a picture with its title and its sentence.

    Args:
        shown: What to draw.
        on_click: Called when a point was clicked; `st.session_state[shown.key]` tells which.
    """
    title(shown.title)
    said(shown.sentence, shown.raw)
    chart(shown, on_click)


def main_picture(shown: Picture, on_click: Callable[[], None] | None = None) -> None:
    """Draws a picture whose sentence is the finding of its section."""
    lead(shown.sentence, shown.raw)
    chart(shown, on_click)


def chart(shown: Picture, on_click: Callable[[], None] | None = None) -> None:
    """Draws a picture whose sentence stands elsewhere."""
    shown = spoken(shown, speech())
    config = {
        "displaylogo": False,
        "displayModeBar": "hover",
        "modeBarButtons": [_BUTTONS[shown.moves]],
        "scrollZoom": shown.moves == "3d",
    }
    with st.container(key=f"picture-{shown.key}", gap="xsmall"):
        if on_click is None:
            st.plotly_chart(shown.figure, key=shown.key, config=config, alt=shown.alt)
        else:
            st.plotly_chart(
                shown.figure, key=shown.key, config=config, alt=shown.alt, on_select=on_click, selection_mode="points"
            )
        below(shown.key, shown.about, shown.numbers)


def below(key: str, about: str, numbers: pd.DataFrame, drawing: str = "") -> None:
    """Draws how to read a picture, the numbers in it, and the menu that saves it.

    Args:
        key: Of the picture, and the name of its files.
        about: What it is and what it is not. Plain text.
        numbers: What is drawn, as a table.
        drawing: The picture itself where it is HTML and no chart.
    """
    with st.container(horizontal=True, gap="xsmall", key=f"below-{key}"):
        with st.popover("How to read it", type="tertiary", icon=":material/help:", key=f"about-{key}"):
            said(about)
        # Large tables are sent only to those who ask for them.
        table = st.popover("Numbers", type="tertiary", icon=":material/table:", key=f"numbers-{key}", on_change="rerun")
        if table.open:
            with table:
                height: Any = 300 if len(numbers) > 8 else "content"
                st.dataframe(
                    numbers,
                    hide_index=True,
                    key=f"table-{key}",
                    alt="The numbers of the picture",
                    height=height,
                    width=520,
                )
        save = st.popover("Save", type="tertiary", icon=":material/download:", key=f"save-{key}", on_change="rerun")
        if save.open:
            with save:
                insight_save.menu(key, numbers, drawing)
