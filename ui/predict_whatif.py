"""What if: the question with other features, and the rating by one feature or by two."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from dcn_core.config.features import FeatureSpec
from dcn_core.insight.wording import signed, words
from dcn_core.pictures import whatif as pictures
from dcn_core.serving import whatif
from ui import insight_parts, insight_store, predict_store, texts, verdict
from ui.asking import Asked
from ui.predict_pair import unknown_features
from ui.predict_parts import Question, codes, encoded, side_by_side, within
from ui.predict_store import Model

MOST = 60
"""Categories of a feature on a curve or a board, those with most training ratings."""
_FORGET = {"user_id": "Forget who the user is", "movie_id": "Forget which movie it is"}


def show(question: Question) -> None:
    """Draws the view."""
    if question.user is None or question.movie is None:
        return
    user, movie = question.user, question.movie
    with st.container(border=True, key="what-if"):
        st.html(verdict.question(user, movie))
        changes = _change(question.first, user, movie)
        for model in side_by_side(question.models):
            _answer(model, user, movie, changes)
    features = [spec.name for spec in question.first.predictor.encoder.specs if spec.name not in _FORGET]
    if not features:
        st.caption("This network looks at users and movies by their ids only: there is nothing to change.")
        return
    with st.container(border=True, key="what-if-curve"):
        feature = insight_parts.choose(
            insight_parts.speech().prose("Rating by"), features, "what-if-feature", named=insight_parts.features()
        )
        for model in side_by_side(question.models):
            _curve(model, _inputs(model, user, movie, changes), feature)
    if len(features) > 1:
        with st.container(border=True, key="what-if-board"):
            _choose_board(question, user, movie, changes, features)


def _change(model: Model, user: Asked, movie: Asked) -> dict[str, list[str]]:
    """Draws a widget for each feature and returns the names of the values that were changed, by feature."""
    inputs = encoded(model, user, movie)
    changes: dict[str, list[str]] = {}
    who = f"{user.row}-{movie.row}"
    with st.grid(3, min_column_width=190, gap="small", key="what-if-features"):
        for spec in model.predictor.encoder.specs:
            index = codes(model, spec.name, inputs[spec.name])
            key = f"what-if-{spec.name}-{who}-{'-'.join(map(str, index))}"
            if spec.name in _FORGET:
                if index != [0] and st.checkbox(texts.as_text(_forgotten(spec.name)), key=key):
                    changes[spec.name] = []
                continue
            names = insight_store.categories(model.run.id, spec.name, model.config)
            chosen = _widget(spec, names, index, key)
            if sorted(chosen) != sorted(index):
                changes[spec.name] = [names[slot] for slot in chosen]
    return changes


def _widget(spec: FeatureSpec, names: list[str], index: list[int], key: str) -> list[int]:
    options = list(range(len(names)))
    if spec.slots > 1:
        known = options[1:]
        return list(
            st.multiselect(
                insight_parts.feature(spec.name),
                known,
                default=[slot for slot in index if slot],
                format_func=names.__getitem__,
                max_selections=spec.slots,
                key=key,
            )
        )
    chosen = st.selectbox(
        insight_parts.feature(spec.name), options, index=index[0], format_func=names.__getitem__, key=key
    )
    return [int(chosen)]


def _inputs(model: Model, user: Asked, movie: Asked, changes: Mapping[str, list[str]]) -> dict[str, np.ndarray]:
    """A model's inputs with the changes, found by name in its own categories: those it does not know are unknown to it."""
    specs = _specs(model)
    own: dict[str, list[int]] = {}
    for feature, values in changes.items():
        if feature not in specs:
            continue
        names = insight_store.categories(model.run.id, feature, model.config)
        own[feature] = (
            [names.index(value) if value in names else 0 for value in values] if feature not in _FORGET else [0]
        )
    return whatif.changed(encoded(model, user, movie), specs, own)


def _answer(model: Model, user: Asked, movie: Asked, changes: Mapping[str, list[str]]) -> None:
    before = within(model, float(model.predictor.score(encoded(model, user, movie))[0]))
    inputs = _inputs(model, user, movie, changes)
    after = within(model, float(model.predictor.score(inputs)[0]))
    st.html(verdict.answer(after, model))
    if not changes:
        insight_parts.note("Change something: the rating moves at once.")
        return
    own = insight_parts.speech()
    named = ", ".join(_forgotten(name).lower() if name in _FORGET else own.sentence(words(name)) for name in changes)
    st.text(f"{signed(after - before, 2)} {model.unit.amount} against {before:.2f} as asked. Changed: {named}.")
    for name in unknown_features(model, inputs):
        st.text(f"{own.feature(name)}: training never saw this value, so it goes through the unknown index.")


def _curve(model: Model, inputs: Mapping[str, np.ndarray], feature: str) -> None:
    specs = _specs(model)
    if feature not in specs:
        st.caption("This network does not look at that.")
        return
    names = insight_store.categories(model.run.id, feature, model.config)
    count = predict_store.support(model, feature)
    chosen = _commonest(count)
    if len(chosen) == 0:
        st.caption("Training has seen no value of this feature.")
        return
    rating = np.clip(
        whatif.curve(model.predictor.score, inputs, specs[feature], chosen),
        *model.scale,
    )
    own = [names[code] for code in codes(model, feature, inputs[feature])]
    scale = model.scale
    shown = [names[slot] for slot in chosen]
    insight_parts.picture(
        pictures.curve(
            feature, shown, rating, count[chosen], own, scale, _ordered(specs[feature]), f"curve{model.tag}", model.unit
        )
    )


def _choose_board(
    question: Question, user: Asked, movie: Asked, changes: Mapping[str, list[str]], features: list[str]
) -> None:
    preferred = [name for name in ("occupation", "age") if name in features]
    first, second = preferred if len(preferred) == 2 else features[:2]
    named = insight_parts.speech().feature
    with st.container(horizontal=True, gap="medium"):
        rows = st.selectbox("Rows", features, features.index(first), format_func=named, key="board-rows", width=200)
        others = [name for name in features if name != rows]
        start = others.index(second) if second in others else 0
        columns = st.selectbox("Columns", others, start, format_func=named, key=f"board-columns-{rows}", width=200)
    for model in side_by_side(question.models):
        specs = _specs(model)
        if not {rows, columns} <= set(specs):
            st.caption("This network does not look at both of these.")
            continue
        count = predict_store.pair_support(model, rows, columns)
        chosen = [_commonest(predict_store.support(model, name)) for name in (rows, columns)]
        if not all(map(len, chosen)):
            st.caption("Training has seen no value of one of these.")
            continue
        inputs = _inputs(model, user, movie, changes)
        rating = whatif.board(model.predictor.score, inputs, (specs[rows], specs[columns]), chosen[0], chosen[1])
        rating = np.clip(rating, *model.scale)
        shown = [
            [insight_store.categories(model.run.id, name, model.config)[slot] for slot in slots]
            for name, slots in zip((rows, columns), chosen, strict=True)
        ]
        insight_parts.picture(
            pictures.board(
                (rows, columns), shown[0], shown[1], rating, count[np.ix_(*chosen)], f"board{model.tag}", model.unit
            )
        )


def _ordered(spec: FeatureSpec) -> bool:
    """Whether the categories of a feature have an order of their own."""
    return spec.is_number or spec.name in ("age", "year")


def _commonest(count: np.ndarray) -> np.ndarray:
    """Indices of the categories with most training ratings, in order; the unknown one is none."""
    order = np.argsort(-count[1:], kind="stable")[:MOST] + 1
    return np.sort(order[count[order] > 0])


def _specs(model: Model) -> dict[str, FeatureSpec]:
    return {spec.name: spec for spec in model.predictor.encoder.specs}


def _forgotten(feature: str) -> str:
    return insight_parts.speech().prose(_FORGET[feature])
