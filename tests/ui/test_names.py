"""Tables and pictures have names for readers of screens."""

import ast
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "ui"
DRAWN = {"st.dataframe", "st.plotly_chart", "st.echarts_chart"}
"""What is drawn on a canvas, where no text is."""
FILES = ("compare_curves", "compare_table", "compare_views", "formula", "insight_parts")
FILES += ("planting", "portrait", "sweep_board", "tour")


@pytest.mark.parametrize("file", FILES)
def test_what_is_drawn_on_a_canvas_has_a_name(file: str) -> None:
    calls = [node for node in ast.walk(ast.parse((UI / f"{file}.py").read_text())) if isinstance(node, ast.Call)]
    drawn = [call for call in calls if ast.unparse(call.func) in DRAWN]
    assert drawn and all("alt" in {keyword.arg for keyword in call.keywords} for call in drawn)
