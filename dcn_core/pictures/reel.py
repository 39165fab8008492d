"""Films: the same picture at several epochs as one Plotly figure that plays in the browser."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dcn_core.pictures import maps, theme
from dcn_core.pictures.theme import FIRST, GREY, escaped

FRAME_MS = 300
"""How long a frame stays, and how long points take to the next one."""
_CONTROLS = 104
"""Pixels above the picture for the buttons and the slider."""
_LABELS = 40
"""Maps of at most so many points have their names written in."""


def map_film(
    matrices: np.ndarray, names: Sequence[str], unit: str, epochs: Sequence[int], *, directed: bool
) -> go.Figure:
    """Returns a feature-by-feature map over the epochs, at the last one; colours mean the same in all frames.

    Args:
        matrices: `(T, F, F)`.
        names: F readable names.
        unit: What the numbers are.
        epochs: T of them.
        directed: As of `feature_map`.
    """
    top = float(np.nanmax(np.abs(matrices), initial=0.0))
    figure = maps.feature_map(matrices[-1], names, unit, directed=directed, top=top)
    digits, cells = theme.digits(top), np.array(figure.data[1].customdata)[:, :2]
    frames = []
    for matrix in matrices:
        shown = maps.drawn(matrix, directed)
        # The invisible marks carry the numbers that hovering shows.
        marks = {"type": "scatter", "customdata": np.column_stack([cells, shown[np.isfinite(shown)]])}
        texts = maps.cell_texts(shown, digits)
        if digits > 2:  # long numbers fit a phone's cells without the zero that all have
            texts = [[text if text == "0" else text.removeprefix("0") for text in row] for row in texts]
        frames.append([{"type": "heatmap", "z": shown, "text": texts}, marks])
    figure.data[0].update(text=frames[-1][0]["text"], textfont={"size": 13 if digits < 3 else 11})
    return _with_controls(figure, frames, epochs, moves=False)


def places_film(
    places: np.ndarray,
    names: Sequence[str],
    epochs: Sequence[int],
    explained: Sequence[float],
    colour: np.ndarray | None = None,
    colour_title: str = "",
) -> go.Figure:
    """Returns points that wander over the epochs, at the last one; the axes are the same in all frames.

    Args:
        places: `(T, n, 2)`.
        names: n readable names.
        epochs: T of them.
        explained: Share of the last frame's variance on each axis.
        colour: `(n,)` numbers to colour by.
        colour_title: What they are.
    """
    named = len(names) <= _LABELS
    marker: dict[str, Any] = {"size": 9 if named else 6, "opacity": 0.9, "line": {"width": 0.6, "color": GREY}}
    if colour is not None:
        bar = {
            "title": {"text": html.escape(colour_title), "side": "top"},
            "orientation": "h",  # below, so that a phone has room for the points
            "x": 0,
            "xanchor": "left",
            "y": -0.2,
            "yanchor": "top",
            "len": 0.6,
            "thickness": 9,
            "outlinewidth": 0,
        }
        marker |= {"color": colour, "colorbar": bar, "showscale": True}
    labels = escaped(names)
    figure = go.Figure(
        go.Scatter(
            x=places[-1, :, 0],
            y=places[-1, :, 1],
            mode="markers+text" if named else "markers",
            text=labels if named else None,
            textposition="top center",
            customdata=labels,
            hovertemplate="%{customdata}<extra></extra>",
            marker=marker,
        )
    )
    for number, (update, room) in enumerate(((figure.update_xaxes, 0.16), (figure.update_yaxes, 0.1))):
        low, high = float(places[:, :, number].min()), float(places[:, :, number].max())
        margin = room * ((high - low) or 1.0)
        share = 100 * explained[number]
        update(title=f"Axis {number + 1} ({share:.0f} %)", zeroline=False, range=[low - margin, high + margin])
    figure.update_layout(height=500, margin={"l": 8, "r": 8, "t": 12, "b": 8}, dragmode=False, showlegend=False)
    frames = [[{"type": "scatter", "x": frame[:, 0], "y": frame[:, 1]}] for frame in places]
    return _with_controls(figure, frames, epochs, moves=True)


def _with_controls(figure: go.Figure, frames: list[Any], epochs: Sequence[int], *, moves: bool) -> go.Figure:
    """Adds frames, a slider and the buttons. Nothing of it asks the server."""
    pace = {
        "frame": {"duration": FRAME_MS, "redraw": not moves},
        "transition": {"duration": FRAME_MS if moves else 0, "easing": "cubic-in-out"},
        "mode": "immediate",
    }
    hold = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate", "transition": {"duration": 0}}
    names = [str(epoch) for epoch in epochs]
    figure.frames = [
        go.Frame(data=data, name=name, traces=list(range(len(data)))) for data, name in zip(frames, names, strict=True)
    ]
    quiet = "rgba(0,0,0,0)"
    figure.update_layout(
        height=figure.layout.height + _CONTROLS,
        margin={"t": _CONTROLS},
        updatemenus=[
            {
                "type": "buttons",
                "direction": "left",
                "showactive": False,
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "bottom",
                "pad": {"b": 66, "t": 0, "l": 0, "r": 8},
                "bgcolor": quiet,
                "bordercolor": FIRST,
                "font": {"color": FIRST},
                "buttons": [
                    {"label": "▶ Play", "method": "animate", "args": [None, pace | {"fromcurrent": False}]},
                    {"label": "Pause", "method": "animate", "args": [[None], hold]},
                ],
            }
        ],
        sliders=[
            {
                "active": len(names) - 1,
                "x": 0,
                "len": 1,
                "y": 1,
                "yanchor": "bottom",
                "pad": {"t": 0, "b": 16, "l": 4, "r": 12},
                "currentvalue": {"prefix": "Epoch ", "xanchor": "right", "offset": 8},
                "transition": {"duration": FRAME_MS if moves else 0},
                "bgcolor": GREY,
                "activebgcolor": FIRST,
                "bordercolor": quiet,
                "tickcolor": GREY,
                "ticklen": 4,
                "minorticklen": 3,
                "steps": [{"label": name, "method": "animate", "args": [[name], pace]} for name in names],
            }
        ],
    )
    return figure
