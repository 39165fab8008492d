"""The menu that saves a picture as PNG or SVG and its numbers as CSV. The browser makes the pictures, offline."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

_CSS = """
.row { display: flex; gap: .5rem; }
button {
  flex: 1; padding: .45rem .75rem; cursor: pointer; font: inherit; color: var(--st-text-color);
  background: var(--st-secondary-background-color); font-size: .93rem; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); outline: none; }
"""
_HTML = """
<div class="row">
  <button type="button" data-format="png" aria-label="Save the picture as PNG">PNG</button>
  <button type="button" data-format="svg" aria-label="Save the picture as SVG">SVG</button>
</div>
"""
_JS = """
// Plotly itself cannot be reached from here; the button of the chart's own bar can, and it reads its options when pressed.
export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => {
      const chart = document.querySelector(`.st-key-picture-${data.key} .js-plotly-plot`);
      const press = chart?.querySelector('.modebar-btn[data-title^="Download plot"]');
      if (!press) return;
      chart._context.toImageButtonOptions = {
        format: button.dataset.format, filename: data.key, width: chart.clientWidth, height: chart.clientHeight, scale: 2,
      };
      press.click();
    };
  }
}
"""
_PAGE = '<!doctype html><meta charset="utf-8"><body style="font-family:system-ui,sans-serif;max-width:1200px;margin:2rem auto">'
_picture_buttons = st.components.v2.component("save_picture", html=_HTML, css=_CSS, js=_JS)


def menu(key: str, numbers: pd.DataFrame, drawing: str = "") -> None:
    """Draws the menu of one picture.

    Args:
        key: Of the picture, and the name of its files.
        numbers: What is drawn, as a table.
        drawing: The picture itself where it is HTML and no chart.
    """
    with st.container(width=220, gap="small"):
        st.caption("The picture")
        if drawing:
            _file("HTML", f"{key}.html", "text/html", lambda: _PAGE + drawing)
        else:
            _picture_buttons(data={"key": key}, key=f"image-{key}")
        st.caption("Its numbers")
        _file("CSV", f"{key}.csv", "text/csv", lambda: numbers.to_csv(index=False))


def _file(label: str, name: str, kind: str, content: Callable[[], str]) -> None:
    st.download_button(label, content, name, kind, key=f"file-{name}", width="stretch", on_click="ignore")
