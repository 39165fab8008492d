"""See what a trained network learned: crosses, and whether they are real."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.model.shapes import has_gates
from dcn_core.runs.store import RunSummary
from ui import (
    insight_crosses,
    insight_depth,
    insight_embeddings,
    insight_errors,
    insight_film,
    insight_gates,
    insight_ladder,
    insight_parts,
    insight_path,
    insight_real,
    insight_store,
    insight_weights,
)
from ui.empty import needs_finished_run

VIEWS = {
    "crosses": ("Crosses", insight_crosses.show),
    "real": ("Is it real?", insight_real.show),
    "weights": ("Weights", insight_weights.show),
    "gates": ("Gates", insight_gates.show),
    "parts": ("Parts and depth", insight_depth.show),
    "path": ("One rating", insight_path.show),
    "embeddings": ("Embeddings", insight_embeddings.show),
    "film": ("Film", insight_film.show),
    "errors": ("Errors", insight_errors.show),
    "ladder": ("Ladder", insight_ladder.show),
}

run = needs_finished_run("What it learned appears here when it has finished.")
assert run.config is not None
insight_store.begin(run.id)
words = insight_store.speech(run.id, run.config)
views = [name for name in VIEWS if name != "gates" or has_gates(run.config.model)]
chosen = st.segmented_control(
    "What to look at",
    views,
    format_func=lambda name: words.prose(VIEWS[name][0]),
    default="crosses",
    required=True,
    key="view",
    label_visibility="collapsed",
    wrap=True,
    persist_state="session",
)
if run.config.data.target == "like":
    with insight_parts.speaking(words):
        insight_parts.note(
            "This network predicts the probability of a like. Effects and errors on this page are those of the probability, from 0 to "
            "1. What adds up along the way of one rating, by order or by head is in log-odds."
        )


def _view(name: str, run: RunSummary, config: RunConfig) -> None:
    with insight_parts.speaking(insight_store.speech(run.id, config)):
        VIEWS[name][1](run, config)


st.fragment(_view)(chosen if chosen in views else "crosses", run, run.config)
