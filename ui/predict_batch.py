"""Many pairs at once: a CSV file in, a CSV file with predictions out."""

import time
from collections.abc import Collection, Iterable

import pandas as pd
import streamlit as st

from dcn_core.data.dataset import Nouns
from dcn_core.errors import PredictionError
from dcn_core.insight.wording import sentence
from dcn_core.serving import batch, pair_file
from ui import insight_parts, style, texts
from ui.errors import show_problem
from ui.predict_parts import Question, side_by_side
from ui.predict_store import Model

MOST_ROWS = 3_000_000
"""Pairs of one upload; of more, the command line makes a file."""
_USUAL = {"user_id": "User", "movie_id": "Movie"}
"""Headers of ids of MovieLens; columns of a table of one's own are called as they are."""


def show(question: Question) -> None:
    """Draws the view."""
    columns = pair_file.id_columns(question.first.config.data)
    features = {
        column: feature
        for model in question.models
        for column, feature in pair_file.row_features(model.predictor.encoder, model.dataset.nouns).items()
    }
    with st.container(border=True, key="batch"):
        st.markdown(
            f"Upload a CSV file whose first line names {_read(columns.values(), features)}. Other columns are left aside. "
            "Each row gets its prediction with an interval, and a note where something of it is not known."
        )
        level = 0.8
        st.download_button(
            "Download an example",
            _example(question.first),
            "pairs.csv",
            "text/csv",
            key="batch-example",
            icon=":material/description:",
            type="tertiary",
            on_click="ignore",
        )
        uploaded = st.file_uploader("Pairs", type=["csv", "txt", "tsv"], key="batch-file", label_visibility="collapsed")
        if uploaded is None:
            style.small(
                f"More than {MOST_ROWS:,} pairs, or a script: python -m dcn_core predict --run {question.first.run.id} --pairs FILE --out FILE"
            )
            return
        try:
            pairs = pair_file.read_pairs(uploaded.getvalue(), MOST_ROWS, columns, features)
        except PredictionError as error:
            show_problem(error, "This file cannot be used")
            return
        for model in side_by_side(question.models):
            _answer(model, pairs, level)


def _read(ids: Collection[str], features: Collection[str]) -> str:
    """What of a file is read."""
    if not ids:
        return f"at least one of {_named(features)}"
    return _named(ids) + (f"; where it has them, {_named(features)} are read as well" if features else "")


def _named(columns: Iterable[str]) -> str:
    return pair_file.columns_named(f"**{texts.as_text(name)}**" for name in columns)


def _example(model: Model) -> bytes:
    """The pairs of some ratings of these data."""
    ratings = model.dataset.ratings.head(20)
    users = batch.ids_of(model.dataset.users, "user").iloc[ratings["user_row"]].tolist()
    movies = batch.ids_of(model.dataset.movies, "movie").iloc[ratings["movie_row"]].tolist()
    features = pair_file.row_features(model.predictor.encoder, model.dataset.nouns)
    given = {column: ratings[feature.name].array for column, feature in features.items()}
    frame = pd.DataFrame({"user_id": users, "movie_id": movies} | given)
    return batch.to_csv(frame, pair_file.id_columns(model.config.data))


def _answer(model: Model, pairs: pair_file.Pairs, level: float) -> None:
    began = time.perf_counter()
    counts = model.facts.user_count, model.facts.movie_count
    ids = pair_file.id_columns(model.config.data)
    nouns = Nouns() if model.likes else model.dataset.nouns
    bounds = None if model.likes or not model.same_ratings else model.intervals
    frame = batch.predict_pairs(model.predictor, model.dataset, pairs, model.scale, bounds, level, counts, nouns)
    took = time.perf_counter() - began
    noted = int((frame["note"] != "").sum())
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.download_button(
            "Download the predictions",
            batch.to_csv(frame, ids),
            "predictions.csv",
            "text/csv",
            key=f"batch-save{model.tag}",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )
        st.text(f"{len(frame):,} pairs in {took:.2f} s, mean {frame['rating'].mean():.2f}")
    if missing := batch.not_given(model.predictor, model.dataset, pairs):
        st.markdown(f"Without {_named(missing)}, which the file does not have: predicted as if unknown.")
    if noted:
        kinds = frame.loc[frame["note"] != "", "note"].value_counts().head(4)
        st.text("Noted: " + ", ".join(f"{number:,} × {note}" for note, number in kinds.items()))
    st.dataframe(
        batch.named(frame.head(100), ids),
        hide_index=True,
        key=f"batch-table{model.tag}",
        alt="First predictions of the file",
        height=320,
        column_config={
            **{own: st.column_config.TextColumn(_USUAL.get(own)) for own in ids.values()},
            "rating": st.column_config.NumberColumn(
                "Predicted", format="%.2f", help=f"{sentence(model.unit.noun if nouns.scale == 1 else nouns.rating)}."
            ),
            "low": st.column_config.NumberColumn("From", format="%.2f"),
            "high": st.column_config.NumberColumn("To", format="%.2f"),
            "note": st.column_config.TextColumn("Note", width=220),
        },
    )
    text = f"The first {min(100, len(frame))} of {len(frame):,}."
    if bounds is not None:
        text += f" In {100 * level:g} of 100 such rows the real rating lies between From and To."
    insight_parts.note(text)
