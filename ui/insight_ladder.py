"""The network among simple predictors on the same split."""

import html

import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.pictures import ladder
from dcn_core.runs.store import RunSummary
from ui import insight_parts, insight_store

_STYLE = (
    "<style>.rungs{font-size:14px;line-height:1.45}.rungs p{margin:0 0 9px;color:color-mix(in srgb,currentColor 75%,transparent)}"
    ".rungs b{font-weight:600;color:light-dark(#1d2226,#e9e6df)}</style>"
)


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    with st.container(border=True, key="ladder-card"):
        found = insight_store.section(run.id, "ladder")
        if found is None:
            return
        shown = ladder.ladder(found, insight_parts.speech())
        insight_parts.lead(shown.sentence)
        picture, words = st.columns([8, 5], gap="large")
        with picture:
            insight_parts.chart(shown)
        with words:
            st.html(descriptions(ladder.rungs(found, insight_parts.speech())))


def descriptions(frame: pd.DataFrame) -> str:
    """Returns what each rung is, best first, as HTML."""
    entries = "".join(
        f"<p><b>{html.escape(row['label'])}</b><br>{html.escape(row['about'])}</p>"
        for row in frame.iloc[::-1].to_dict("records")
        if row["kind"] != "network"
    )
    return f'{_STYLE}<div class="rungs">{entries}</div>'
