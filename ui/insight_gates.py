"""Gates: which experts or crosses a mixture or gated network opens, and for whom."""

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.gates import COLLAPSED, FEWEST_RATINGS
from dcn_core.insight.report import Section
from dcn_core.runs.store import RunSummary
from ui import insight_charts, insight_parts, insight_store, texts

_FAINT = 0.05
"""Difference from a gate's mean that is coloured fully at least: smaller ones stay pale."""
_MOST_WRITTEN = 8
"""Gates up to which numbers are written into the cells."""


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "gates")
    if found is None:
        return
    with st.container(border=True, key="gates"):
        insight_parts.lead(found.sentences["gates"])
        features = insight_store.feature_names(run.id)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            layer = _layer(config.model.num_cross_layers)
            feature = _feature(features, found)
        left, right = st.columns([7, 5], gap="large")
        with left:
            _map(run, config, found, layer, feature)
        with right:
            _table(config, found, layer)


def _layer(layers: int) -> int:
    if layers == 1:
        return 1
    numbers = list(range(1, layers + 1))
    chosen = st.segmented_control("Layer", numbers, default=1, required=True, key="gates-layer")
    return int(chosen) if chosen in numbers else 1  # another run may have fewer layers


def _feature(features: list[str], found: Section) -> str:
    """The feature to show, at first the one that gates follow most; content before ids, whose names say little."""
    spread = insight_store.table(found, "spread")
    ranked = list(spread["feature"]) if len(spread) else features
    first = min(ranked, key=lambda name: name.endswith("_id"))
    chosen = st.segmented_control(
        "By category of",
        features,
        format_func=lambda name: texts.FEATURES.get(name, name),
        default=first,
        required=True,
        key="gates-feature",
        wrap=True,
    )
    return chosen if chosen in features else features[0]


def _map(run: RunSummary, config: RunConfig, found: Section, layer: int, feature: str) -> None:
    mean, count, rows = (found.arrays[f"{layer}/{feature}/{part}"] for part in ("mean", "count", "rows"))
    names = insight_store.categories(run.id, feature, config)
    labels = [names[int(row)] for row in rows]
    columns = [gate_label(name) for name in _gates(found, layer)["gate"]]
    frame = pd.DataFrame(mean, columns=columns)
    frame.insert(0, "category", labels)
    frame.insert(1, "ratings", count)
    insight_parts.title("Mean gate by category")
    insight_parts.picture(
        gate_map(mean, _gates(found, layer)["mean"].to_numpy(dtype=float), count, labels, columns),
        "gate-map",
        "Mean gate of each category",
        "How far a gate is open, from 0 to 1, on average over the validation ratings with that category; a movie counts for each of "
        f"its genres. Teal: wider open than this gate is on average; orange: less. {_about(config)} Rows are sorted by their number of ratings; with fewer than {FEWEST_RATINGS} a mean is "
        "mostly chance. A gate reads all features of $x$, so a difference between categories need not be their own doing.",
        frame,
        note="The most frequent categories are shown." if len(rows) < len(names) - 1 else "",
    )


def _about(config: RunConfig) -> str:
    if config.model.cross_kind == "gated":
        return (
            "A gated layer has one gate for each number of $x_0$; a column is the mean over a feature's part of $x_0$."
        )
    if config.model.gate == "softmax":
        return "The gates of a layer's experts share 100 %."
    return "Each expert's gate opens by itself."


def _table(config: RunConfig, found: Section, layer: int) -> None:
    own = _gates(found, layer)
    even = found.facts["even"]
    insight_parts.title("Experts of the layer" if config.model.cross_kind == "mixture" else "Gates of the layer")
    shown = pd.DataFrame(
        {
            "Gate": [gate_label(name) for name in own["gate"]],
            "Mean": own["mean"].to_numpy(dtype=float),
            "Varies by": own["std"].to_numpy(dtype=float),
            "Widest": 100 * own["widest"].to_numpy(dtype=float),
            "State": ["collapsed" if flag else "in use" for flag in own["collapsed"]],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        key="gate-table",
        height="content",
        alt="Mean gates of the layer",
        column_config={
            "Mean": st.column_config.ProgressColumn(format="%.2f", min_value=0.0, max_value=1.0),
            "Varies by": st.column_config.NumberColumn(
                format="%.2f", help="Standard deviation over validation ratings."
            ),
            "Widest": st.column_config.NumberColumn(
                format="%.0f %%", help="Share of the ratings on which it is the widest open of its layer."
            ),
        },
    )
    st.caption(
        f"Collapsed: a mean gate under {COLLAPSED * even:.2g}, a fifth of {even:.2g}, where every gate would stand if it read nothing."
    )


def _gates(found: Section, layer: int) -> pd.DataFrame:
    frame = insight_store.table(found, "gates")
    return frame[frame["layer"] == layer]


def gate_label(name: str) -> str:
    """A gate as a page names it: `Expert 2`, or its feature."""
    return {"x0": "All of x₀"}.get(name, texts.FEATURES.get(name, name[:1].upper() + name[1:]))


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
    labels, names = insight_charts.escaped(rows, 26), [html.escape(name) for name in columns]
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
            colorscale=pio.templates["streamlit"].layout.colorscale.diverging,
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
    return insight_charts.finish(figure, max(200, 26 * len(rows) + 90))
