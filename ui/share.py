"""Handing a run on: exports to download, and taking in a run that was exported elsewhere."""

from collections.abc import Callable

import streamlit as st

from dcn_core.errors import PlaygroundError, RunError
from dcn_core.export.formats import FORMATS, export, file_name
from dcn_core.export.run_archive import MOST_MEGABYTES, unpack
from dcn_core.runs.store import RunSummary
from ui import caches, session
from ui.errors import show_problem

_FORM = "export-form"
_EVERY = 1.0
_PROBLEM = "import-problem"


def menu(shown: RunSummary) -> None:
    """Draws the button with everything about sharing; exports only of a finished run."""
    with st.popover("Share", icon=":material/ios_share:", key="share"):
        if shown.status.finished:
            st.selectbox("As", list(FORMATS), format_func=lambda name: FORMATS[name].title, key=_FORM, filter_mode=None)
            form = st.session_state[_FORM]
            st.caption(FORMATS[form].about)
            if FORMATS[form].slow:
                busy = caches.exports().state(shown.id, form).state in ("waiting", "busy")
                st.fragment(_slow, run_every=_EVERY if busy else None)(shown.id, form, busy)
            else:
                _download(shown.id, form, lambda: export(caches.store().open(shown.id), form))
            st.caption("The address of this page opens this run, with this form, for whoever reaches this server.")
        take_in()


def take_in() -> None:
    """Draws the field for a run that was exported elsewhere."""
    file = st.file_uploader(
        "Open a run that was exported as a whole", type=["zip"], max_upload_size=MOST_MEGABYTES, key="import-file"
    )
    if file is not None and st.session_state.get("import-done") != file.file_id:
        st.session_state["import-done"] = file.file_id
        try:
            with st.spinner("Checking the run and making its network"):
                session.show_run(unpack(file.getvalue(), caches.store()).id)
        except PlaygroundError as error:
            st.session_state[_PROBLEM] = error
        st.rerun()
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem, "This run cannot be opened")


def _slow(run_id: str, form: str, was_busy: bool) -> None:
    """An export that a process of its own writes: asked for, waited for, then downloaded."""
    found = caches.exports().state(run_id, form)
    busy = found.state in ("waiting", "busy")
    if was_busy and not busy:
        st.rerun()  # the timer ends
    if busy:
        words = "Waits for another export" if found.state == "waiting" else "Writing it, which may take a minute"
        st.caption(f":material/hourglass_top: {words}")
    elif found.state == "ready":
        path = caches.exports().path(run_id, form)
        _download(run_id, form, path.read_bytes)
    else:
        if found.state == "failed":
            show_problem(RunError(found.problem), "It could not be written")
        if st.button("Prepare", key=f"prepare-{form}", icon=":material/build:"):
            caches.exports().ask(run_id, form)
            st.rerun()


def _download(run_id: str, form: str, content: Callable[[], bytes]) -> None:
    chosen = FORMATS[form]
    name = file_name(caches.store().open(run_id), form)
    st.download_button(
        f"Download {chosen.title}",
        content,
        name,
        chosen.mime,
        key=f"download-{form}",
        icon=":material/download:",
        on_click="ignore",
        type="primary",
    )
