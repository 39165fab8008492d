"""Many runs side by side: which is better, by how much, and at what cost."""

import streamlit as st

from dcn_core.compare.comparable import Terms
from ui import compare_curves, compare_table, compare_views, frame, insight_parts, places

runs = frame.runs()
if not runs:
    with st.container(border=True, key="empty", gap="small"):
        st.markdown("## Nothing to compare yet", anchors=False)
        st.markdown("Train two networks, and they stand side by side here.")
        st.page_link(places.page("train"), label="Go to Train", icon=":material/ssid_chart:")
    st.stop()

with st.container(border=True, key="compare-runs"):
    chosen = [run for run in compare_table.choose(runs, frame.shown()) if run.config is not None]
if len(runs) == 1:
    compare_views.second(runs[0])
    st.stop()
if len(chosen) < 2:
    st.caption("Choose two or more runs in the table.")
    st.stop()
names = compare_views.names_of(chosen)
terms = Terms(runs)
kinds = {terms.of(run) for run in chosen}
if unlike := len(kinds) > 1 or None in kinds:
    with st.container(border=True, key="compare-not"):
        st.markdown("## These scores cannot be compared", anchors=False)
        st.markdown(
            "The chosen runs were measured on other data or another split. A lower error may only mean easier data. "
            "Choose runs that were measured on the same, see **Measured on** above the table."
        )
with insight_parts.speaking(compare_views.speech_of(chosen, runs)):
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="compare-curves-card"):
        st.markdown("## Validation error by epoch", anchors=False)
        compare_curves.show(chosen, names)
    with right, st.container(border=True, key="compare-settings-card"):
        compare_views.settings(chosen, names)
    if unlike:
        st.stop()

    finished = [run for run in chosen if run.status.finished]
    own_names = [name for run, name in zip(chosen, names, strict=True) if run.status.finished]
    if len(finished) < 2:
        st.caption("Scores appear when two of the chosen runs have finished.")
        st.stop()
    with st.container(border=True, key="compare-scores-card"):
        by = compare_views.part_and_metric(finished)
        if by is not None:
            compare_views.scores(runs, finished, own_names, *by)
    if by is not None:
        comparable = [run for run in runs if run.status.finished and terms.of(run) in kinds]
        with st.container(border=True, key="compare-costs-card"):
            compare_views.costs(comparable, finished, *by)
        with st.container(border=True, key="compare-two-card"):
            compare_views.two(finished, own_names, by[0])
