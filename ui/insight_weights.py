"""The cross layers' weights themselves, and how few dimensions of them the network needs."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.interactions import num_cross_layers
from dcn_core.insight.report import Section
from dcn_core.pictures import weights
from dcn_core.runs.store import RunSummary
from ui import caches, draft, insight_parts, insight_store, places


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    if not num_cross_layers(config.model):
        with st.container(border=True, key="no-crosses"):
            insight_parts.title("This network has no cross layers")
            st.markdown(
                "It can cross features only inside its deep layers, where weights cannot be read off. Crosses and "
                "Is it real? measure what it does from outside."
            )
        return
    with st.container(border=True, key="weights"):
        if config.model.cross_kind == "vector":
            _weights(run, config, _head(num_cross_layers(config.model)))
            return
        finding = st.container()
        left, right = st.columns([7, 5], gap="large")
        with left:
            number = _head(num_cross_layers(config.model))
            _weights(run, config, number)
        with right:
            found = insight_store.section(run.id, "ranks")
            if found is not None:
                with finding:
                    insight_parts.lead(found.sentences["ranks"])
                _ranks(config, found, number)


def _head(layers: int) -> int:
    numbers = list(range(1, layers + 1))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content"):
            insight_parts.title("Weights of a layer")
        chosen = st.segmented_control(
            "Cross layer",
            numbers,
            format_func=lambda number: f"Layer {number}",
            default=1,
            required=True,
            key="weights-layer",
            label_visibility="collapsed",
        )
    return int(chosen) if chosen in numbers else 1  # another run may have fewer layers


def _weights(run: RunSummary, config: RunConfig, number: int) -> None:
    shown = weights.weights(config.model, caches.weights(run.id), caches.insight(run.id), number)
    insight_parts.said(shown.sentence)
    insight_parts.chart(shown)


def _ranks(config: RunConfig, found: Section, number: int) -> None:
    values = weights.singular_values(config.model, found, number)
    with st.container(gap="xsmall"):
        insight_parts.picture(values)
    with st.container(gap="xsmall"):
        insight_parts.picture(weights.rank_curve(config.model, found))
        if "rank" in found.facts:
            _retrain(config, int(found.facts["rank"]), len(values.numbers))


def _retrain(config: RunConfig, rank: int, size: int) -> None:
    """The button that leads to the same experiment with low-rank cross layers; they have no gates, so a gated one has none."""
    if (
        config.model.cross_kind == "gated"
        or not 1 <= rank < size
        or (config.model.cross_kind == "low_rank" and rank >= config.model.projection_dim)
    ):
        return
    if st.button(f"Train at rank {rank}", key="train-at-rank", icon=":material/compress:"):
        draft.use_config(config)
        for name in draft.WORLD:
            draft.set_value("data", name, getattr(config.data, name))
        draft.set_value("model", "cross_kind", "low_rank")
        draft.set_value("model", "projection_dim", rank)
        st.switch_page(places.page("train"))
