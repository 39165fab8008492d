"""One rating on its way through the network."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.labels import labels
from dcn_core.errors import PlaygroundError
from dcn_core.insight.network import network_class
from dcn_core.insight.path import Path, example_row, pair_indices, path
from dcn_core.insight.wording import listed
from dcn_core.pictures import path as pictures
from dcn_core.pictures.spoken import spoken_table
from dcn_core.runs.store import RunSummary
from ui import caches, insight_parts, insight_store, search
from ui.errors import show_problem
from ui.knowledge import PARTS, Knowledge, known_rating
from ui.texts import as_text

_NUMBER, _PAIR = "path-number", "path-pair"
"""Session keys: how often another rating was asked for, and the user and movie that were chosen."""


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    with st.container(border=True, key="path"):
        try:
            dataset, facts = caches.ratings_of(run.id, config.data), caches.knowledge(config.data)
        except PlaygroundError as error:
            show_problem(error, "The data of this run cannot be read")
            return
        finding = st.container()
        asked = pick(run, config, dataset, facts)
        row = asked.row
        actual = (
            None
            if row is None
            else float(labels(replace(dataset, ratings=dataset.ratings.iloc[[row]]), config.data)[0])
        )
        found = follow(run.id, config, dataset, asked)
        with finding:
            insight_parts.lead(found.sentence(actual), raw=True)
        part = "" if row is None or facts.part[row] < 0 else f"a {PARTS[facts.part[row]]} rating"
        st.text("  ·  ".join(filter(None, (words(dataset, asked), insight_parts.speech().prose(part)))))
        drawing = pictures.drawing(found, config.model, actual, insight_parts.speech())
        st.html(drawing)
        speech = insight_parts.speech()
        insight_parts.below(
            "path", speech.prose(pictures.ABOUT, raw=True), spoken_table(pictures.numbers(found), speech), drawing
        )
    with st.container(border=True, key="path-steps-card"):
        insight_parts.picture(pictures.steps(found, actual))


class Pair(NamedTuple):
    """Whose rating of what is followed.

    Attributes:
        user: Row of `Dataset.users`.
        movie: Row of `Dataset.movies`.
        row: Row of `Dataset.ratings`, None if the user has not rated the movie.
    """

    user: int
    movie: int
    row: int | None


def words(dataset: Dataset, asked: Pair) -> str:
    """The movie and the user of a rating; of a table without them, which of its rows it is."""
    if not dataset.sides:
        return f"Row {(asked.row or 0) + 1:,} of {dataset.num_ratings:,}"
    movie, user = dataset.movies["title"].iloc[asked.movie], caches.user_texts(dataset.fingerprint, dataset)[asked.user]
    return "  ·  ".join(text for side, text in (("movie", movie), ("user", user)) if side in dataset.sides)


def pick(run: RunSummary, config: RunConfig, dataset: Dataset, facts: Knowledge) -> Pair:
    """Draws the buttons that choose a rating, and returns it. Every page shows the chosen one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            insight_parts.speech().prose("Another rating"),
            key="path-another",
            icon=":material/shuffle:",
            on_click=_another,
        )
        if dataset.sides:
            with st.popover(
                insight_parts.speech().prose(f"Choose {listed([f'a {side}' for side in dataset.sides])}"),
                key="path-choose",
                on_change="rerun",
            ) as choice:
                if choice.open:
                    _choose(run.id, dataset, facts)
    return _pair(run.id, config, dataset)


def follow(run_id: str, config: RunConfig, dataset: Dataset, asked: Pair) -> Path:
    """The path of a pair."""
    encoder = insight_store.encoder(run_id)
    names = {name: insight_store.categories(run_id, name, config) for name in insight_store.feature_names(run_id)}
    network = network_class(config.data.target)(config.model, encoder.specs, caches.weights(run_id))
    return path(network, pair_indices(encoder, dataset, *asked), names)


def _another() -> None:
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1
    st.session_state.pop(_PAIR, None)


def _pair(run_id: str, config: RunConfig, dataset: Dataset) -> Pair:
    """The chosen user and movie of this run's ratings, else a validation rating."""
    chosen = st.session_state.get(_PAIR)
    if chosen is not None and chosen[0] == run_id:
        user, movie = int(chosen[1]), int(chosen[2])
        return Pair(user, movie, known_rating(dataset, user, movie))
    row = example_row(caches.split(config.data).validation, st.session_state.get(_NUMBER, 0))
    return Pair(int(dataset.rows("user")[row]), int(dataset.rows("movie")[row]), row)


def _choose(run_id: str, dataset: Dataset, facts: Knowledge) -> None:
    texts = caches.user_texts(dataset.fingerprint, dataset)
    titles = dataset.movies["title"].astype(str).tolist()
    with st.container(width=360, gap="small"):
        user: int | None = 0
        movie: int | None = 0  # of a table without users or items, all rows are of the only one
        if "user" in dataset.sides:
            hint = search.hint(dataset, "Number, job, age, …")
            user = _found("user", texts, [text.lower() for text in texts], facts.user_count, hint)
        if "movie" in dataset.sides:
            hint = search.hint(dataset, "Part of a title")
            movie = _found("movie", titles, caches.titles(dataset.fingerprint, dataset), facts.movie_count, hint)
        missing = user is None or movie is None
        if st.button("Show its path", key="path-show", type="primary", disabled=missing) and not missing:
            st.session_state[_PAIR] = (run_id, user, movie)


def _found(noun: str, shown: list[str], texts: list[str], weight: np.ndarray, hint: str) -> int | None:
    """The row of a user or a movie that was searched."""
    label = as_text(insight_parts.speech().prose(noun.capitalize()))
    query = st.text_input(label, key=f"path-{noun}-query", type="search", live="300ms", placeholder=hint)
    rows = search.find(texts, (query or "")[:200], weight)
    if not rows:
        insight_parts.note(f"No {noun} like that.")
        return None
    return st.selectbox(
        f"Found, {noun}",
        rows,
        format_func=lambda row: shown[row],
        key=f"path-{noun}-{'|'.join(map(str, rows[:3]))}",
        label_visibility="collapsed",
        filter_mode=None,
    )
