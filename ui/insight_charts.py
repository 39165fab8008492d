"""Bars of the inspect page: frames in, a Plotly figure out. Names are escaped: they are data."""

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

GREY = "#8b9197"
FIRST, SECOND = "#1f978d", "#dd7140"
"""Teal and orange that stand on the light and on the dark page."""


def finish(figure: go.Figure, height: int, **margins: int) -> go.Figure:
    """Height and margins that all have."""
    figure.update_layout(height=height, margin={"l": 8, "r": 12, "t": 12, "b": 8} | margins, dragmode=False)
    return figure


def escaped(names: Sequence[str], most: int = 34) -> list[str]:
    """Names as text that Plotly shows as it is, cut where they are long; different names stay different."""
    short: list[str] = []
    for name in map(str, names):
        cut = name if len(name) <= most else f"{name[: most - 1]}…"
        while cut in short and name not in names[: len(short)]:
            cut += "\u200b"  # invisible: Plotly takes equal labels for one category
        short.append(cut)
    return [html.escape(name) for name in short]


def planted_and_learned(pairs: Sequence[str], planted: Sequence[float], learned: Sequence[float]) -> go.Figure:
    """Returns what was planted and what the network learned, two bars a pair, in stars."""
    labels = escaped(pairs)
    figure = go.Figure()
    for name, values, colour in (("Learned", learned, FIRST), ("Planted", planted, GREY)):
        figure.add_bar(
            x=values,
            y=labels,
            orientation="h",
            name=name,
            marker={"color": colour},
            hovertemplate=f"%{{y}}<br>{name}: %{{x:.3f}} stars<extra></extra>",
        )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_xaxes(title="Stars", rangemode="tozero")
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
            text=[f"{value:+.3f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x:+.4f}} {html.escape(unit)}<extra></extra>",
        )
    )
    top, bottom = max([*values, 0.0]), min([*values, 0.0])
    room = 0.16 * ((top - bottom) or 1.0)
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
            text=[f"{100 * value:.1f} %" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2f} %<extra></extra>",
        )
    )
    top, bottom = max([*values, 0.01]), min([*values, 0.0])
    figure.update_xaxes(title=title, range=[100 * (bottom * 1.3), 118 * top], ticksuffix=" %", nticks=6)
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


def singular_values(values: np.ndarray, enough: int) -> go.Figure:
    """Returns singular values as bars: those that the error needs in the first colour, the rest in grey."""
    order = np.arange(1, len(values) + 1)
    figure = go.Figure(
        go.Bar(
            x=order,
            y=values,
            marker={"color": [FIRST if number <= enough else GREY for number in order], "line": {"width": 0}},
            hovertemplate="number %{x}: %{y:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(title="Direction, strongest first", showgrid=False)
    figure.update_yaxes(title="Singular value", rangemode="tozero")
    figure.update_layout(bargap=0.15, showlegend=False)
    return finish(figure, 230)
