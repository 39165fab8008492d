"""How the crosses and the embeddings came about, epoch by epoch."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError
from dcn_core.insight.report import Section
from dcn_core.pictures import film as films
from dcn_core.pictures import measures
from dcn_core.runs.store import RunSummary
from ui import caches, insight_attributes, insight_parts, insight_store

EMBEDDINGS = "embeddings"


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "film")
    if found is None:
        return
    with st.container(border=True, key="film"):
        if "epochs" not in found.arrays:
            insight_parts.title("No film of this run")
            st.caption(
                "Snapshots are taken while a network trains. This run was trained before there were any, or it is so large that "
                "they would not fit. Train the same settings again to see how its crosses come about."
            )
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            shown = _choice(found, bool(insight_store.embedded(run.id)))
            if shown == EMBEDDINGS:
                feature = _feature(run.id)
            elif shown in measures.LAYERED and found.arrays["strength"].shape[1] > 1:
                layer = insight_parts.choose_layer(found.arrays["strength"].shape[1], "film-layer")
            else:
                layer = 0
        if shown == EMBEDDINGS:
            _places(run, config, found, feature)
        else:
            _map(run, found, shown, layer)


def _choice(found: Section, embedded: bool) -> str:
    allowed: list[str] = [*films.offered(found), *([EMBEDDINGS] if embedded else [])]
    names = {EMBEDDINGS: "Embeddings"} | {
        str(measure): insight_parts.speech().prose(name) for measure, name in measures.MEASURES.items()
    }
    key = f"film-of-{'-'.join(allowed)}"
    return insight_parts.choose("Film of", allowed, key, named=lambda name: names[name])


def _feature(run_id: str) -> str:
    features = insight_store.embedded(run_id)
    key = f"film-feature-{'-'.join(features)}"
    return insight_parts.choose("Feature", features, key, named=insight_parts.features())


def _map(run: RunSummary, found: Section, name: str, layer: int) -> None:
    measure: measures.Measure = next(known for known in films.MEASURES if known == name)
    sizes = caches.insight(run.id)["block_sizes"]
    features = insight_store.feature_names(run.id)
    insight_parts.main_picture(films.pair_film(found, features, sizes, measure, layer, _best(run)))


def _places(run: RunSummary, config: RunConfig, found: Section, feature: str) -> None:
    categories = insight_store.categories(run.id, feature, config)
    colour = _mean_rating(run.id, feature, config)
    insight_parts.main_picture(films.embedding_film(found, feature, categories, colour, _best(run)))


def _best(run: RunSummary) -> int | None:
    return (run.result or {}).get("best_epoch")


@st.cache_data(show_spinner=False, max_entries=16)
def _mean_rating(run_id: str, feature: str, _config: RunConfig) -> np.ndarray | None:
    """Mean training rating of each category, None where the ratings are gone."""
    names = insight_store.categories(run_id, feature, _config)[1:]
    frame = pd.DataFrame({"category": names, "length": np.zeros(len(names))})
    try:
        frame = insight_attributes.join(frame, feature, run_id, insight_store.encoder(run_id), _config)
    except PlaygroundError:
        return None
    return frame["Mean rating"].to_numpy(dtype=float)
