"""A map of points in two or three dimensions, as a Plotly figure. Names are escaped: they are data."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

MARK = "#dd7140"
_LABELS = 40
"""Maps of at most so many points have their names written in."""


@dataclass(frozen=True)
class Marks:
    """Points of a map to ring, by their index.

    Attributes:
        picked: The one that is looked at.
        near: Its neighbours.
        found: Those that a search found.
    """

    picked: int | None = None
    near: tuple[int, ...] = ()
    found: tuple[int, ...] = ()


NOTHING = Marks()


def places(
    frame: pd.DataFrame,
    colour: str,
    axes: int,
    titles: Sequence[str],
    marks: Marks = NOTHING,
) -> go.Figure:
    """Returns the map.

    Args:
        frame: `category`, `x1` to `x<axes>`, the column `colour`, and `ratings` where known. Its index names the points.
        colour: Column of texts (one colour each) or numbers (a scale).
        axes: 2 or 3.
        titles: Names of the axes; empty ones for axes that mean nothing.
        marks: Points to mark.
    """
    figure = go.Figure()
    named = len(frame) <= _LABELS
    if pd.api.types.is_numeric_dtype(frame[colour]):
        values = frame[colour].astype(float)
        logarithmic = colour == "Number of ratings"
        scale = np.log10(np.maximum(values, 1)) if logarithmic else values
        bar: dict[str, Any] = {"title": {"text": html.escape(colour)}, "thickness": 9, "outlinewidth": 0, "len": 0.6}
        if logarithmic:
            ticks = np.arange(0, np.ceil(scale.max()) + 1)
            bar |= {"tickvals": ticks, "ticktext": [f"{10**tick:,.0f}" for tick in ticks]}
        _points(figure, frame, axes, colour, {"color": scale, "colorbar": bar, "showscale": True}, named)
        figure.update_layout(showlegend=False)
    else:
        kinds = sorted(frame[colour].value_counts().index, key=lambda kind: kind == "other")  # stable: commonest first
        for kind in kinds:
            own = frame[frame[colour] == kind]
            _points(figure, own, axes, colour, {}, named, html.escape(str(kind)))
        figure.update_layout(
            legend={"orientation": "h", "y": -0.12, "x": 0, "yanchor": "top", "itemsizing": "constant"}
        )
    _rings(figure, frame, axes, marks)
    if axes == 3:
        figure.update_scenes(
            aspectmode="cube",
            camera={"eye": {"x": 1.25, "y": 1.25, "z": 0.8}},
            **{
                f"{letter}axis": {
                    "title": {"text": title},
                    "showticklabels": False,
                    "backgroundcolor": "rgba(0,0,0,0)",
                    "gridcolor": "#a9a59b",
                    "zerolinecolor": "#8b9197",
                }
                for letter, title in zip("xyz", titles, strict=True)
            },
        )
    else:
        named_axes = any(titles)  # else its numbers mean nothing
        figure.update_xaxes(title=titles[0]).update_yaxes(title=titles[1])
        for update in (figure.update_xaxes, figure.update_yaxes):
            update(zeroline=False, showticklabels=named_axes, **({} if named_axes else {"showgrid": False}))
        if named and len(frame):  # room for the names at the edges
            for axis, update, room in (("x1", figure.update_xaxes, 0.16), ("x2", figure.update_yaxes, 0.08)):
                low, high = float(frame[axis].min()), float(frame[axis].max())
                margin = room * ((high - low) or 1.0)
                update(range=[low - margin, high + margin])
    figure.update_layout(
        height=580, margin={"l": 8, "r": 8, "t": 12, "b": 8}, dragmode="turntable" if axes == 3 else "pan"
    )
    return figure


def _xyz(frame: Any, axes: int) -> dict[str, Any]:
    return {letter: frame[f"x{axis}"] for axis, letter in enumerate("xyz"[:axes], start=1)}


def _points(
    figure: go.Figure, frame: pd.DataFrame, axes: int, colour: str, marker: dict[str, Any], named: bool, name: str = ""
) -> None:
    labels = [html.escape(str(text)) for text in frame["category"]]
    ratings = frame["ratings"] if "ratings" in frame else np.full(len(frame), np.nan)
    known = [f"{value:,.0f} ratings" if value == value else "" for value in ratings]
    kinds = [f"{value:.2f}" if isinstance(value, float) else html.escape(str(value)) for value in frame[colour]]
    hover = [
        "<br>".join(
            filter(None, (label, f"{html.escape(colour)}: {kind}", count if colour != "Number of ratings" else ""))
        )
        for label, kind, count in zip(labels, kinds, known, strict=True)
    ]
    size = 9 if named else (3 if axes == 3 else 5)
    common = {
        "mode": "markers+text" if named else "markers",
        "name": name,
        "text": labels if named else None,
        "textposition": "top center",
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {
            "size": size,
            "opacity": 0.9 if named else 0.7,
            "line": {"width": 0.6, "color": "#8b9197"} if named else {},
            **marker,
        },
    }
    figure.add_trace((go.Scatter3d if axes == 3 else go.Scatter)(**_xyz(frame, axes), **common))


def _rings(figure: go.Figure, frame: pd.DataFrame, axes: int, marks: Marks) -> None:
    """Rings around the marked points: one trace a kind."""
    picked = () if marks.picked is None else (marks.picked,)
    for indices, size, width in ((marks.found, 9, 1.2), (marks.near, 11, 2.5), (picked, 17, 2.5)):
        own = frame[frame.index.isin(indices)]
        if len(own):
            marker = {
                "size": size * (0.6 if axes == 3 else 1),
                "symbol": "circle-open",
                "color": MARK,
                "line": {"width": width},
            }
            kind = go.Scatter3d if axes == 3 else go.Scatter
            figure.add_trace(kind(**_xyz(own, axes), mode="markers", marker=marker, hoverinfo="skip", showlegend=False))
