"""Figures of what was counted in a data set: bars, tails, and numbers over time. Names are escaped: they are data."""

import html
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.pictures.theme import FIRST, GREY, SECOND, escaped, finish, folded, interval


def standing(labels: Sequence[str], values: Sequence[float], unit: str) -> go.Figure:
    """Returns one standing bar for each label."""
    figure = go.Figure(
        go.Bar(
            x=escaped(labels),
            y=values,
            marker={"color": FIRST},
            hovertemplate=f"%{{x}}: %{{y:,}} {html.escape(unit)}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category").update_yaxes(title=html.escape(unit.capitalize()))
    return finish(figure.update_layout(bargap=0.25, showlegend=False), 280)


def lying(labels: Sequence[str], values: Sequence[float], unit: str, logarithmic: bool = False) -> go.Figure:
    """Returns one lying bar with its number for each label, which leaves room for long names."""
    figure = go.Figure(
        go.Bar(
            x=values,
            y=escaped(labels),
            orientation="h",
            marker={"color": FIRST},
            text=[f"{value:,}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x:,}} {html.escape(unit)}<extra></extra>",
        )
    )
    top = max([*values, 1])
    if logarithmic:
        low = min([value for value in values if value > 0], default=1)
        figure.update_xaxes(type="log", range=[np.log10(low) - 0.4, np.log10(top) + 0.35], dtick=1)
    else:
        figure.update_xaxes(nticks=5, range=[0, 1.18 * top])
    figure.update_xaxes(title=html.escape(unit.capitalize()))
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    return finish(figure.update_layout(bargap=0.25, showlegend=False), max(240, 22 * len(labels) + 80))


def tails(counts: Mapping[str, pd.DataFrame]) -> go.Figure:
    """Returns how the ratings fall off from the busiest on: `count` over `rank`, one line a kind, logarithmic axes."""
    figure = go.Figure()
    for (name, frame), colour in zip(counts.items(), (FIRST, SECOND), strict=False):
        ranks = np.unique(np.geomspace(1, max(1, len(frame)), 200).astype(int))  # a line needs no more points
        figure.add_scatter(
            x=ranks,
            y=frame["count"].to_numpy()[ranks - 1] if len(frame) else [],
            mode="lines",
            name=name,
            line={"color": colour, "width": 2.5},
            hovertemplate=f"{name}, rank %{{x:,}}: %{{y:,}} ratings<extra></extra>",
        )
    figure.update_xaxes(title="Rank, busiest first", type="log", showgrid=False, dtick=1)
    figure.update_yaxes(title="Ratings", type="log", dtick=1)
    figure.update_layout(legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0})
    return finish(figure, 280, t=28)


def over_time(frame: pd.DataFrame) -> go.Figure:
    """Returns the number of ratings per period as an area, and their mean as a line: columns `start`, `count`, `mean`."""
    figure = go.Figure(
        go.Scatter(
            x=frame["start"],
            y=frame["count"],
            mode="lines",
            fill="tozeroy",
            name="Ratings",
            line={"color": FIRST, "width": 1.5},
            hovertemplate="%{x|%b %Y}: %{y:,} ratings<extra></extra>",
        )
    )
    figure.add_scatter(
        x=frame["start"],
        y=frame["mean"],
        yaxis="y2",
        mode="lines",
        name="Mean, stars",
        line={"color": SECOND, "width": 2},
        hovertemplate="%{x|%b %Y}: mean %{y:.2f} stars<extra></extra>",
    )
    figure.update_xaxes(showgrid=False)
    figure.update_layout(
        yaxis={"title": "Ratings", "rangemode": "tozero"},
        yaxis2={
            "title": "Mean, stars",
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "tickmode": "auto",  # beside another axis Plotly would take its places, where the numbers are not round
            "nticks": 5,
        },
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    return finish(figure, 280, t=28)


def gains(frame: pd.DataFrame, planted: Sequence[float] | None) -> go.Figure:
    """Returns one dot with its interval for each pair: `label`, `gain`, `low`, `high`; and what was planted as a line each."""
    labels = escaped(frame["label"], 46)
    figure = go.Figure()
    if planted is not None:
        figure.add_scatter(
            x=planted,
            y=labels,
            mode="markers",
            name="Planted",
            marker={"symbol": "line-ns", "size": 15, "line": {"width": 2.5, "color": GREY}},
            hovertemplate="%{y}: planted %{x:.4f} stars²<extra></extra>",
        )
    figure.add_scatter(
        x=frame["gain"],
        y=labels,
        error_x=interval(frame["gain"], frame["low"], frame["high"]),
        mode="markers",
        name="Seen in a table",
        marker={"size": 9, "color": [FIRST if low > 0 else GREY for low in frame["low"]]},
        hovertemplate="%{y}: %{x:.4f} stars²<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot", "width": 1.5})
    figure.update_xaxes(title=folded("Held-out squared error saved, stars²"), nticks=6)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_layout(
        showlegend=planted is not None, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
    )
    return finish(figure, 28 * len(labels) + 120, t=36 if planted is not None else 12)


def parts_of_ratings(frame: pd.DataFrame) -> go.Figure:
    """Returns held-out parts as whole bars cut into kinds: columns `part`, `kind`, `share` of one."""
    figure = go.Figure()
    colours = {"new user": SECOND, "new movie": "#5f83bf", "both new": GREY}
    for kind, own in frame.groupby("kind", sort=False):
        figure.add_bar(
            x=100 * own["share"],
            y=[html.escape(part.capitalize()) for part in own["part"]],
            orientation="h",
            name=str(kind).capitalize(),
            marker={"color": colours.get(str(kind), FIRST)},
            hovertemplate=f"%{{y}}: %{{x:.2f}} % of the ratings, {kind}<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.45,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )
    figure.update_xaxes(range=[0, 102], ticksuffix=" %", nticks=6)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    return finish(figure, 52 * frame["part"].nunique() + 90, t=36)
