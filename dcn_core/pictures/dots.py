"""Dots and lines of insight: frames in, a Plotly figure out. Names are escaped: they are data."""

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dcn_core.pictures.theme import FIRST, GREY, SECOND, epochs, escaped, finish, folded, interval


def mix(curve: pd.DataFrame, alpha: float, mse: float) -> go.Figure:
    """Returns the error over the weight of the cross head, with where the slider stands."""
    figure = go.Figure(
        go.Scatter(
            x=curve["alpha"],
            y=curve["mse"],
            mode="lines",
            line={"color": FIRST, "width": 2.5},
            hovertemplate="α %{x:.2f}: %{y:.4f} MSE<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[alpha], y=[mse], mode="markers", marker={"size": 13, "color": SECOND}, hoverinfo="skip", showlegend=False
    )
    figure.add_vline(x=0.5, line={"color": GREY, "dash": "dot", "width": 1}, annotation_text="as trained")
    figure.update_xaxes(title="only deep  ←  α  →  only cross", range=[-0.02, 1.02], showgrid=False)
    figure.update_yaxes(title="Validation MSE")
    figure.update_layout(showlegend=False)
    return finish(figure, 300, t=28)


def rank_curve(errors: pd.DataFrame, enough: int | None, tolerance: float) -> go.Figure:
    """Returns the change of the error, in percent, over the rank to which the matrices are cut."""
    figure = go.Figure(
        go.Scatter(
            x=errors["rank"],
            y=100 * errors["change"],
            mode="lines+markers",
            line={"color": FIRST, "width": 2},
            marker={"size": [12 if rank == enough else 6 for rank in errors["rank"]]},
            hovertemplate="rank %{x}: %{y:+.2f} % MSE<extra></extra>",
        )
    )
    figure.add_hline(
        y=100 * tolerance,
        line={"color": GREY, "dash": "dot", "width": 1},
        annotation_text=f"{100 * tolerance:g} %",
        annotation_position="top right",
    )
    figure.update_xaxes(title="Rank kept", showgrid=False, rangemode="tozero")
    figure.update_yaxes(title="Change of validation MSE", ticksuffix=" %")
    figure.update_layout(showlegend=False)
    return finish(figure, 230)


def calibration(frame: pd.DataFrame) -> go.Figure:
    """Returns what people gave over what was predicted, with intervals, beside the line of a perfect predictor."""
    ends = [float(frame[["predicted", "low"]].min().min()), float(frame[["predicted", "high"]].max().max())]
    figure = go.Figure(
        go.Scatter(x=ends, y=ends, mode="lines", line={"color": GREY, "dash": "dot", "width": 1.5}, hoverinfo="skip")
    )
    figure.add_scatter(
        x=frame["predicted"],
        y=frame["actual"],
        error_y=interval(frame["actual"], frame["low"], frame["high"], 1.5),
        mode="markers",
        marker={"size": 8, "color": FIRST},
        customdata=frame["count"],
        hovertemplate="predicted %{x:.2f}, given %{y:.2f}<br>%{customdata:,} ratings<extra></extra>",
    )
    figure.update_xaxes(title="Predicted, stars").update_yaxes(title="Given, stars")
    figure.update_layout(showlegend=False)
    return finish(figure, 380)


def intervals(frame: pd.DataFrame, value: str, unit: str, reference: float) -> go.Figure:
    """Returns one dot with its 95 % interval a row: columns `label`, `count`, `<value>`, `<value>_low`, `<value>_high`."""
    labels = escaped(frame["label"], 46)
    figure = go.Figure(
        go.Scatter(
            x=frame[value],
            y=labels,
            error_x=interval(frame[value], frame[f"{value}_low"], frame[f"{value}_high"]),
            mode="markers",
            marker={"size": 9, "color": FIRST},
            customdata=frame["count"],
            hovertemplate=f"%{{y}}<br>{html.escape(unit)} %{{x:.3f}}, %{{customdata:,}} ratings<extra></extra>",
        )
    )
    figure.add_vline(x=reference, line={"color": GREY, "dash": "dot", "width": 1.5})
    figure.update_xaxes(title=folded(unit), nticks=6)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_layout(showlegend=False)
    return finish(figure, 25 * len(labels) + 90)


def ladder(frame: pd.DataFrame, floor: float | None, floor_name: str = "floor") -> go.Figure:
    """Returns the rungs as dots on one line of error, worst first: columns `label`, `mse`, `kind` (network, own, other)."""
    colours = {"network": SECOND, "own": FIRST, "other": GREY}
    words = {"network": "This network", "own": "Sees the same features", "other": "Sees other features"}
    labels = escaped(frame["label"])
    right = float(frame["mse"].max())
    figure = go.Figure()
    for mse, label in zip(frame["mse"], labels, strict=True):
        figure.add_scatter(
            x=[mse, right],
            y=[label, label],
            mode="lines",
            line={"color": GREY, "width": 1},
            opacity=0.35,
            hoverinfo="skip",
            showlegend=False,
        )
    for kind, colour in colours.items():
        own = (frame["kind"] == kind).to_numpy()
        if own.any():
            figure.add_scatter(
                x=frame["mse"][own],
                y=[label for label, here in zip(labels, own, strict=True) if here],
                mode="markers+text",
                name=words[kind],
                marker={"size": 15 if kind == "network" else 11, "color": colour},
                text=[f"{value:.3f}" for value in frame["mse"][own]],
                textposition="middle left",
                cliponaxis=False,
                hovertemplate="%{y}: %{x:.4f} MSE<extra></extra>",
            )
    if floor is not None:
        figure.add_vline(
            x=floor,
            line={"color": GREY, "dash": "dot", "width": 1.5},
            annotation_text=floor_name,
            annotation_position="bottom right",
        )
    left = min(float(frame["mse"].min()), floor if floor is not None else np.inf)
    room = 0.22 * ((right - left) or 1.0)
    figure.update_xaxes(
        title=folded("Validation MSE, lower is better"), range=[left - room, right + 0.2 * room], nticks=7
    )
    figure.update_yaxes(categoryorder="array", categoryarray=labels[::-1], ticksuffix="  ", showgrid=False)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return finish(figure, 38 * len(labels) + 120, t=64)


def recovery_by_epoch(scores: pd.DataFrame, planted: int, best: float) -> go.Figure:
    """Returns rank correlation and number of planted crosses found over the epochs, one line a measure.

    Args:
        scores: `epoch`, `measure`, `rank_correlation`, `precision`.
        planted: Number of planted crosses.
        best: The best possible rank correlation.
    """
    figure = make_subplots(
        rows=1, cols=2, horizontal_spacing=0.12, subplot_titles=("Rank correlation", "Crosses found")
    )
    for measure, colour in zip(dict.fromkeys(scores["measure"]), (FIRST, SECOND, GREY), strict=False):
        own = scores[scores["measure"] == measure]
        name = html.escape(str(measure)[:1].upper() + str(measure)[1:])
        for column, values in ((1, own["rank_correlation"]), (2, planted * own["precision"])):
            figure.add_scatter(
                x=own["epoch"],
                y=values,
                mode="lines+markers",
                name=name,
                legendgroup=name,
                showlegend=column == 1,
                line={"color": colour, "width": 2},
                marker={"size": 6},
                hovertemplate=f"{name}, epoch %{{x}}: %{{y:{'.2f' if column == 1 else '.0f'}}}<extra></extra>",
                row=1,
                col=column,
            )
    figure.add_hline(y=best, line={"color": GREY, "dash": "dot", "width": 1}, row=1, col=1)
    low = min(0.0, float(scores["rank_correlation"].min())) - 0.05
    figure.update_xaxes(epochs(int(scores["epoch"].max())))
    figure.update_annotations(font_size=13)  # above the plots: beside them, a phone has no room
    figure.update_yaxes(range=[low, 1.05], row=1, col=1)
    figure.update_yaxes(range=[-0.2, planted + 0.25], tickformat="d", row=1, col=2)
    figure.update_layout(legend={"orientation": "h", "y": 1.14, "yanchor": "bottom", "x": 0})
    return finish(figure, 320, t=72)


def spreads(labels: Sequence[str], values: np.ndarray, mean: np.ndarray, spread: np.ndarray, unit: str) -> go.Figure:
    """Returns one row a block: the value of every seed as a small dot, their mean and standard deviation on top.

    Args:
        labels: Of the n blocks.
        values: `(S, n)`.
        mean: `(n,)`.
        spread: `(n,)`.
        unit: What the numbers are.
    """
    names = escaped(labels)
    figure = go.Figure()
    for seed in values:
        figure.add_scatter(
            x=seed, y=names, mode="markers", marker={"size": 6, "color": GREY, "opacity": 0.7}, hoverinfo="skip"
        )
    figure.add_scatter(
        x=mean,
        y=names,
        error_x={"type": "data", "array": spread, "thickness": 2, "width": 5, "color": FIRST},
        mode="markers",
        marker={"size": 10, "color": FIRST},
        customdata=spread,
        hovertemplate=f"%{{y}}<br>%{{x:.3f}} ± %{{customdata:.3f}} {html.escape(unit)}<extra></extra>",
    )
    figure.update_xaxes(title=folded(unit), rangemode="tozero", nticks=6)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_layout(showlegend=False)
    return finish(figure, 30 * len(names) + 90)
