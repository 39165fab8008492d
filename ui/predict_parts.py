"""What the views of the predict page share: the question, and one or two models side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.errors import PredictionError
from dcn_core.pictures.spoken import spoken_table
from dcn_core.runs.store import RunSummary
from ui import frame, insight_parts, predict_store, style
from ui.asking import Asked
from ui.predict_store import Model

_SECOND = "predict-second"


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked, and who is asked.

    Attributes:
        models: The shown run, and perhaps one beside it.
        user: None where none was found, or where the view does not ask for one.
        movie: Likewise.
    """

    models: tuple[Model, ...]
    user: Asked | None = None
    movie: Asked | None = None

    @property
    def first(self) -> Model:
        """The shown run."""
        return self.models[0]


def encoded(model: Model, user: Asked, movie: Asked) -> dict[str, np.ndarray]:
    """A model's inputs for one user and one movie, `(1,)` or `(1, slots)` by feature."""
    return model.predictor.encoder.encode_pairs(user.table, movie.table, movie.context)


def codes(model: Model, feature: str, values: np.ndarray) -> list[int]:
    """The categories of one example's feature; none where it has no value."""
    spec = model.predictor.encoder.feature(feature).spec
    return [int(code) for code in np.ravel(spec.codes(values)) if code >= 0]


def within(model: Model, raw: float) -> float:
    """A raw output put within the scale of the ratings."""
    return float(np.clip(raw, *model.scale))


def table(rows: pd.DataFrame, key: str, alt: str, columns: dict[str, Any]) -> None:
    """Draws a table whose columns are called as the source calls them, in the file that the browser saves as well.

    Args:
        rows: What is shown, under the usual names.
        key: Of the session.
        alt: What it holds, for readers of screens, in the usual words.
        columns: How columns look, by their usual names.
    """
    speech = insight_parts.speech()
    shown = spoken_table(rows, speech)
    names = dict(zip(rows.columns, shown.columns, strict=True))
    look = {names[name]: column for name, column in columns.items() if name in names}
    st.dataframe(shown, hide_index=True, key=key, alt=speech.prose(alt), height="content", column_config=look)


def choose_models(run: RunSummary) -> tuple[Model, ...]:
    """Opens the shown run, and draws the choice of one beside it: any finished run that predicts the same of the same ratings."""
    first = predict_store.model(run)
    others = {other.id: other for other in frame.runs() if other.id != run.id and _comparable(run, other)}
    if not others:
        return (first,)
    chosen = st.selectbox(
        "Second model",
        list(others),
        index=None,
        format_func=frame.picker_labels(list(others.values())).__getitem__,
        key=f"{_SECOND}-{run.id}",
        placeholder="Ask a second model too",
        label_visibility="collapsed",
        filter_mode="fuzzy",
        width=300,
    )
    if chosen not in others:
        return (first,)
    second = predict_store.model(others[chosen], tag="-second")
    if second.dataset.fingerprint != first.dataset.fingerprint:
        raise PredictionError(
            f"two models can answer one question only about the same ratings. {second.run.name} was trained on others. "
            "Choose another second model."
        )
    return first, second


def changed_note(model: Model) -> None:
    """Says that a model's source holds other ratings now, and what of the page that takes away.

    Raises:
        PredictionError: Its predictions are measured by the ratings that it learned from, so none can be shown.
    """
    if model.dataset.nouns.scale != 1:
        raise PredictionError(
            f"this run learned {model.dataset.nouns.rating} in standard deviations of a table that is not there any more: "
            "its source has changed since. Put the former file back, or train again."
        )
    with st.container(border=True, gap="xsmall", key="changed"):
        st.markdown(":orange[:material/warning:] **The data has changed since this run was trained**")
        st.caption(
            "Its source holds other data now, so nobody can tell what of it the network learned from. Predictions are shown; "
            "intervals, comparisons with what is known and the views that need held-out data are left out. Put the former "
            "file back, or train again, to have them."
        )


def side_by_side(models: tuple[Model, ...]) -> Iterator[Model]:
    """Yields each model inside the place where its answer is drawn, under the run's name where there are two."""
    if len(models) == 1:
        yield models[0]
        return
    for column, model in zip(st.columns(len(models), gap="medium"), models, strict=True):
        with column:
            style.heading(model.run.name)
            yield model


def _comparable(run: RunSummary, other: RunSummary) -> bool:
    """Whether another run has finished, learned from the same ratings and predicts the same of them."""
    return (
        other.status.finished
        and predict_store.asked_of(other.id, other) == predict_store.asked_of(run.id, run)
        and (other.data is None or run.data is None or other.data == run.data)
    )
