"""Plotly figures: arrays or frames in, a figure out. Colours come from the theme. Names are escaped: they are data."""

import html
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import streamlit.elements.plotly_chart  # noqa: F401 - registers the template that carries the theme's colours

ROWS = "Feature of x₀ that is multiplied"
COLUMNS = "Feature of x it is crossed with"
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}
"""Options of every chart: zoom stays, the rest goes."""


def _layout(figure: go.Figure, height: int, **margins: int) -> go.Figure:
    return figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 12, "b": 8} | margins, dragmode=False)


def digits(top: float) -> int:
    """Decimals that show the largest number of a picture with two digits that count."""
    return max(0, 1 - int(np.floor(np.log10(top)))) if top > 0 else 0


def kernel_heatmap(kernel: np.ndarray, names: Sequence[str], sizes: Sequence[int], step: int = 1) -> go.Figure:
    """Returns a zoomable heat map of a cross layer's whole matrix, with the features' borders marked.

    Args:
        kernel: `(d, d)`, or thinned by `step`.
        names: Readable names of the features, in order.
        sizes: Their widths in `x0`, before thinning.
        step: Rows and columns that each cell averages.
    """
    limit = float(np.nanmax(np.abs(kernel), initial=0.0)) or 1.0
    edges = np.concatenate([[0], np.cumsum(sizes)]) / step - 0.5
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure(
        go.Heatmap(
            z=kernel,
            zmin=-limit,
            zmax=limit,
            colorscale=pio.templates["streamlit"].layout.colorscale.diverging,
            hovertemplate="row %{y}, column %{x}: %{z:.4f}<extra></extra>",
            colorbar={"orientation": "h", "y": 1, "yanchor": "bottom", "len": 0.5, "thickness": 8, "outlinewidth": 0},
        )
    )
    for edge in edges[1:-1]:
        figure.add_hline(y=edge, line_width=0.8, opacity=0.5)
        figure.add_vline(x=edge, line_width=0.8, opacity=0.5)
    ticks = {
        "tickmode": "array",
        "tickvals": middles,
        "ticktext": [html.escape(name) for name in names],
        "showgrid": False,
    }
    figure.update_xaxes(title=COLUMNS, tickangle=-30, **ticks)
    figure.update_yaxes(title=ROWS, autorange="reversed", tickangle=-90, **ticks)
    return _layout(figure, 600).update_layout(dragmode="zoom")


def weight_bars(weights: np.ndarray, names: Sequence[str], sizes: Sequence[int]) -> go.Figure:
    """Returns the weight vector of a vector cross layer as bars, one colour a feature.

    Args:
        weights: `(d,)`.
        names: Readable names of the features, in order.
        sizes: Their widths in `x0`.
    """
    figure, start = go.Figure(), 0
    for name, size in zip(names, sizes, strict=True):
        positions = np.arange(start, start + size)
        label = html.escape(name)
        figure.add_bar(
            x=positions,
            y=weights[start : start + size],
            name=label,
            hovertemplate=f"{label}, number %{{x}}: %{{y:.4f}}<extra></extra>",
        )
        start += size
    figure.update_xaxes(title="Position in x, feature after feature", showgrid=False)
    figure.update_yaxes(title="Weight w", zeroline=True)
    figure.update_layout(bargap=0.15, legend={"orientation": "h", "y": 1.12, "x": 0})
    return _layout(figure, 340, t=36)


def bars(
    labels: Sequence[str], values: Sequence[float], unit: str, *, horizontal: bool = False, height: int = 260
) -> go.Figure:
    """Returns one series of bars.

    Args:
        labels: One a bar, in order.
        values: Their lengths.
        unit: What the lengths are.
        horizontal: Whether they lie, which leaves room for long labels.
        height: In pixels.
    """
    names = [html.escape(str(label)) for label in labels]
    shown = html.escape(unit)
    if horizontal:
        trace = go.Bar(x=values, y=names, orientation="h", hovertemplate=f"%{{y}}: %{{x:,}} {shown}<extra></extra>")
    else:
        trace = go.Bar(x=names, y=values, hovertemplate=f"%{{x}}: %{{y:,}} {shown}<extra></extra>")
    figure = go.Figure(trace).update_layout(bargap=0.25, showlegend=False)
    if horizontal:
        figure.update_yaxes(autorange="reversed", ticksuffix="  ").update_xaxes(nticks=5)
    else:
        figure.update_xaxes(type="category")
    return _layout(figure, height)


def tails(counts: Mapping[str, pd.DataFrame]) -> go.Figure:
    """Returns how the ratings fall off from the busiest on: `count` over `rank`, one line a kind, logarithmic axes."""
    figure = go.Figure()
    for name, frame in counts.items():
        ranks = np.unique(np.geomspace(1, max(1, len(frame)), 200).astype(int))  # a line needs no more points
        figure.add_scatter(
            x=ranks,
            y=frame["count"].to_numpy()[ranks - 1],
            mode="lines",
            name=name,
            hovertemplate=f"{name}, rank %{{x:,}}: %{{y:,}} ratings<extra></extra>",
        )
    figure.update_xaxes(title="Rank", type="log", showgrid=False, dtick=1)
    figure.update_yaxes(title="Ratings", type="log", dtick=1)
    figure.update_layout(legend={"orientation": "h", "y": 1.15, "x": 0})
    return _layout(figure, 260)


def over_time(frame: pd.DataFrame) -> go.Figure:
    """Returns the number of ratings per period: columns `start`, `count`."""
    figure = go.Figure(
        go.Scatter(
            x=frame["start"],
            y=frame["count"],
            mode="lines",
            fill="tozeroy",
            hovertemplate="%{x|%b %Y}: %{y:,} ratings<extra></extra>",
        )
    )
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title="Ratings", rangemode="tozero")
    return _layout(figure, 260)
