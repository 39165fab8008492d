"""What a feature of the users changes by itself, and whom the network serves worse."""

import numpy as np
import streamlit as st

from dcn_core.insight.residuals import FEWEST_RATINGS, slices
from dcn_core.pictures import fairness as pictures
from ui import insight_parts, insight_store, predict_store
from ui.predict_parts import Question, side_by_side
from ui.predict_store import Model


def show(question: Question) -> None:
    """Draws the view."""
    features = list(dict.fromkeys(name for model in question.models for name in swappable(model)))
    with st.container(border=True, key="fairness"):
        if not features:
            text = (
                f"{question.first.dataset.name} says nothing about its users but their ids, or this network does not look at it, "
                "so there is no feature to change."
            )
            st.text(insight_parts.speech().sentence(text))
            return
        feature = insight_parts.choose("Change only", features, "fair-feature", named=insight_parts.features())
        for model in side_by_side(question.models):
            if feature in swappable(model):
                _draw(model, feature)
            else:
                st.caption("This network does not look at it.")


def swappable(model: Model) -> list[str]:
    """Features of the users, ids aside, with two values or more."""
    sizes = {spec.name: spec.vocabulary_size for spec in model.predictor.encoder.specs}
    users = model.subject.data.user_features
    return [name for name in users if name != "user_id" and sizes[name] > 2 and users[name].ndim == 1]


def _draw(model: Model, feature: str) -> None:
    rows, whose = measured(model)
    names = insight_store.categories(model.run.id, feature, model.config)
    swaps = predict_store.swaps(model, feature)
    frame = swaps.by_genre(model.dataset)
    insight_parts.picture(pictures.by_genre(frame, names, swaps, whose, f"swap{model.tag}", model.unit))
    prediction = predict_store.held_out(model)
    label = model.subject.data.rating[rows]
    groups = slices(model.dataset, rows, prediction, model.subject.split.train, label)
    own = groups[groups["slice"] == feature]
    if len(own) < 2:
        insight_parts.note(
            f"Fewer than two groups have {FEWEST_RATINGS} {whose} ratings, so their errors are not compared."
        )
        return
    mse = float(np.mean((prediction - label) ** 2))
    insight_parts.picture(pictures.by_group(own, feature, mse, whose, f"groups{model.tag}"))


def measured(model: Model) -> tuple[np.ndarray, str]:
    """The test ratings, and what they are called; the validation ratings where there are none."""
    split = model.subject.split
    return (split.test, "test") if len(split.test) else (split.validation, "validation")
