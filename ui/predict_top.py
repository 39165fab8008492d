"""The movies that a user may like best, filtered, as different from each other as is wished, with reasons."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.insight import why
from dcn_core.insight.wording import sentence, signed
from dcn_core.serving.likeness import cosine
from dcn_core.serving.recommend import Wish, allowed, likeness_within, rank
from ui import insight_parts, predict_store
from ui.asking import Asked
from ui.predict_parts import Question, encoded, side_by_side, table
from ui.predict_store import Model

_BACKGROUND = 48
"""Validation ratings that reasons are measured against: only the largest term of each movie is named."""
_ALIKE = 0.3
"""Least cosine of a movie that is named as the one a recommendation is like."""
_LIKED = 0.75
"""Share of the scale from which on a rating counts as liking: 4 of 5 stars."""


def show(question: Question) -> None:
    """Draws the view."""
    if question.user is None:
        return
    with st.container(border=True, key="top"):
        st.text(question.user.text)
        wish = _ask(question.first)
        for model in side_by_side(question.models):
            _draw(model, question.user, wish)


def _ask(model: Model) -> Wish:
    movies, say = model.dataset.movies, insight_parts.speech().prose
    genres: list[str] = []
    years = None
    with st.grid(4, min_column_width=140, gap="small", key="wish"):
        known = predict_store.genres(model.dataset.fingerprint, model.dataset)
        if known:
            genres = st.multiselect("Genres", known, key="wish-genres", placeholder="Any genre")
        released = movies["year"].dropna() if "year" in movies else pd.Series(dtype="Int16")
        if len(released) and released.min() < released.max():
            low, high = int(released.min()), int(released.max())
            chosen = st.slider("Release year", low, high, (low, high), key=f"wish-years-{low}-{high}")
            years = None if chosen == (low, high) else (int(chosen[0]), int(chosen[1]))
        least = st.select_slider(
            say("Ratings, at least"),
            [0, 1, 5, 10, 30, 100, 300, 1000],
            value=5,
            key="wish-least",
            help=say("Training ratings that a movie must have. The network knows too little of movies with few."),
        )
        diversity = st.slider(
            "Diversity",
            0,
            100,
            20,
            10,
            format="%d %%",
            key="wish-diversity",
            help=say(
                "At 0 the highest predictions come first; above that, movies that are unlike those already in the list."
            ),
        )
    return Wish(tuple(genres), years, int(least), 10, diversity / 100)


def _draw(model: Model, user: Asked, wish: Wish) -> None:
    dataset, facts = model.dataset, model.facts
    scores = model.predictor.predict(user.table, dataset.movies)
    seen = _rated(model, user)
    rows = rank(scores, allowed(dataset.movies, facts.movie_count, wish, seen), model.movie_vectors, wish)
    if len(rows) == 0:
        insight_parts.note("No movie fits these filters that this user has not rated.")
        return
    frame = pd.DataFrame({"Movie": dataset.movies["title"].iloc[rows].to_numpy()})
    frame["Predicted"] = np.clip(scores[rows], *model.scale)
    frame["Everyone"] = facts.movie_mean[rows]
    frame["Because of"] = [insight_parts.speech().sentence(text) for text in reasons(model, user, rows)]
    alike = like_those_liked(model, user, rows)
    if any(alike):
        frame["Like"] = alike
    if "genres" in dataset.movies:
        frame["Genres"] = dataset.movies["genres"].iloc[rows].str.replace("|", ", ").to_numpy()
    say = insight_parts.speech().prose
    table(
        frame,
        f"recommendations{model.tag}",
        "Movies that this user would like best",
        {
            "Predicted": st.column_config.ProgressColumn(
                format="%.2f",
                min_value=0.0,
                max_value=model.scale[1],
                width=110,
                help=f"{sentence(model.unit.noun)}.",
            ),
            "Everyone": st.column_config.NumberColumn(
                format="%.2f",
                help=f"{say('Mean training rating of the movie')}, in {dataset.nouns.unit}.",
                width=80,
            ),
            "Because of": st.column_config.TextColumn(
                help=say("What lifts this prediction most over the average one, in stars. See the view Why.")
            ),
            "Like": st.column_config.TextColumn(
                help=say("The movie that this user liked whose embedding is most like this one's.")
            ),
        },
    )
    within = likeness_within(model.movie_vectors, rows)
    alike_text = (
        f" Two of this list are alike by {within:.2f} on average (1: the same, 0: unrelated)."
        if within == within
        else ""
    )
    insight_parts.note(f"{len(seen):,} rated movies are left out, of {len(dataset.movies):,}.{alike_text}")


def _rated(model: Model, user: Asked) -> np.ndarray:
    if user.row is None:
        return np.empty(0, np.int64)
    ratings = model.dataset.ratings
    return np.unique(ratings["movie_row"].to_numpy()[ratings["user_row"].to_numpy() == user.row])


def reasons(model: Model, user: Asked, rows: np.ndarray) -> list[str]:
    """The feature or pair that lifts each movie's prediction most over the average one."""
    others = predict_store.background(model, _BACKGROUND)
    found = []
    for row in rows:
        movie = Asked(model.dataset.movies.iloc[[int(row)]], int(row), "")
        terms = why.by_features(model.predictor.score, encoded(model, user, movie), others).terms
        top = terms.loc[terms["stars"].idxmax()]
        found.append(f"{top['name']} {signed(top['stars'], 2)}" if top["stars"] > 0.005 else "nothing lifts it")
    return found


def like_those_liked(model: Model, user: Asked, rows: np.ndarray) -> list[str]:
    """For each movie the one most like it among those that the user liked in training; empty where there is none."""
    if user.row is None:
        return [""] * len(rows)
    dataset = model.dataset
    ratings, low = dataset.ratings, dataset.rating_min
    liked = low + _LIKED * (dataset.rating_max - low)
    mine = np.flatnonzero(
        (ratings["user_row"].to_numpy() == user.row)
        & (model.facts.part == 0)
        & (ratings["rating"].to_numpy() >= liked - 1e-6)
    )
    movies, stars = ratings["movie_row"].to_numpy()[mine], ratings["rating"].to_numpy()[mine]
    if len(mine) == 0:
        return [""] * len(rows)
    found = []
    for row in rows:
        alike = cosine(model.movie_vectors, model.movie_vectors[row])[movies]
        best = int(np.argmax(alike))
        given = dataset.nouns.of_source(float(stars[best]))
        named = f"{dataset.movies['title'].iloc[movies[best]]}, rated {given:.6g}"
        found.append(named if alike[best] >= _ALIKE else "")
    return found
