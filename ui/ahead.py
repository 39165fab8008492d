"""What the browser loads before somebody asks for it."""

from functools import cache
from pathlib import Path

import streamlit as st


@cache
def _chart_library() -> str | None:
    """Path below the app's address of the script that draws Plotly charts, None if this Streamlit keeps it elsewhere."""
    static = Path(st.__file__).parent / "static"
    found = next(static.glob("static/js/PlotlyChart.*.js"), None)
    return found.relative_to(static).as_posix() if found else None


def charts() -> None:
    """Has an idle browser load the library of charts, nearly five megabytes that the first picture would wait for."""
    if path := _chart_library():
        load = f'(window.requestIdleCallback ?? setTimeout)(() => import(new URL("{path}", document.baseURI)))'
        st.html(f"<script>{load}</script>", unsafe_allow_javascript=True)
