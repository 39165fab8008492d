"""Gates: which experts or crosses a mixture or gated network opens, and for whom."""

import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.gates import COLLAPSED
from dcn_core.insight.report import Section
from dcn_core.pictures import gates as pictures
from dcn_core.runs.store import RunSummary
from ui import insight_parts, insight_store


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "gates")
    if found is None:
        return
    with st.container(border=True, key="gates"):
        insight_parts.lead(found.sentences["gates"])
        features = insight_store.feature_names(run.id)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            layer = _layer(config.model.num_cross_layers)
            feature = _feature(features, found)
        left, right = st.columns([7, 5], gap="large")
        with left:
            _map(run, config, found, layer, feature)
        with right:
            _table(config, found, layer)


def _layer(layers: int) -> int:
    if layers == 1:
        return 1
    return insight_parts.choose("Layer", range(1, layers + 1), "gates-layer")


def _feature(features: list[str], found: Section) -> str:
    """The feature to show."""
    return insight_parts.choose(
        "By category of",
        features,
        "gates-feature",
        named=insight_parts.features(),
        default=pictures.telling(found, features),
    )


def _map(run: RunSummary, config: RunConfig, found: Section, layer: int, feature: str) -> None:
    categories = insight_store.categories(run.id, feature, config)
    shown = pictures.gates(config.model, found, layer, feature, categories)
    insight_parts.title(shown.title)
    insight_parts.chart(shown)


def _table(config: RunConfig, found: Section, layer: int) -> None:
    own = pictures.of_layer(found, layer)
    even = found.facts["even"]
    insight_parts.title("Experts of the layer" if config.model.cross_kind == "mixture" else "Gates of the layer")
    shown = pd.DataFrame(
        {
            "Gate": [pictures.gate_label(name) for name in own["gate"]],
            "Mean": own["mean"].to_numpy(dtype=float),
            "Varies by": own["std"].to_numpy(dtype=float),
            "Widest": 100 * own["widest"].to_numpy(dtype=float),
            "State": ["collapsed" if flag else "in use" for flag in own["collapsed"]],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        key="gate-table",
        height="content",
        alt="Mean gates of the layer",
        column_config={
            "Mean": st.column_config.ProgressColumn(format="%.2f", min_value=0.0, max_value=1.0),
            "Varies by": st.column_config.NumberColumn(
                format="%.2f", help="Standard deviation over validation ratings."
            ),
            "Widest": st.column_config.NumberColumn(
                format="%.0f %%", help="Share of the ratings on which it is the widest open of its layer."
            ),
        },
    )
    st.caption(
        f"Collapsed: a mean gate under {COLLAPSED * even:.2g}, a fifth of {even:.2g}, where every gate would stand if it read nothing."
    )
