"""The weights of one cross layer as a Plotly figure. Names are escaped: they are data."""

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dcn_core.pictures import theme


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
            colorscale=theme.diverging(),
            hovertemplate="row %{y}, column %{x}: %{z:.4f}<extra></extra>",
            colorbar=theme.colour_bar(limit, signed=True),
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
    figure.update_xaxes(title=theme.COLUMNS, tickangle=-30, **ticks)
    figure.update_yaxes(title=theme.ROWS, autorange="reversed", **ticks)
    return theme.finish(figure, 600).update_layout(dragmode="zoom")


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
    return theme.finish(figure, 340, t=36)
