"""Which run a person looks at: the address (`?run=`), else this session's choice, else the newest."""

from collections.abc import Sequence

import streamlit as st

from dcn_core.runs.store import RunSummary

_SHOWN = "shown_run"
PARAM = "run"
"""Name of the shown run in the address."""


def choose(runs: Sequence[RunSummary], asked: str | None, remembered: str | None) -> RunSummary | None:
    """Returns the run to show of `runs`, newest first: the asked one, the remembered one, the newest active, the newest."""
    by_id = {run.id: run for run in runs}
    for run_id in (asked, remembered):
        if run_id in by_id:
            return by_id[run_id]
    active = [run for run in runs if run.status.waiting_or_active]
    return next(iter(active or runs), None)


def shown_run(runs: Sequence[RunSummary]) -> RunSummary | None:
    """Returns the run that all pages show, and keeps the address and the session in step with it."""
    run = choose(runs, st.query_params.get(PARAM), st.session_state.get(_SHOWN))
    if run is not None:
        show_run(run.id)
    return run


def unknown_run(runs: Sequence[RunSummary]) -> str | None:
    """Returns the run id of the address if there is no such run."""
    asked = st.query_params.get(PARAM)
    return asked if asked and all(run.id != asked for run in runs) else None


def show_run(run_id: str) -> None:
    """Makes `run_id` the run that all pages show."""
    st.session_state[_SHOWN] = run_id
    if st.query_params.get(PARAM) != run_id:
        st.query_params[PARAM] = run_id


def forget_run() -> None:
    """Shows the newest run again, or none: the one that was shown is gone."""
    st.session_state.pop(_SHOWN, None)
    st.query_params.pop(PARAM, None)
