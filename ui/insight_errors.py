"""Where the network is wrong: calibration, and its errors slice by slice."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.report import Section
from dcn_core.pictures import errors
from dcn_core.runs.store import RunSummary
from ui import insight_parts, insight_store


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "errors")
    if found is None:
        return
    if not insight_store.table(found, "slices").empty:
        with st.container(border=True, key="slices-card"):
            _slices(found)
    with st.container(border=True, key="calibration-card"):
        insight_parts.main_picture(errors.calibration(found))


def _slices(found: Section) -> None:
    speech = insight_parts.speech()
    kinds = [errors.ALL, *dict.fromkeys(found.tables["slices"]["slice"])]
    named = insight_parts.features(errors.slice_name)
    finding = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = st.segmented_control(
            "Slice by",
            kinds,
            format_func=lambda name: "Worst of all" if name == errors.ALL else named(name),
            default=errors.ALL,
            required=True,
            key="slice-kind",
            wrap=True,
        )
        value = st.segmented_control(
            "Show",
            ["mse", "bias"],
            format_func=lambda name: {"mse": "Error", "bias": speech.prose("Too generous or too strict")}[name],
            default="mse",
            required=True,
            key="slice-value",
            wrap=True,
        )
    shown = errors.slices(found, kind if kind in kinds else errors.ALL, "bias" if value == "bias" else "mse")
    with finding:
        insight_parts.lead(shown.sentence)
    insight_parts.chart(shown)
