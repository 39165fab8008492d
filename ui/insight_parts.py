"""What every picture of the inspect page has: a sentence above it, and below it how to read it and its numbers."""

import html

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui import charts

_LEAD = (
    "margin:0;font-family:'Bricolage Grotesque','Instrument Sans',sans-serif;font-size:1.22rem;line-height:1.4;"
    "font-weight:550;max-width:88ch;overflow-wrap:anywhere;text-wrap:pretty"
)
_SAID = "margin:0;line-height:1.5;max-width:96ch;overflow-wrap:anywhere;text-wrap:pretty"


def lead(text: str) -> None:
    """The finding of a section, large. Plain text: names in it are data."""
    st.html(f'<p style="{_LEAD}">{html.escape(text)}</p>')


def said(text: str) -> None:
    """A finding of one picture. Plain text."""
    st.html(f'<p style="{_SAID}">{html.escape(text)}</p>')


def title(text: str) -> None:
    """The name of a picture."""
    st.markdown(f"#### {text}", anchors=False)


def picture(
    figure: go.Figure,
    key: str,
    alt: str,
    about: str,
    numbers: pd.DataFrame,
    *,
    tools: bool = False,
    note: str = "",
) -> None:
    """Draws a chart that is only looked at.

    Args:
        figure: The chart.
        key: Of the chart, and the name of its file.
        alt: What it shows, for those who cannot see it.
        about: What it is and what it is not; Markdown of ours.
        numbers: What is drawn, as a table.
        tools: Whether zoom and the picture's download are offered in the chart.
        note: More that is only for this network; Markdown of ours.
    """
    st.plotly_chart(figure, key=key, config=charts.CONFIG | {"displayModeBar": tools}, alt=alt)
    below(key, about, numbers, note)


def below(key: str, about: str, numbers: pd.DataFrame, note: str = "") -> None:
    """How to read a picture, and the numbers in it."""
    with st.container(horizontal=True, gap="xsmall", key=f"below-{key}"):
        with st.popover("How to read it", type="tertiary", icon=":material/help:", key=f"about-{key}"):
            st.markdown(about)
            if note:
                st.markdown(note)
        # Large tables are sent only to those who ask for them.
        numbers_below = st.popover(
            "Numbers", type="tertiary", icon=":material/table:", key=f"numbers-{key}", on_change="rerun"
        )
        if numbers_below.open:
            with numbers_below:
                _numbers(key, numbers)


def _numbers(key: str, numbers: pd.DataFrame) -> None:
    st.dataframe(numbers, hide_index=True, key=f"table-{key}", height=300 if len(numbers) > 8 else "content", width=520)
    st.download_button(
        "Download as CSV",
        lambda: numbers.to_csv(index=False),
        f"{key}.csv",
        "text/csv",
        key=f"csv-{key}",
        icon=":material/download:",
        on_click="ignore",
    )
