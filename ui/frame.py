"""What every page has around it: title, the shown run, and where that run stands."""

from collections import Counter

import streamlit as st

from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunSummary
from ui import caches, session, texts

_PICKER = "run_picker"
_SHOWN = "frame_run"
_RUNS = "frame_runs"
_CHIP = "frame_chip"


def header(title: str) -> RunSummary | None:
    """Draws the head of a page and returns the run that it shows, None if there is none yet."""
    caches.supervisor()  # a warm worker is ready by the time somebody presses Train
    runs = caches.store().list()
    wanted, shown = session.wanted_run(), session.shown_run(runs)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="frame"):
        st.title(title, anchor=False, width="content")
        if shown is not None:
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", width=440, key="frame-run"):
                with st.container(width=104):
                    _chip(shown, title)
                _picker(runs, shown)
    st.session_state[_SHOWN], st.session_state[_RUNS] = shown, runs
    if wanted and wanted != (shown and shown.id):
        newest = " This is the newest one." if shown else ""
        st.caption(f"The run in the address is not in this folder, it may have been deleted.{newest}")
    return shown


def shown() -> RunSummary | None:
    """The run that the page around the caller shows."""
    run: RunSummary | None = st.session_state.get(_SHOWN)
    return run


def runs() -> list[RunSummary]:
    """All runs, newest first, as they were when this page was drawn: reading hundreds takes a moment."""
    found: list[RunSummary] = st.session_state.get(_RUNS, [])
    return found


def picker_labels(runs: list[RunSummary]) -> dict[str, str]:
    """What a picker calls each run, by id; no two alike, as Streamlit knows an option by its text.

    What tells runs of one name apart comes first: a phone cuts off the end.
    """
    labels = {run.id: f"{texts.moment(run.created)}  ·  {run.name}" for run in runs}
    times = Counter(labels.values())
    return {run.id: f"{run.id[9:]}  ·  {run.name}" if times[labels[run.id]] > 1 else labels[run.id] for run in runs}


def _picker(runs: list[RunSummary], shown: RunSummary) -> None:
    labels = picker_labels(runs)
    st.session_state[_PICKER] = shown.id
    st.selectbox(
        "Shown run",
        list(labels),
        format_func=labels.__getitem__,
        key=_PICKER,
        on_change=lambda: session.show_run(st.session_state[_PICKER]),
        label_visibility="collapsed",
        filter_mode="fuzzy",
    )


def _chip(shown: RunSummary, title: str) -> None:
    """The run's state. While the run goes on it looks again by itself, and draws the page anew when it ends.

    The train page looks at its run anyway and says what to draw: one timer costs half of what two cost.
    """
    st.session_state[_CHIP] = st.container(horizontal_alignment="right")
    if title != "Train":
        every = 1.5 if shown.status.waiting_or_active else None
        st.fragment(_look, run_every=every)(shown.id, shown.state)


def _look(run_id: str, drawn: str) -> None:
    state = RunFolder(caches.store().root / run_id).status().state
    chip(state)
    if state != drawn and state not in ("preparing", "compiling", "training", "finishing"):
        st.rerun()


def chip(state: str) -> None:
    """Draws the state of the shown run in the page's head."""
    words, colour = texts.STATES[state]
    st.session_state[_CHIP].badge(words, color=colour)
