"""Ask a trained network: about a user and a movie, about all movies or all users, and about itself."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from ui import (
    asking,
    insight_parts,
    insight_store,
    predict_audience,
    predict_batch,
    predict_fairness,
    predict_pair,
    predict_similar,
    predict_store,
    predict_top,
    predict_whatif,
    predict_why,
    style,
)
from ui.empty import needs_finished_run
from ui.predict_parts import Question, changed_note, choose_models


class View(NamedTuple):
    """One of the page's views: its name, how it is drawn, and whether it asks for a user and for a movie."""

    name: str
    show: Callable[[Question], None]
    user: bool = True
    movie: bool = True


VIEWS = {
    "pair": View("Rating", predict_pair.show),
    "why": View("Why", predict_why.show),
    "what-if": View("What if", predict_whatif.show),
    "top": View("Best movies", predict_top.show, movie=False),
    "audience": View("Audience", predict_audience.show, user=False),
    "similar": View("Similar", predict_similar.show),
    "fairness": View("Fairness", predict_fairness.show, user=False, movie=False),
    "batch": View("Many pairs", predict_batch.show, user=False, movie=False),
}

WITHOUT_IDS = ("pair", "why", "what-if", "fairness")
"""Views of a table that has no users, or nothing that is rated."""
WITHOUT_RATINGS = ("pair", "batch")
"""Views that need not know which ratings the network learned from."""

run = needs_finished_run("You can ask it for predictions when it has finished.")
table = run.config.data.table if run.config is not None else None
has_ids = table is None or {"user_id", "movie_id"} <= set(table.features)
offered = list(VIEWS) if has_ids else list(WITHOUT_IDS)
if table is not None and "user_id" not in table.features:
    offered.remove("fairness")
if changed := not predict_store.model(run).same_ratings:
    offered = [name for name in WITHOUT_RATINGS if name in offered]
if st.session_state.get("predict-view") not in offered:
    st.session_state.pop("predict-view", None)
assert run.config is not None
words = insight_store.speech(run.id, run.config)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="predict-head"):
    chosen = st.segmented_control(
        "Question",
        offered,
        format_func=lambda name: words.prose(VIEWS[name].name),
        default="pair",
        required=True,
        key="predict-view",
        label_visibility="collapsed",
        wrap=True,
        persist_state="session",
        width="content",
    )
    models = choose_models(run)
if changed:
    changed_note(models[0])


def _show(view: str, question: Question) -> None:
    first = question.first
    with insight_parts.speaking(insight_store.speech(first.run.id, first.config)):
        VIEWS[view].show(question)


name = chosen if chosen in offered else "pair"
view, first = VIEWS[name], models[0]
if view.user or view.movie:
    question, answer = st.columns([5, 8] if len(models) == 1 else [3, 8], gap="medium")
    who = what = None
    typical = predict_store.typical(first)
    first_user, first_movie = typical or (None, None)
    with question, insight_parts.speaking(words):
        if view.user:
            with st.container(border="user_id" in first.dataset.available_features(), key="ask-user"):
                who = asking.ask_user(first.dataset, first.facts, first_user)
        if view.movie:
            with st.container(border=True, key="ask-movie"):
                what = asking.ask_movie(first.dataset, first.facts, first_movie)
        style.small(f"{first.dataset.name}, {run.name}")
        if typical and who and what and (who.row, what.row) == typical:
            insight_parts.note("From the test ratings: of the best known pairs, the one with the median error.")
    with answer:
        st.fragment(_show)(name, Question(models, who, what))
else:
    st.fragment(_show)(name, Question(models))
