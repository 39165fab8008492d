"""Which features the network crosses: map, ranking, and what was planted beside what was learned."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.report import Section
from dcn_core.pictures import crosses as pictures
from dcn_core.pictures import measures, theme
from dcn_core.runs.store import RunSummary
from ui import caches, insight_parts, insight_store, insight_truth, insight_zoom

PAIR = "zoom-pair"
"""Session key of the pair that is looked at closely."""


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    arrays = caches.insight(run.id)
    found = insight_store.report(run.id).sections.get("crosses")
    with st.container(border=True, key="interactions"):
        if found is None:
            found = insight_store.section(run.id, "crosses")
        if found is not None or len(arrays["strength"]):
            _map(config, arrays, found)
    if found is not None and len(insight_store.table(found, "pairs")):
        with st.container(border=True, key="zoom-card"):
            insight_zoom.show(run, config, found, PAIR)
    if found is not None and "recovery" in found.sentences:
        with st.container(border=True, key="truth-card"):
            insight_truth.show(run, found)


def _map(config: RunConfig, arrays: Mapping[str, np.ndarray], found: Section | None) -> None:
    allowed = pictures.offered(config.model, arrays, found)
    if not allowed:
        st.caption("With one feature and no cross layers there is nothing to cross.")
        return
    names = [str(name) for name in arrays["feature_names"]]
    finding = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        measure = _measure(allowed, "inspect-measure" if found is not None else "first-measure")
        layered = measure in measures.LAYERED
        layers = len(arrays["strength"])
        layer = insight_parts.choose_layer(layers, "inspect-layer") if layered and layers > 1 else 0
        together = layered and st.toggle(
            "Both directions together", key="inspect-together", help="Adds the two blocks of each pair, W_ij and W_ji."
        )
    shown = pictures.pair_map(config.model, arrays, found, measure, layer, together)
    with finding:
        insight_parts.lead(shown.sentence, shown.raw)
    picture, ranking = st.columns([7, 5], gap="large")
    with picture:
        insight_parts.chart(shown, on_click=lambda: _clicked(names, max(layer, 1) if layered else 0))
        if found is not None and len(names) > 1:
            st.caption("Click a cell to see its categories below.")
    with ranking:
        matrix = pictures.matrix(measure, layer, arrays, found)
        _rank(measures.pairs(matrix, names, directed=layered), measure, found)


def _clicked(names: list[str], layer: int) -> None:
    """Takes the pair of the clicked cell to the zoom below: to its weights in a layer, or with 0 to its effect."""
    points = st.session_state["crosses"]["selection"]["points"]
    if points:
        i, j = sorted(int(number) for number in points[0]["customdata"][:2])
        if i != j:
            st.session_state[PAIR] = f"{names[i]}/{names[j]}"
            st.session_state[insight_zoom.LAYER] = layer


def _measure(allowed: list[measures.Measure], key: str) -> measures.Measure:
    # The key changes when more has been computed: the best measure is then chosen anew.
    speech = insight_parts.speech()
    return insight_parts.choose("Measure", allowed, key, named=lambda name: speech.prose(measures.MEASURES[name]))


def _rank(frame: pd.DataFrame, measure: measures.Measure, found: Section | None) -> None:
    """The strongest crosses as a list."""
    insight_parts.title("Strongest crosses")
    speech = insight_parts.speech()
    table = measures.ranking(frame)
    if measure == "effect" and found is not None:
        shares = {
            measures.pair_label((row["feature"], row["other"])): 100 * row["share"]
            for row in found.tables["pairs"].to_dict("records")
        }
        table["Share"] = [shares.get(label) for label in table["Cross"]]
    table["Cross"] = [speech.name(text) for text in table["Cross"]]
    top = float(table["Strength"].abs().max()) if len(table) else 0.0
    digits = theme.digits(top or 1.0)
    column: Any = st.column_config.ProgressColumn(
        speech.prose(measures.MEASURES[measure]), format=f"%.{digits}f", min_value=0.0, max_value=top or 1.0
    )
    if measure == "signed":
        column = st.column_config.NumberColumn(speech.prose(measures.MEASURES[measure]), format=f"%+.{digits}f")
    st.dataframe(
        table,
        hide_index=True,
        key="strongest",
        height="content",
        placeholder="",
        alt="Strongest crosses, largest first",
        column_config={
            "Strength": column,
            "Share": st.column_config.NumberColumn(
                format="%.0f %%", help="Of the cross effect of all pairs: share of the sum of their variances."
            ),
        },
    )
