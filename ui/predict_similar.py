"""Users and movies that are alike to the network: by their embeddings, and by what it predicts for them."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.insight.wording import listed
from dcn_core.serving import likeness
from ui import caches, insight_parts, predict_store
from ui.asking import Asked
from ui.predict_parts import Question, side_by_side, table
from ui.predict_store import Model

_SIDES = {"movie": "Movies", "user": "Users"}
_LEAST = 5
"""Training ratings of a neighbour: embeddings of those with fewer have hardly moved from where they began."""
_MOST = 10


def show(question: Question) -> None:
    """Draws the view."""
    with st.container(border=True, key="similar"):
        sides = [side for side in _SIDES if getattr(question, side) is not None]
        if not sides:
            return
        say = insight_parts.speech().prose
        side = insight_parts.choose("Alike to", sides, "similar-side", named=lambda name: say(f"the {name}"))
        asked: Asked = getattr(question, side)
        for model in side_by_side(question.models):
            _draw(model, side, asked)


def _draw(model: Model, side: str, asked: Asked) -> None:
    table, counts = (
        (model.movie_vectors, model.facts.movie_count)
        if side == "movie"
        else (model.user_vectors, model.facts.user_count)
    )
    encode = model.predictor.encoder.encode_movies if side == "movie" else model.predictor.encoder.encode_users
    features = encode(asked.table)
    enough = counts >= _LEAST
    found: list[tuple[str, str, np.ndarray, np.ndarray]] = []
    if table.shape[1]:
        own = likeness.vectors(model.subject.network, features)[0]
        alike = np.where(enough, likeness.cosine(table, own), -np.inf)
        found.append(("By embedding", "Cosine", likeness.nearest(alike, _MOST, asked.row), alike))
    else:
        insight_parts.note(f"This network looks at nothing of a {side}, so all of them are the same to it.")
        return
    data = model.subject.data
    sees_others = bool(data.user_features if side == "movie" else data.movie_features)
    if sees_others:
        rows, answers, panel = predict_store.answers(model, side)
        mine = likeness.responses(model.predictor.score, features, panel)[0]
        answer = np.full(len(table), -np.inf)
        answer[rows] = likeness.correlation(answers, mine)
        answer[~enough] = -np.inf
        found.append(("By prediction", "Correlation", likeness.nearest(answer, _MOST, asked.row), answer))
    names = _names(model, side)
    both = len(set(found[0][2].tolist()) & set(found[1][2].tolist())) if sees_others else None
    insight_parts.lead(_sentence(asked.text, [names[row] for row in found[0][2][:3]], both))
    for title, measure, nearest, value in found:
        insight_parts.title(title)
        _table(model, side, nearest, value[nearest], measure, names)
    other = "users" if side == "movie" else "movies"
    text = f"By embedding: all that the network looks up of a {side}, its features included."
    if sees_others:
        text += f" By prediction: what it predicts for {likeness.PANEL} {other}, beyond what all {_SIDES[side].lower()} get."
    insight_parts.note(f"{text} With at least {_LEAST} training ratings.")


def _sentence(text: str, nearest: list[str], both: int | None) -> str:
    if not nearest:
        return f"Nothing is known well enough to be compared with {text}."
    found = f"By all that the network looks up of it, {text} is closest to {listed(nearest)}."
    return found if both is None else f"{found} {both} of {_MOST} are also among the nearest by prediction."


def _names(model: Model, side: str) -> list[str]:
    data = model.dataset
    return data.movies["title"].astype(str).tolist() if side == "movie" else caches.user_texts(data.fingerprint, data)


def _table(model: Model, side: str, rows: np.ndarray, value: np.ndarray, measure: str, names: list[str]) -> None:
    facts = model.facts
    counts, means = (facts.movie_count, facts.movie_mean) if side == "movie" else (facts.user_count, facts.user_mean)
    frame = pd.DataFrame({side.capitalize(): [names[row] for row in rows], measure: value})
    frame["Mean"] = means[rows]
    frame["Ratings"] = counts[rows]
    if side == "movie" and "genres" in model.dataset.movies:
        frame["Genres"] = model.dataset.movies["genres"].iloc[rows].str.replace("|", ", ").to_numpy()
    say = insight_parts.speech().prose
    table(
        frame,
        f"similar-{measure}{model.tag}",
        f"Most similar {side}s",
        {
            measure: st.column_config.NumberColumn(format="%.3f", help="1: the same; 0: unrelated; −1: opposite."),
            "Mean": st.column_config.NumberColumn(
                format="%.2f", help=f"{say('Mean training rating')}, in {model.dataset.nouns.unit}."
            ),
            "Ratings": st.column_config.NumberColumn(help=say("Training ratings.")),
        },
    )
