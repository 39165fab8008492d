"""Why the network says so: the prediction as a sum, by feature and pair, by part, or by order."""

import streamlit as st

from dcn_core.insight import why
from dcn_core.insight.network import Indices
from dcn_core.insight.wording import LOG_ODDS
from dcn_core.pictures.waterfall import waterfall
from ui import insight_parts, insight_store, predict_store, verdict
from ui.predict_parts import Question, codes, encoded, side_by_side
from ui.predict_store import Model

_KINDS = {"features": "Features and pairs", "parts": "Parts", "orders": "Orders"}


def show(question: Question) -> None:
    """Draws the view."""
    if question.user is None or question.movie is None:
        return
    with st.container(border=True, key="why"):
        st.html(verdict.question(question.user, question.movie))
        kinds = [kind for kind in _KINDS if kind != "orders" or any(map(_has_orders, question.models))]
        kind = insight_parts.choose("Split by", kinds, "why-kind", named=_KINDS.__getitem__)
        for model in side_by_side(question.models):
            inputs = encoded(model, question.user, question.movie)
            if kind == "orders" and not _has_orders(model):
                st.caption("This network is no polynomial of its embeddings, so it has no orders.")
                continue
            found = explain(model, inputs, kind)
            unit = LOG_ODDS if model.likes and kind != "features" else model.unit
            sentence = found.sentence(value_names(model, inputs), unit)
            insight_parts.main_picture(waterfall(found, kind, sentence, f"waterfall{model.tag}", unit))


def explain(model: Model, inputs: Indices, kind: str) -> why.Waterfall:
    """The terms of a prediction, against a fixed sample of validation ratings."""
    network, others = model.subject.network, predict_store.background(model, why.BACKGROUND_ROWS)
    if kind == "parts":
        return why.by_parts(network, inputs, others)
    if kind == "orders":
        return why.by_orders(network, inputs, others)
    return why.by_features(model.predictor.score, inputs, others)


def value_names(model: Model, inputs: Indices) -> dict[str, str]:
    """The readable value of each feature of one example, ids aside: they are named above."""
    names = {}
    for feature, index in inputs.items():
        if feature not in ("user_id", "movie_id"):
            known = insight_store.categories(model.run.id, feature, model.config)
            names[feature] = ", ".join(known[code] for code in codes(model, feature, index)) or "none"
    return names


def _has_orders(model: Model) -> bool:
    return why.has_orders(model.subject.network)
