"""The searches of this server and the thread that keeps them going; loads Optuna, which takes a second."""

import streamlit as st

from dcn_core.search.conductor import Conductor
from dcn_core.search.searches import Searches
from ui import caches


@st.cache_resource(show_spinner=False)
def searches() -> Searches:
    """All searches of this server."""
    return Searches(caches.store().root)


@st.cache_resource(show_spinner=False, on_release=Conductor.close)
def conductor() -> Conductor:
    """The one thread of this server that moves searches on."""
    made = Conductor(searches(), caches.supervisor(), caches.store())
    made.start()
    return made


@st.cache_data(show_spinner=False, max_entries=16)
def importances(name: str, done: tuple[tuple[int, float | None, str | None], ...]) -> dict[str, float]:
    """What the settings of a search decide, computed once for what has finished.

    Args:
        name: Of the search. One that was forgotten may have had the same.
        done: Number, value and run of each finished trial.
    """
    return searches().importances(name)
