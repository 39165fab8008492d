"""The report of the shown run as pages read it: kept in memory, computed in the background where it is missing."""

import contextlib
from pathlib import Path

import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.encoder import Encoder
from dcn_core.errors import PlaygroundError, RunError
from dcn_core.insight.naming import category_names
from dcn_core.insight.report import Section
from dcn_core.insight.speech import Speech
from dcn_core.study import Report, forget_problems, read_report
from ui import caches, insight_parts
from ui.errors import show_problem
from ui.insight_jobs import Studies

_EVERY = 1.0
_WAITING = {
    "crosses": "Measuring how each pair of features moves the rating.",
    "knockouts": "Taking the network apart, piece by piece, and measuring the error.",
    "ranks": "Trying how few dimensions the cross layers need.",
    "gates": "Reading the gates of each rating.",
    "depth": "Adding up what layers and heads contribute.",
    "categories": "Trying every combination of categories.",
    "errors": "Sorting the errors.",
    "film": "Measuring the network as it was after each epoch.",
    "ladder": "Fitting simple predictors on the same ratings.",
    "maps": "Laying out the embeddings so that neighbours stay together.",
}


@st.cache_resource(show_spinner=False, on_release=Studies.close)
def studies() -> Studies:
    """The one place of this server that starts studies."""
    return Studies(caches.store())


def report(run_id: str) -> Report:
    """What is known of a run by now."""
    path = caches.store().open(run_id).path / "insight.json"
    return _report(run_id, str(path.parent), path.stat().st_mtime_ns if path.exists() else 0)


@st.cache_resource(show_spinner=False, max_entries=12)
def _report(run_id: str, folder: str, changed: int) -> Report:
    return read_report(caches.store().open(Path(folder).name))


@st.cache_resource(show_spinner=False, max_entries=12)
def encoder(run_id: str) -> Encoder:
    """The categories of a run's features."""
    return caches.store().open(run_id).encoder()


def begin(run_id: str) -> None:
    """Has the missing sections computed, whichever is looked at first."""
    if report(run_id).missing:
        studies().ensure(run_id)


def section(run_id: str, name: str) -> Section | None:
    """Returns a section; where it is not there yet, says so calmly, and draws the page anew when it is."""
    found = report(run_id)
    if name in found.sections:
        return found.sections[name]
    if name in found.problems:
        _problem(run_id, name, found.problems[name])
    elif studies().ensure(run_id):
        st.fragment(_waiting, run_every=_EVERY)(run_id, name, insight_parts.say(_WAITING[name]))
    else:
        _problem(run_id, name, "its process ended early; the run's log may say why")
    return None


def _waiting(run_id: str, name: str, words: str) -> None:
    try:
        found = report(run_id)
    except RunError:
        st.rerun()  # it was deleted meanwhile, in another window perhaps: the page shows another one
    if name in found.sections or name in found.problems or not studies().ensure(run_id):
        st.rerun()
    with st.container(key=f"waiting-{name}", gap="small"):
        st.caption(f"{words} This takes some seconds and appears by itself.")
        st.skeleton(height=260)


def _problem(run_id: str, name: str, text: str) -> None:
    show_problem(RunError(text), "This part could not be computed")
    st.button("Try again", key=f"again-{name}", on_click=_again, args=(run_id,), icon=":material/refresh:")


def _again(run_id: str) -> None:
    forget_problems(caches.store().open(run_id))
    studies().again(run_id)


@st.cache_resource(show_spinner=False, max_entries=24)
def categories(run_id: str, feature: str, _config: RunConfig) -> list[str]:
    """Readable names of a feature's categories, index-aligned; movies by title, as far as the ratings can be read."""
    needed = feature == "movie_id" or _config.data.table is not None
    return category_names(encoder(run_id), feature, _readable(_config) if needed else None)


def nouns_of(config: RunConfig) -> Nouns:
    """The words of a run's table, as far as that can be read; other sources have the usual ones."""
    dataset = _readable(config) if config.data.table is not None else None
    return Nouns() if dataset is None else dataset.nouns


def _readable(config: RunConfig) -> Dataset | None:
    with contextlib.suppress(PlaygroundError):
        return caches.dataset(config.data)
    return None


@st.cache_resource(show_spinner=False, max_entries=24)
def speech(run_id: str, _config: RunConfig) -> Speech:
    """The words of a run: those of its table, as far as that can be read."""
    nouns = nouns_of(_config)
    names = (name for feature in feature_names(run_id) for name in categories(run_id, feature, _config))
    return Speech.of(nouns, _config.data.target, names if nouns != Nouns() else ())


def feature_names(run_id: str) -> list[str]:
    """The network's features, in the order of every matrix's axes."""
    return [str(spec.name) for spec in encoder(run_id).specs]


def embedded(run_id: str) -> list[str]:
    """The features that have a table of embeddings: all but numbers, which have one vector each."""
    return [str(spec.name) for spec in encoder(run_id).specs if not spec.is_number]


def table(found: Section, name: str) -> pd.DataFrame:
    """A table of a section, empty if the network has no such thing."""
    return found.tables.get(name, pd.DataFrame())
