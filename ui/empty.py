"""What a page shows in place of results that are not there yet."""

import streamlit as st

from dcn_core.runs.store import RunSummary
from ui import frame, places


def needs_finished_run(promise: str) -> RunSummary:
    """Returns the shown run if it has finished; else says what is missing and ends the page.

    Args:
        promise: What will be here once the run has finished.
    """
    run = frame.shown()
    if run is None or not run.status.finished or run.config is None:
        _say_what_is_missing(run, promise)
        st.stop()
    return run


def _say_what_is_missing(run: RunSummary | None, promise: str) -> None:
    with st.container(border=True, key="empty", gap="small"):
        if run is None:
            st.markdown("## Nothing trained yet", anchors=False)
            st.markdown("Train a network first; on the generated world it takes seconds.")
        elif run.status.waiting_or_active:
            st.markdown("## This run is still training", anchors=False)
            st.markdown(promise)
        else:
            st.markdown("## This run has no network to show", anchors=False)
            st.markdown("It did not finish. Resume it, choose another run above, or train a new one.")
        st.page_link(places.page("train"), label="Go to Train", icon=":material/ssid_chart:")
