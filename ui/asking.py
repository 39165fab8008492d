"""Choosing the user and the movie of a question: found in the data, or made up."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.data.categories import AGE_NAMES, GENDER_NAMES, GENRES, OCCUPATIONS
from dcn_core.data.dataset import Dataset
from dcn_core.serving.predictor import NO_ID
from ui import caches, predict_store, search
from ui.knowledge import Knowledge


@dataclass(frozen=True)
class Asked:
    """A user or a movie of a question.

    Attributes:
        table: One row with the columns of `Dataset.users` or `Dataset.movies`.
        row: Row number in that table, None for a made-up one.
        text: How it is shown. Plain text.
    """

    table: pd.DataFrame
    row: int | None
    text: str


def ask_user(dataset: Dataset, facts: Knowledge) -> Asked | None:
    """Draws the choice of a user."""
    st.markdown("#### Who", anchors=False)
    if _made_up("user", "In the data", "Someone new"):
        return _new_user(dataset)
    texts = caches.user_texts(dataset.fingerprint, dataset)
    row = _found("user", texts, [text.lower() for text in texts], facts.user_count, "Number, job, age, …")
    return None if row is None else Asked(dataset.users.iloc[[row]], row, texts[row])


def ask_movie(dataset: Dataset, facts: Knowledge) -> Asked | None:
    """Draws the choice of a movie."""
    st.markdown("#### Which movie", anchors=False)
    if _made_up("movie", "In the data", "A new movie"):
        return _new_movie(dataset)
    titles = dataset.movies["title"]
    row = _found(
        "movie",
        titles,
        predict_store.movie_texts(dataset.fingerprint, dataset),
        facts.movie_count,
        "Part of a title, year or genre",
    )
    return None if row is None else Asked(dataset.movies.iloc[[row]], row, str(titles.iloc[row]))


def _made_up(noun: str, found: str, new: str) -> bool:
    choice = st.segmented_control(
        f"Kind of {noun}",
        [found, new],
        default=found,
        required=True,
        key=f"{noun}-kind",
        persist_state="session",
        label_visibility="collapsed",
        width="stretch",
    )
    return bool(choice == new)


def _found(noun: str, shown: "pd.Series | list[str]", texts: list[str], weight: np.ndarray, hint: str) -> int | None:
    query = st.text_input(
        f"Search a {noun}",
        key=f"{noun}-query",
        persist_state="session",
        type="search",
        live="300ms",
        placeholder=hint,
        label_visibility="collapsed",
    )
    rows = search.find(texts, (query or "")[:200], weight)
    if not rows:
        st.caption(f"No {noun} like that.")
        return None
    names = dict(zip(rows, [str(shown[row]) for row in rows], strict=True))
    return st.selectbox(
        f"{noun.capitalize()}",
        rows,
        format_func=lambda row: names.get(row, str(row)),
        key=f"{noun}-row-{'|'.join(map(str, rows[:3]))}",
        label_visibility="collapsed",
        filter_mode=None,
    )


def _new_user(dataset: Dataset) -> Asked:
    values: dict[str, object] = {"user_id": NO_ID}
    if "gender" in dataset.users:
        values["gender"] = st.selectbox(
            "Gender", list(GENDER_NAMES), format_func=lambda code: GENDER_NAMES[code], key="new-gender"
        )
    if "age" in dataset.users:
        values["age"] = st.selectbox(
            "Age", list(AGE_NAMES), format_func=lambda code: AGE_NAMES[code], index=2, key="new-age"
        )
    if "occupation" in dataset.users:
        values["occupation"] = st.selectbox("Occupation", OCCUPATIONS, index=12, key="new-occupation")
    if len(values) == 1:
        st.caption(
            "Nothing is known about users in these ratings but their own, so the network can only answer for people in general."
        )
    return Asked(pd.DataFrame([values]), None, "Someone new")


def _new_movie(dataset: Dataset) -> Asked:
    known = sorted({genre for genres in dataset.movies["genres"].unique() for genre in genres.split("|") if genre})
    genres = st.multiselect("Genres", known or GENRES, default=known[:1], key="new-genres", max_selections=6)
    years = dataset.movies["year"].dropna() if "year" in dataset.movies else pd.Series(dtype="Int16")
    year = None
    if len(years):
        low, high = int(years.min()), int(years.max())
        year = st.slider("Release year", low, high, high, key="new-year") if low < high else low
    row = {"movie_id": NO_ID, "title": "A new movie", "year": year, "genres": "|".join(genres)}
    table = pd.DataFrame([row]).astype({"year": "Int16"})
    return Asked(table, None, "A new movie")
