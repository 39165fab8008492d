"""Pictures of the gates of a mixture or gated network: how far they open, and for whom."""

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.config.model import ModelConfig
from dcn_core.insight.gates import FEWEST_RATINGS
from dcn_core.insight.report import Section
from dcn_core.insight.wording import label
from dcn_core.pictures import theme
from dcn_core.pictures.picture import Picture

_FAINT = 0.05
"""Difference from a gate's mean that is coloured fully at least: smaller ones stay pale."""
_MOST_WRITTEN = 8
"""Gates up to which numbers are written into the cells."""


def gates(config: ModelConfig, found: Section, layer: int, feature: str, categories: Sequence[str]) -> Picture:
    """The mean gate of each category of a feature.

    Args:
        config: The architecture.
        found: The section `gates` of a report.
        layer: The cross layer, counted from 1.
        feature: Whose categories.
        categories: Its readable names, index-aligned.
    """
    mean, count, rows = (found.arrays[f"{layer}/{feature}/{part}"] for part in ("mean", "count", "rows"))
    own = of_layer(found, layer)
    labels, columns = [categories[int(row)] for row in rows], [gate_label(name) for name in own["gate"]]
    frame = pd.DataFrame(mean, columns=columns)
    frame.insert(0, "category", labels)
    frame.insert(1, "ratings", count)
    return Picture(
        key="gate-map",
        title="Mean gate by category",
        sentence=found.sentences["gates"],
        figure=gate_map(mean, own["mean"].to_numpy(dtype=float), count, labels, columns),
        alt="Mean gate of each category",
        about="How far a gate is open, from 0 to 1, on average over the validation ratings with that category; a movie counts for each of "
        f"its genres. Teal: wider open than this gate is on average; orange: less. {_about(config)} Rows are sorted by their number "
        f"of ratings; with fewer than {FEWEST_RATINGS} a mean is mostly chance. A gate reads all features of x, so a difference "
        "between categories need not be their own doing."
        + (" The most frequent categories are shown." if len(rows) < len(categories) - 1 else ""),
        numbers=frame,
    )


def telling(found: Section, features: Sequence[str]) -> str:
    """The feature that the gates follow most; content before ids, whose names say little."""
    spread = found.tables["spread"]
    ranked = list(spread["feature"]) if len(spread) else list(features)
    return min(ranked, key=lambda name: name.endswith("_id"))


def of_layer(found: Section, layer: int) -> pd.DataFrame:
    """The gates of one layer: their means and states."""
    frame = found.tables["gates"]
    return frame[frame["layer"] == layer]


def _about(config: ModelConfig) -> str:
    if config.cross_kind == "gated":
        return "A gated layer has one gate for each number of x₀; a column is the mean over a feature's part of x₀."
    if config.gate == "softmax":
        return "The gates of a layer's experts share 100 %."
    return "Each expert's gate opens by itself."


def gate_label(name: str) -> str:
    """A gate as a page names it: `Expert 2`, or its feature."""
    return {"x0": "All of x₀"}.get(name, label(name))


def gate_map(
    mean: np.ndarray, usual: np.ndarray, count: np.ndarray, rows: Sequence[str], columns: Sequence[str]
) -> go.Figure:
    """Returns a heat map of mean gates with their numbers, coloured by how far each is from the gate's mean over all ratings.

    Args:
        mean: `(C, K)`, from 0 to 1.
        usual: `(K,)`, the means over all ratings.
        count: `(C,)`, ratings behind each row.
        rows: C readable names.
        columns: K readable names.
    """
    labels, names = theme.escaped(rows, 26), [html.escape(name) for name in columns]
    difference = mean - usual
    top = max(float(np.abs(difference).max(initial=0)), _FAINT)
    behind = [[(label, number, value) for value in own] for label, number, own in zip(labels, count, mean, strict=True)]
    figure = go.Figure(
        go.Heatmap(
            z=difference,
            x=names,
            y=np.arange(len(rows)),
            customdata=np.array(behind, dtype=object),
            zmin=-top,
            zmax=top,
            colorscale=theme.under_numbers(signed=True),
            reversescale=True,
            xgap=1,
            ygap=1,
            text=[[f"{value:.2f}" for value in own] for own in mean],
            texttemplate="%{text}" if len(columns) <= _MOST_WRITTEN else None,
            textfont={"size": 12},
            hovertemplate="%{customdata[0]}<br>%{x}: %{customdata[2]:.3f}, %{z:+.3f} against its mean<br>"
            "%{customdata[1]:,} ratings<extra></extra>",
            showscale=False,
        )
    )
    plain = {"showgrid": False, "zeroline": False, "ticks": ""}
    figure.update_xaxes(type="category", tickangle=-30 if len(columns) > 4 else 0, **plain)
    figure.update_yaxes(
        tickmode="array",
        tickvals=np.arange(len(rows)),
        ticktext=labels,
        tickfont={"size": 12},
        ticklabelstandoff=6,
        range=[len(rows) - 0.5, -0.5],
        **plain,
    )
    return theme.finish(figure, max(200, 26 * len(rows) + 90))
