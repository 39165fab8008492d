"""See what a trained network learned: crosses, and whether they are real."""

import streamlit as st

from ui import (
    insight_crosses,
    insight_depth,
    insight_embeddings,
    insight_errors,
    insight_knockouts,
    insight_ladder,
    insight_path,
    insight_store,
    insight_weights,
)
from ui.empty import needs_finished_run

VIEWS = {
    "crosses": ("Crosses", insight_crosses.show),
    "real": ("Is it real?", insight_knockouts.show),
    "weights": ("Weights", insight_weights.show),
    "parts": ("Parts and depth", insight_depth.show),
    "path": ("One rating", insight_path.show),
    "embeddings": ("Embeddings", insight_embeddings.show),
    "errors": ("Errors", insight_errors.show),
    "ladder": ("Ladder", insight_ladder.show),
}

run = needs_finished_run("What it learned appears here when it has finished.")
assert run.config is not None
insight_store.begin(run.id)
chosen = st.segmented_control(
    "What to look at",
    list(VIEWS),
    format_func=lambda name: VIEWS[name][0],
    default="crosses",
    required=True,
    key="view",
    label_visibility="collapsed",
    wrap=True,
    persist_state="session",
)
st.fragment(VIEWS.get(chosen or "crosses", VIEWS["crosses"])[1])(run, run.config)
