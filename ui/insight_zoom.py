"""One pair of features, category by category."""

import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.block import has_blocks
from dcn_core.insight.category_pairs import FEWEST_RATINGS
from dcn_core.insight.interactions import num_cross_layers
from dcn_core.insight.network import Network, network_class
from dcn_core.insight.report import Section
from dcn_core.insight.wording import label
from dcn_core.pictures import crosses as pictures
from dcn_core.pictures import measures, theme
from dcn_core.runs.store import RunSummary
from ui import caches, insight_parts, insight_store

LAYER = "zoom-layer"
"""Session key of the cross layer whose weights are shown; 0 for the effect in stars."""


def show(run: RunSummary, config: RunConfig, found: Section, key: str) -> None:
    """Draws the choice of a pair and its categories.

    Args:
        run: The run.
        config: Its config.
        found: The section `crosses` of its report.
        key: Session key of the chosen pair, `<feature>/<other>`.
    """
    pairs = [f"{row['feature']}/{row['other']}" for row in found.tables["pairs"].to_dict("records")]
    if st.session_state.get(key) not in pairs:
        readable = [
            pair for pair in pairs if pair != "user_id/movie_id"
        ]  # of single users with single movies one sees little
        st.session_state[key] = (readable or pairs)[0]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content"):
            insight_parts.title("Which categories")
        kind = network_class(config.data.target)
        network = kind(config.model, insight_store.encoder(run.id).specs, caches.weights(run.id))
        number = _layer(network)
        speech = insight_parts.speech()
        pair = st.selectbox(
            "Pair of features",
            pairs,
            format_func=lambda text: speech.name(measures.pair_label(text.split("/"))),
            key=key,
            label_visibility="collapsed",
            width=260,
        )
    section = insight_store.section(run.id, "categories")
    if section is not None:
        _pair(run, config, section, network, number, *pair.split("/"))


def _layer(network: Network) -> int:
    """The cross layer whose weights are shown, counted from 1; 0 for the effect of the whole network."""
    if not has_blocks(network):
        return 0
    layers = list(range(1, num_cross_layers(network.config) + 1))
    if st.session_state.get(LAYER) not in (0, *layers):
        st.session_state[LAYER] = 0
    effect = insight_parts.speech().prose("Effect in stars")
    chosen = st.segmented_control(
        "Shown",
        [0, *layers],
        format_func=lambda number: f"Weights of layer {number}" if number else effect,
        required=True,
        key=LAYER,
        label_visibility="collapsed",
        wrap=True,
    )
    return int(chosen or 0)


def _pair(
    run: RunSummary, config: RunConfig, section: Section, network: Network, number: int, feature: str, other: str
) -> None:
    names = {name: insight_store.categories(run.id, name, config) for name in (feature, other)}
    if number:
        shown = pictures.block(section, network, caches.insight(run.id).get("gates"), feature, other, number, names)
    else:
        shown = pictures.category_map(section, feature, other, names)
    top = pictures.strongest(pictures.combinations(section, feature, other, names))
    insight_parts.said(shown.sentence, shown.raw)
    picture, list_ = st.columns([7, 5], gap="large")
    with picture:
        insight_parts.chart(shown)
    speech = insight_parts.speech()
    ratings = speech.prose("Ratings")
    digits = max(2, theme.digits(float(top["effect"].abs().max()))) if len(top) else 2
    with list_:
        st.markdown("### Largest effects", anchors=False)
        st.dataframe(
            pd.DataFrame(
                {
                    "a": top["category"],
                    "b": top["other_category"],
                    "Effect": top["effect"],
                    ratings: top["count"],
                }
            ),
            hide_index=True,
            key="largest-effects",
            height="content",
            placeholder="",
            alt="Combinations with the largest effect",
            column_config={
                "a": st.column_config.TextColumn(speech.name(label(feature))),
                "b": st.column_config.TextColumn(speech.name(label(other))),
                "Effect": st.column_config.NumberColumn(speech.prose("Stars"), format=f"%+.{digits}f"),
                ratings: st.column_config.NumberColumn(
                    format="localized",
                    help=speech.prose(
                        f"Training ratings of this combination; where any has {FEWEST_RATINGS}, those with fewer are left out here."
                    ),
                ),
            },
        )
