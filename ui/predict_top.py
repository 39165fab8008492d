"""The movies that a user may like best."""

import numpy as np
import pandas as pd
import streamlit as st

from ui.asking import Asked
from ui.predict_parts import Question, side_by_side
from ui.predict_store import Model

LEAST = 5  # training ratings that a movie needs to be recommended: below that the network knows too little of it


def show(question: Question) -> None:
    """Draws the view."""
    if question.user is None:
        return
    for model in side_by_side(question.models):
        _draw(model, recommendations(model, question.user))


def recommendations(model: Model, user: Asked, most: int = 10) -> pd.DataFrame:
    """The movies that this user has not rated and the network expects to be liked best."""
    dataset, facts = model.dataset, model.facts
    scores = model.predictor.predict(user.table, dataset.movies)
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


def _draw(model: Model, table: pd.DataFrame) -> None:
    st.dataframe(
        table,
        hide_index=True,
        key=f"recommendations{model.tag}",
        height="content",
        column_config={
            "Movie": st.column_config.TextColumn(width=300),
            "Genres": st.column_config.TextColumn(width=170),
            "Predicted": st.column_config.ProgressColumn(
                format="%.2f", min_value=0.0, max_value=model.dataset.rating_max, width=130
            ),
            "Everyone": st.column_config.NumberColumn(
                format="%.2f", help="Mean training rating of the movie.", width=90
            ),
        },
    )
    st.caption(f"Not rated by this user, and with at least {LEAST} training ratings.")
