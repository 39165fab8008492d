"""Ask a trained network what a user would give a movie."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.data.dataset import Dataset
from dcn_core.serving.predictor import Predictor
from ui import asking, caches, style, verdict
from ui.empty import needs_finished_run
from ui.knowledge import Knowledge

LEAST = 5  # training ratings that a movie needs to be recommended: below that the network knows too little of it


def recommendations(
    predictor: Predictor, dataset: Dataset, facts: Knowledge, user: asking.Asked, most: int = 10
) -> pd.DataFrame:
    """The movies that this user has not rated and the network expects to be liked best."""
    scores = predictor.predict(user.table, dataset.movies)
    allowed = facts.movie_count >= LEAST
    if user.row is not None:
        ratings = dataset.ratings
        allowed[ratings["movie_row"].to_numpy()[ratings["user_row"].to_numpy() == user.row]] = False
    rows = np.flatnonzero(allowed)
    best = rows[np.argsort(-scores[rows], kind="stable")[:most]]
    return pd.DataFrame(
        {
            "Movie": dataset.movies["title"].iloc[best].to_numpy(),
            "Genres": dataset.movies["genres"].iloc[best].str.replace("|", ", ").to_numpy(),
            "Predicted": np.clip(scores[best], dataset.rating_min, dataset.rating_max),
            "Everyone": facts.movie_mean[best],
        }
    )


def show_recommendations(table: pd.DataFrame, dataset: Dataset) -> None:
    """Draws the recommendations."""
    st.markdown("#### What this user may like", anchors=False)
    st.dataframe(
        table,
        hide_index=True,
        key="recommendations",
        height="content",
        column_config={
            "Movie": st.column_config.TextColumn(width=300),
            "Genres": st.column_config.TextColumn(width=170),
            "Predicted": st.column_config.ProgressColumn(
                format="%.2f", min_value=0.0, max_value=dataset.rating_max, width=130
            ),
            "Everyone": st.column_config.NumberColumn(
                format="%.2f", help="Mean training rating of the movie.", width=90
            ),
        },
    )
    st.caption(f"Not rated by this user, and with at least {LEAST} training ratings.")


run = needs_finished_run("You can ask it for ratings when it has finished.")
assert run.config is not None
data = caches.dataset(run.config.data)
knows = caches.knowledge(run.config.data)
network = caches.predictor(run.id)
question, answer = st.columns([5, 8], gap="medium")
with question:
    with st.container(border=True, key="ask-user"):
        who = asking.ask_user(data, knows)
    with st.container(border=True, key="ask-movie"):
        what = asking.ask_movie(data, knows)
    style.small(f"{data.name}, {run.name}")
with answer:
    if who is not None and what is not None:
        with st.container(border=True, key="answer"):
            verdict.show(float(network.predict(who.table, what.table)[0]), data, knows, who, what)
    if who is not None:
        with st.container(key="liked", gap="small"):
            show_recommendations(recommendations(network, data, knows, who), data)
