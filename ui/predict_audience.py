"""Which users, and which groups of them, would like a movie."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.insight.wording import sentence
from dcn_core.pictures.audience import segments_picture
from dcn_core.serving import audience
from ui import caches, insight_parts, insight_store, predict_store, verdict
from ui.asking import Asked
from ui.predict_parts import Question, side_by_side, table
from ui.predict_store import Model

_SHOWN = 8
"""Groups at either end that are drawn."""


def show(question: Question) -> None:
    """Draws the view."""
    if question.movie is None:
        return
    with st.container(border=True, key="audience"):
        insight_parts.lead(question.movie.text)
        for model in side_by_side(question.models):
            _draw(model, question.movie)


def _draw(model: Model, movie: Asked) -> None:
    dataset = model.dataset
    scores = np.clip(model.predictor.predict(dataset.users, movie.table), *model.scale)
    st.html(verdict.answer(float(scores.mean()), model))
    spread = float(np.ptp(np.quantile(scores, [0.05, 0.95])))
    insight_parts.note(
        f"Mean prediction over all {len(scores):,} users. Nine in ten of them lie within {spread:.2f} {model.unit.amount} of each other."
    )
    frame = audience.segments(groups(model), scores)
    if len(frame):
        insight_parts.picture(segments_picture(frame, _SHOWN, f"segments{model.tag}", model.unit))
    else:
        insight_parts.note(f"No group of users has {audience.FEWEST} members.")
    _users(model, movie, scores)


def groups(model: Model) -> dict[str, tuple[np.ndarray, list[str]]]:
    """What users are grouped by: their features, how much they rate, and what they watch."""
    found = {}
    for name, index in model.subject.data.user_features.items():
        if name != "user_id" and index.ndim == 1:
            names = insight_store.categories(model.run.id, name, model.config)
            found[name] = (model.subject.network.spec(name).codes(index).astype(np.int64) - 1, names[1:])
    found["activity"] = audience.activity(model.facts.user_count)
    code, names = predict_store.taste(model)
    if names:
        found["taste"] = (code, names)
    return found


def _users(model: Model, movie: Asked, scores: np.ndarray) -> None:
    """The users who would like the movie best, those aside who have rated it."""
    ratings = model.dataset.ratings
    free = np.ones(len(scores), bool)
    if movie.row is not None:
        free[ratings["user_row"].to_numpy()[ratings["movie_row"].to_numpy() == movie.row]] = False
    rows = np.flatnonzero(free)
    best = rows[np.argsort(-scores[rows], kind="stable")[:10]]
    insight_parts.title("Who would like it best")
    if len(best) == 0:
        insight_parts.note("Everybody has rated it.")
        return
    about = "Mean of the user's training ratings"
    say, own = insight_parts.speech().prose, model.dataset.nouns
    names = caches.user_texts(model.dataset.fingerprint, model.dataset)
    frame = pd.DataFrame(
        {
            "User": [names[row] for row in best],
            "Predicted": scores[best],
            "Own mean": model.facts.user_mean[best],
            "Ratings": model.facts.user_count[best],
        }
    )
    table(
        frame,
        f"fans{model.tag}",
        "Users who would like this movie best",
        {
            "Predicted": st.column_config.ProgressColumn(
                format="%.2f", min_value=0.0, max_value=model.scale[1], help=f"{sentence(model.unit.noun)}."
            ),
            "Own mean": st.column_config.NumberColumn(format="%.2f", help=f"{say(about)}, in {own.unit}."),
            "Ratings": st.column_config.NumberColumn(help=say("Training ratings of the user.")),
        },
    )
    insight_parts.note("Users who have rated this movie are left out.")
