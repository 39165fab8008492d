"""Tables and pictures have names for readers of screens."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRAWN = {"st.dataframe", "st.data_editor", "st.plotly_chart", "st.echarts_chart"}
"""What is drawn on a canvas, where no text is."""


@pytest.mark.parametrize("folder", ["ui", "pages"])
def test_what_is_drawn_on_a_canvas_has_a_name(folder: str) -> None:
    drawn = [
        (file.name, call)
        for file in (ROOT / folder).glob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in DRAWN
    ]
    nameless = [(name, call.lineno) for name, call in drawn if "alt" not in {keyword.arg for keyword in call.keywords}]
    assert drawn and not nameless
