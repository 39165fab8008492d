"""Which run a person looks at: the one of the address that they came to (`?run=`), else this session's choice, else the newest."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dcn_core.runs.store import RunSummary

_OPENED, _SHOWN = "opened", "shown_run"
PARAM = "run"
"""Name of the shown run in the address."""


def arrival() -> Literal["opened", "returned"] | None:
    """Whether somebody opened this address, or went back or forward to it; its run is then the shown one.

    To be asked once in each run of the script. At any other time the browser may not have heard yet of the address that was
    written last, so what it says is passed over.
    """
    context = get_script_run_ctx()
    returned = context is not None and context.is_history_navigation
    opened, st.session_state[_OPENED] = _OPENED not in st.session_state, True
    if (opened or returned) and (asked := st.query_params.get(PARAM)):
        show_run(asked)
    return "returned" if returned else "opened" if opened else None


def choose(runs: Sequence[RunSummary], wanted: str | None) -> RunSummary | None:
    """Returns the run to show of `runs`, newest first: the wanted one, the newest active, the newest."""
    active = [run for run in runs if run.status.waiting_or_active]
    return next((run for run in runs if run.id == wanted), next(iter(active or runs), None))


def shown_run(runs: Sequence[RunSummary]) -> RunSummary | None:
    """Returns the run that all pages show, and keeps the address and the session in step with it."""
    run = choose(runs, wanted_run())
    if run is None:
        forget_run()
        st.query_params.pop(PARAM, None)
    else:
        show_run(run.id)
        if st.query_params.get(PARAM) != run.id:
            st.query_params[PARAM] = run.id
    return run


def wanted_run() -> str | None:
    """Id of the run that this session asked for, whether or not there is such a run."""
    wanted: str | None = st.session_state.get(_SHOWN)
    return wanted


def show_run(run_id: str) -> None:
    """Makes `run_id` the run that all pages show, from the next time that one is drawn."""
    st.session_state[_SHOWN] = run_id


def forget_run() -> None:
    """Shows the newest run again, or none: the one that was shown is gone."""
    st.session_state.pop(_SHOWN, None)
