"""Heat maps: numbers that can be read on every cell, colour bars that reach what the words say."""

import tomllib
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from plotly.colors import hex_to_rgb, sample_colorscale, unlabel_rgb

from dcn_core.pictures import gates, kernels, maps, page

_THEMES = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
_WHITE, _GREY = (255, 255, 255), hex_to_rgb("#444")
"""The two that Plotly chooses from for the text of a cell."""


def _template(scheme: str) -> go.layout.Template:
    if scheme == "page":
        return page._TEMPLATE
    own = _THEMES[scheme]
    scales = {
        name: [[n / 9, colour] for n, colour in enumerate(own[f"chart{name.title()}Colors"])]
        for name in ("sequential", "diverging")
    }
    return go.layout.Template(layout={"colorscale": scales})


def _luminance(rgb: tuple[float, ...]) -> float:
    parts = [value / 255 for value in rgb]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def _contrast(cell: tuple[float, ...]) -> float:
    """Of a cell and the colour that Plotly takes for its text: white on what tinycolor calls dark."""
    dark = np.dot(cell, [299, 587, 114]) / 1000 < 128
    low, high = sorted((_luminance(cell), _luminance(_WHITE if dark else _GREY)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "page"])
def test_the_number_of_every_cell_stands_out_from_its_colour(scheme, monkeypatch):
    monkeypatch.setattr(pio.templates, "default", _template(scheme))
    names = ["a", "b", "c"]
    drawn = {
        "plain": maps.feature_map(np.arange(9.0).reshape(3, 3), names, "stars"),
        "signed": maps.feature_map(np.arange(9.0).reshape(3, 3) - 4, names, "stars", signed=True),
        "gates": gates.gate_map(np.eye(2), np.full(2, 0.5), np.array([9, 9]), ["x", "y"], ["u", "v"]),
    }
    for name, figure in drawn.items():
        scale = figure.data[0].colorscale
        assert [scale[0][0], scale[-1][0]] == pytest.approx([0, 1])
        cells = sample_colorscale([[float(place), colour] for place, colour in scale], np.linspace(0, 1, 101).tolist())
        worst = min(_contrast(unlabel_rgb(cell)) for cell in cells)
        assert worst >= 4.5, (scheme, name, worst)


def test_colour_bars_reach_the_largest_number():
    effect = np.zeros((20, 20))
    effect[3, 4] = 0.87  # one of 400: a quantile would leave it out
    grid = maps.category_map(effect, np.ones((20, 20)), [*map(str, range(20))], [*map(str, range(20))], ("a", "b"))
    whole = kernels.kernel_heatmap(effect, ["a", "b"], [10, 10])
    for figure in (grid, whole):
        trace = figure.data[0]
        assert trace.zmax == trace.colorbar.tickvals[-1] == 0.87 and trace.zmin == trace.colorbar.tickvals[0] == -0.87
        assert trace.colorbar.ticktext[-1] == "+0.87"
