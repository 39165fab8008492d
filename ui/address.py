"""The form in the address of the page: whoever opens a copy of it gets the same form."""

import time

import streamlit as st

from dcn_core.config import address
from ui import draft, session, texts
from ui.source import forget_choice

PAGES = ("Train", "Data", "Present")
"""Pages that show the form, and whose address therefore holds it."""
_WRITTEN, _WHEN, _OWN, _TAKEN = "address-written", "address-when", "address-own", "address-taken"
_PROBLEMS = "address-problems"
_PATIENCE_S = 3.0
"""An address of our own that comes so soon after a newer one was sent before the browser knew that one."""
_MOST_OWN, _MOST_SHOWN = 200, 5


def keep_in_step(page: str) -> None:
    """Takes over settings of an address that this session did not write, then writes what the form holds now."""
    given = {name: text for name, text in st.query_params.items() if name != session.PARAM}
    known = (st.session_state.get(_WRITTEN), st.session_state.get(_TAKEN))
    if given and given not in known and not _is_late(given):
        st.session_state[_TAKEN] = given
        preset, settings, st.session_state[_PROBLEMS] = address.from_query(given)
        draft.take_over(preset, settings)
        forget_choice()
    if page in PAGES:
        _write(given)


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


def _is_late(given: dict[str, str]) -> bool:
    """Whether an address is an older one of our own that comes only because the browser had not heard of the newest yet.

    Long after that, or with no setting changed since, it is what somebody went back to.
    """
    if given not in st.session_state.get(_OWN, []):
        return False
    changed = _now() != st.session_state.get(_WRITTEN)
    return changed or time.monotonic() - st.session_state.get(_WHEN, 0.0) < _PATIENCE_S


def _now() -> dict[str, str]:
    return address.to_query(draft.values(), draft.preset())


def _write(given: dict[str, str]) -> None:
    now = _now()
    if now != st.session_state.get(_WRITTEN):
        st.session_state[_WHEN] = time.monotonic()
        st.session_state[_OWN] = [*st.session_state.get(_OWN, []), now][-_MOST_OWN:]
    st.session_state[_WRITTEN] = now
    if now != given:
        st.session_state.pop(_TAKEN, None)  # whoever goes back to it means it
        run = st.query_params.get(session.PARAM)
        st.query_params.from_dict(now if run is None else {session.PARAM: run, **now})
