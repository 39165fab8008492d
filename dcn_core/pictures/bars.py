"""Bars of insight: frames in, a Plotly figure out. Names are escaped: they are data."""

import html
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dcn_core.insight.wording import sentence
from dcn_core.pictures.theme import FIRST, GREY, SECOND, escaped, finish, written


def planted_and_learned(
    pairs: Sequence[str], planted: Sequence[float], learned: Sequence[float], unit: str = "stars"
) -> go.Figure:
    """Returns what was planted and what the network learned, two bars a pair, in the same unit."""
    labels = escaped(pairs)
    figure = go.Figure()
    for name, values, colour in (("Learned", learned, FIRST), ("Planted", planted, GREY)):
        figure.add_bar(
            x=values,
            y=labels,
            orientation="h",
            name=name,
            marker={"color": colour},
            hovertemplate=f"%{{y}}<br>{name}: %{{x:.3f}} {html.escape(unit)}<extra></extra>",
        )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_xaxes(title=sentence(unit), rangemode="tozero")
    figure.update_layout(
        barmode="group",
        bargap=0.3,
        bargroupgap=0.08,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )
    return finish(figure, 34 * len(labels) + 110, t=36)


def changes(labels: Sequence[str], values: Sequence[float], unit: str) -> go.Figure:
    """Returns signed bars with their numbers, what helps in the first colour, what harms in the second."""
    names = escaped(labels)
    figure = go.Figure(
        go.Bar(
            x=values,
            y=names,
            orientation="h",
            marker={"color": [FIRST if value >= 0 else SECOND for value in values]},
            text=[written(value, 3, signed=True) for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x:+.4f}} {html.escape(unit)}<extra></extra>",
        )
    )
    top, bottom = max([*values, 0.0]), min([*values, 0.0])
    room = 0.35 * ((top - bottom) or 1.0)  # on a phone, a number takes a third of the axis
    figure.update_xaxes(title=unit, range=[bottom - (room if bottom < 0 else 0), top + room], zeroline=True)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_layout(showlegend=False, bargap=0.3)
    return finish(figure, 30 * len(names) + 90)


def shares(labels: Sequence[str], values: Sequence[float], title: str) -> go.Figure:
    """Returns shares of one as lying bars."""
    figure = go.Figure(
        go.Bar(
            x=[100 * value for value in values],
            y=escaped(labels),
            orientation="h",
            marker={"color": [FIRST if value >= 0 else SECOND for value in values]},
            text=[f"{written(100 * value, 1)} %" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2f} %<extra></extra>",
        )
    )
    top, bottom = max([*values, 0.01]), min([*values, 0.0])
    room = 18 * (top - bottom)  # for the numbers
    figure.update_xaxes(
        title=title, range=[100 * bottom - (room if bottom < 0 else 0), 100 * top + room], ticksuffix=" %", nticks=6
    )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_layout(showlegend=False, bargap=0.35)
    return finish(figure, 38 * len(labels) + 80)


def columns(labels: Sequence[str], values: Sequence[float], unit: str) -> go.Figure:
    """Returns standing bars with their numbers."""
    figure = go.Figure(
        go.Bar(
            x=escaped(labels),
            y=values,
            marker={"color": FIRST},
            text=[f"{value:.2f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x}: %{y:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=unit, rangemode="tozero")
    figure.update_layout(showlegend=False, bargap=0.45)
    return finish(figure, 280, t=28)


def singular_values(frame: pd.DataFrame, enough: int) -> go.Figure:
    """Returns singular values as bars, those that the error needs in the first colour, and what training began with as a line.

    Args:
        frame: One row a direction: `index`, `value`, `start`, `start_low`, `start_high`.
        enough: How many directions the error needs.
    """
    order = frame["index"].astype(int)
    figure = go.Figure(
        go.Bar(
            x=order,
            y=frame["value"],
            name="Now",
            showlegend=False,
            marker={"color": [FIRST if number <= enough else GREY for number in order], "line": {"width": 0}},
            hovertemplate="number %{x}: %{y:.4f}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=order,
        y=frame["start"],
        name="At the start",
        mode="lines",
        line={"color": SECOND, "width": 2},
        customdata=frame[["start_low", "start_high"]],
        hovertemplate="at the start %{y:.3f}, nine times in ten from %{customdata[0]:.3f} to %{customdata[1]:.3f}<extra></extra>",
    )
    figure.update_xaxes(title="Direction, strongest first", showgrid=False)
    figure.update_yaxes(title="Singular value", rangemode="tozero")
    figure.update_layout(
        bargap=0.15, showlegend=True, legend={"x": 1, "xanchor": "right", "y": 1, "bgcolor": "rgba(0,0,0,0)"}
    )
    return finish(figure, 230)
