"""The form and the formula in the address of the page: whoever opens a copy of it gets the same."""

import streamlit as st

from dcn_core.config import address
from ui import draft, planting_draft, session, texts
from ui.source import forget_choice

_PROBLEMS = "address-problems"
_MOST_SHOWN = 5


def keep_in_step() -> None:
    """Takes over the settings of an address that somebody came to, then writes what the form and the session hold now.

    To be called before the page is chosen: a page is entered with the address that was written last, so that the browser's
    history has one entry for it and not another without the settings.
    """
    given, arrival = st.query_params.to_dict(), session.arrival()
    said = {name: text for name, text in given.items() if name != session.PARAM}
    if arrival == "returned" or (arrival and said):  # back to an address that says nothing means the default
        settings = {name: text for name, text in said.items() if name not in planting_draft.NAMES}
        preset, values, problems = address.from_query(settings)
        draft.take_over(preset, values)
        forget_choice()
        st.session_state[_PROBLEMS] = problems + planting_draft.take_over(said)
    run = session.wanted_run() or given.get(session.PARAM)
    settings = address.to_query(draft.values(), draft.preset())
    now = ({session.PARAM: run} if run else {}) | settings | planting_draft.to_query()
    if not arrival or now != given:  # at any other time another one may be on its way, and `given` says nothing
        st.query_params.from_dict(now)


def note() -> None:
    """Says once what of the address was passed over."""
    problems = st.session_state.pop(_PROBLEMS, [])
    if not problems:
        return
    with st.container(border=True, gap="xsmall", key="address-note"):
        st.markdown("**Not all of this address could be used.** Everything else in it was taken over.")
        for problem in problems[:_MOST_SHOWN]:
            st.text(problem[:1].upper() + problem[1:])
        if len(problems) > _MOST_SHOWN:
            st.caption(f"And {texts.compact(len(problems) - _MOST_SHOWN)} more.")
