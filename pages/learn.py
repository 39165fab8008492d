"""A tour, experiments that teach something, and the formula with the numbers of a trained network."""

import streamlit as st

from ui import formula, insight_parts, insight_store, stories, tour
from ui.empty import needs_finished_run

PARTS = {"Tour": "Two minutes, to a network of your own", "Stories": "Experiments", "Formula": "The formula in numbers"}

part = st.segmented_control(
    "Part",
    list(PARTS),
    format_func=PARTS.get,
    key="learn-part",
    default="Tour",
    required=True,
    wrap=True,
    label_visibility="collapsed",
)
if part == "Tour":
    tour.show()
elif part == "Stories":
    stories.show()
else:
    run = needs_finished_run("Its numbers fill the formula when it has finished.")
    assert run.config is not None
    words = insight_store.speech(run.id, run.config)
    with st.container(border=True, key="formula", gap="small"), insight_parts.speaking(words):
        formula.show(run, run.config)
