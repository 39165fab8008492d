"""Plotly figures: arrays or frames in, a figure out. Colours come from the theme. Names are escaped: they are data."""

import html
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit.elements.plotly_chart  # noqa: F401 - registers the template that carries the theme's colours

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}
"""Options of every chart: zoom stays, the rest goes."""


def _layout(figure: go.Figure, height: int, **margins: int) -> go.Figure:
    return figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 12, "b": 8} | margins, dragmode=False)


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
