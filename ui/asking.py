"""Choosing the user and the movie of a question: found in the data, or made up."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.data.categories import category_name
from dcn_core.data.column import Column
from dcn_core.data.dataset import Dataset
from dcn_core.data.feature import parts
from dcn_core.insight.wording import sentence
from dcn_core.serving.predictor import NO_ID
from ui import caches, insight_parts, predict_store, search, texts
from ui.knowledge import Knowledge

MOST = 200
"""Values of a column that are offered, the commonest."""


@dataclass(frozen=True)
class Asked:
    """A user or a movie of a question.

    Attributes:
        table: One row with the columns of `Dataset.users` or `Dataset.movies`.
        row: Row number in that table, None for a made-up one.
        text: How it is shown. Plain text.
        context: One row of what belongs to neither user nor movie, in a table that has such columns.
    """

    table: pd.DataFrame
    row: int | None
    text: str
    context: pd.DataFrame | None = None


def ask_user(dataset: Dataset, facts: Knowledge, first: int | None = None) -> Asked | None:
    """Draws the choice of a user; `first` is chosen to begin with."""
    if "user_id" not in dataset.available_features():
        return Asked(dataset.users.iloc[[0]], 0, "")
    st.markdown("## Who", anchors=False)
    if _made_up("user", "In the data", "Someone new"):
        return _new_user(dataset)
    names = caches.user_texts(dataset.fingerprint, dataset)
    hint = search.hint(dataset, "Number, job, age, …")
    row = _found("user", names, [name.lower() for name in names], facts.user_count, hint, first)
    return None if row is None else Asked(dataset.users.iloc[[row]], row, names[row])


def ask_movie(dataset: Dataset, facts: Knowledge, first: int | None = None) -> Asked | None:
    """Draws the choice of a movie, `first` to begin with, and of what belongs to neither user nor movie."""
    if "movie_id" not in dataset.available_features():
        return with_context(dataset, Asked(dataset.movies.iloc[[0]], 0, sentence(dataset.nouns.rating)))
    movie = _ask_movie(dataset, facts, first)
    return None if movie is None else with_context(dataset, movie)


def with_context(dataset: Dataset, movie: Asked) -> Asked:
    """Asks for the features that belong to neither user nor movie, where a table has some."""
    columns = [column for column in dataset.columns() if column.level == "rating"]
    if not columns:
        return movie
    alone = not {"user_id", "movie_id"} & set(dataset.available_features())
    st.markdown("## What is known" if alone else "### What else is known", anchors=False)
    values = {column.name: _value(column, dataset.ratings[column.name]) for column in columns}
    return replace(movie, context=pd.DataFrame([values]))


def _ask_movie(dataset: Dataset, facts: Knowledge, first: int | None) -> Asked | None:
    st.markdown(f"## Which {texts.as_text(dataset.nouns.movie)}", anchors=False)
    if _made_up("movie", "In the data", f"A new {dataset.nouns.movie}"):
        return _new_movie(dataset)
    titles = dataset.movies["title"]
    row = _found(
        "movie",
        titles,
        predict_store.movie_texts(dataset.fingerprint, dataset),
        facts.movie_count,
        search.hint(dataset, "Part of a title, year or genre"),
        first,
    )
    return None if row is None else Asked(dataset.movies.iloc[[row]], row, str(titles.iloc[row]))


def _made_up(noun: str, found: str, new: str) -> bool:
    choice = st.segmented_control(
        insight_parts.say(f"Kind of {noun}"),
        [found, new],
        default=found,
        required=True,
        key=f"{noun}-kind",
        persist_state="session",
        label_visibility="collapsed",
        width="stretch",
    )
    return bool(choice == new)


def _found(
    noun: str, shown: "pd.Series | list[str]", searched: list[str], weight: np.ndarray, hint: str, first: int | None
) -> int | None:
    query = st.text_input(
        insight_parts.say(f"Search a {noun}"),
        key=f"{noun}-query",
        persist_state="session",
        type="search",
        live="300ms",
        placeholder=hint,
        label_visibility="collapsed",
    )
    rows = search.find(searched, (query or "")[:200], weight)
    if not rows:
        insight_parts.note(f"No {noun} like that.")
        return None
    key = f"{noun}-row-{'|'.join(map(str, rows[:3]))}"
    if first in rows and not query:
        st.session_state.setdefault(key, first)
    names = dict(zip(rows, [str(shown[row]) for row in rows], strict=True))
    return st.selectbox(
        insight_parts.say(noun.capitalize()),
        rows,
        format_func=lambda row: names.get(row, str(row)),
        key=key,
        label_visibility="collapsed",
        filter_mode=None,
    )


def _new_user(dataset: Dataset) -> Asked:
    values: dict[str, object] = {"user_id": NO_ID}
    for column in dataset.columns():
        if column.level == "user" and column.name != "user_id":
            values[column.name] = _value(column, dataset.users[column.name])
    if len(values) == 1:
        insight_parts.note(
            "Nothing is known about users in these ratings but their own, so the network can only answer for people in general."
        )
    return Asked(_row(dataset.users, values), None, "Someone new")


def _new_movie(dataset: Dataset) -> Asked:
    text = f"A new {dataset.nouns.movie}"
    values: dict[str, object] = {"movie_id": NO_ID, "title": text}
    for column in dataset.columns():
        if column.level == "movie" and column.name != "movie_id":
            values[column.name] = _value(column, dataset.movies[column.name])
    return Asked(_row(dataset.movies, values), None, text)


def _row(table: pd.DataFrame, values: dict[str, object]) -> pd.DataFrame:
    """One row with the columns of a table; what was not given is missing."""
    row = pd.DataFrame([{name: values.get(name) for name in table.columns} | values])
    kinds = {name: table[name].dtype for name in table.columns if isinstance(table[name].dtype, pd.Int16Dtype)}
    return row.astype(kinds)


def _value(column: Column, known: pd.Series) -> object:
    """Draws the choice of one value of a column, of those that the data have."""
    title, key = insight_parts.feature(column.name), f"new-{column.name}"
    if column.kind == "list":
        every = known.dropna().astype(str).map(lambda text: parts(text, column.separator)).explode()
        options = sorted(every.value_counts().index[:MOST])
        chosen = st.multiselect(title, options, default=options[:1], key=key, max_selections=6)
        return column.separator.join(chosen)
    present = known.dropna()
    if column.kind == "number" or (column.name == "year" and len(present)):
        return _number(column, title, present, key)
    options = sorted(present.value_counts().index[:MOST].tolist())
    if not options:
        return None
    return st.selectbox(
        title, options, len(options) // 2, format_func=lambda value: category_name(column.name, value), key=key
    )


def _number(column: Column, title: str, present: pd.Series, key: str) -> object:
    if column.name == "year":
        low, high = int(present.min()), int(present.max())
        return st.slider(title, low, high, high, key=key) if low < high else low
    numbers = pd.to_numeric(present, errors="coerce").dropna()
    return st.number_input(title, value=float(numbers.median()) if len(numbers) else 0.0, format="%g", key=key)
