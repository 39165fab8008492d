"""The embedding tables as maps, with neighbours."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError
from dcn_core.insight.embeddings import map_sentence, neighbour_sentence, neighbours, principal_components
from dcn_core.runs.store import RunSummary
from ui import caches, insight_attributes, insight_parts, insight_scatter, insight_store, search, texts

FEWEST_RATINGS = 30
"""Neighbours with fewer training ratings are left out: their embeddings have hardly moved from where they began."""
MOST_POINTS = 3000
"""Points that are drawn, those with most ratings: a browser moves no more of them smoothly."""


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    features = insight_store.feature_names(run.id)
    with st.container(border=True, key="embeddings"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            default = "movie_id" if "movie_id" in features else features[0]
            feature = st.segmented_control(
                "Embeddings of",
                features,
                format_func=lambda name: texts.FEATURES.get(name, name),
                default=default,
                required=True,
                key=f"embedding-{'-'.join(features)}",
                wrap=True,
            )
            feature = feature or default
            frame = _points(run.id, feature, config)
            colours = [name for name in frame.columns if name not in insight_attributes.PLAIN]
            colour = st.selectbox("Colour", colours, key=f"colour-{feature}", width=200)
            axes = st.segmented_control(
                "Axes", [2, 3], format_func=lambda n: f"{n}-D", default=2, required=True, key="embedding-axes"
            )
        _map_and_neighbours(run, config, feature, frame, colour, axes or 2)


@st.cache_data(show_spinner=False, max_entries=16)
def _points(run_id: str, feature: str, _config: RunConfig) -> pd.DataFrame:
    """One row a category: `category`, `x1` to `x3`, `length`, `ratings` and attributes to colour by."""
    table = caches.weights(run_id)[f"embedding/{feature}"]
    frame = principal_components(table, insight_store.categories(run_id, feature, _config), 3)
    explained = frame.attrs["explained"]
    try:
        frame = insight_attributes.join(frame, feature, insight_store.encoder(run_id), _config)
    except PlaygroundError:  # the ratings are gone: the map is still there
        frame["Length"] = frame["length"]
    frame.attrs["explained"] = explained
    return frame


def _map_and_neighbours(
    run: RunSummary, config: RunConfig, feature: str, frame: pd.DataFrame, colour: str | None, axes: int
) -> None:
    names = insight_store.categories(run.id, feature, config)
    explained = frame.attrs["explained"]
    shown = (
        frame
        if len(frame) <= MOST_POINTS
        else frame.nlargest(MOST_POINTS, "ratings" if "ratings" in frame else "length")
    )
    sentence = frame.copy()
    sentence.attrs["explained"] = explained[:axes]
    insight_parts.lead(map_sentence(sentence))
    picture, near = st.columns([8, 4], gap="large")
    with near:
        index = _search(feature, names, frame)
        found = None
        if index:
            every = neighbours(caches.weights(run.id)[f"embedding/{feature}"], names, index, most=len(names))
            found = well_known(every, frame)
    with picture:
        insight_parts.picture(
            insight_scatter.places(
                shown,
                colour or "Length",
                axes,
                explained,
                picked=None if index is None else index - 1,
                near=[] if found is None else [int(i) - 1 for i in found["index"].head(5)],
            ),
            "embedding-map",
            f"Map of the embeddings of {texts.FEATURES.get(feature, feature)}",
            "Principal components: the axes along which the embeddings differ most. Points that are far apart here are far apart "
            "in the network; points that are close may still differ along axes that are not shown. Axes have no names, and "
            "their direction is arbitrary. Categories with few ratings stay near the middle.",
            frame.drop(columns=["length"]),
            tools=True,
            note=f"The {MOST_POINTS:,} with most ratings of {len(frame):,} are drawn."
            if len(shown) < len(frame)
            else "",
        )
    with near:
        if found is not None and index:
            insight_parts.said(neighbour_sentence(names[index], found))
            st.dataframe(
                found[["category", "cosine"]],
                hide_index=True,
                key="neighbours",
                height="content",
                placeholder="",
                alt="Nearest neighbours",
                column_config={
                    "category": st.column_config.TextColumn("Most alike", width=190),
                    "cosine": st.column_config.ProgressColumn(
                        "Likeness",
                        format="%.2f",
                        min_value=0.0,
                        max_value=1.0,
                        help="Cosine of the two embeddings: 1 points the same way, 0 is unrelated. Where enough are left, only "
                        f"those with at least {FEWEST_RATINGS} training ratings are listed.",
                    ),
                },
            )


def well_known(found: pd.DataFrame, frame: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The nearest neighbours with enough ratings that their place means something; any, where few have enough."""
    if "ratings" in frame:
        known = found[frame["ratings"].to_numpy()[found["index"] - 1] >= FEWEST_RATINGS]
        found = known if len(known) >= most else found
    return found.head(most)


def _search(feature: str, names: list[str], frame: pd.DataFrame) -> int | None:
    """The category whose neighbours are shown."""
    insight_parts.title("Neighbours")
    if len(names) <= 100:
        rows = list(range(1, len(names)))
    else:
        query = st.text_input(
            "Search",
            key=f"near-query-{feature}",
            type="search",
            live="300ms",
            placeholder="Part of a title" if feature == "movie_id" else "Number",
            label_visibility="collapsed",
        )
        weight = frame["ratings" if "ratings" in frame else "length"].to_numpy(dtype=float)
        found = search.find([name.lower() for name in names[1:]], (query or "")[:200], weight)
        rows = [row + 1 for row in found]
    if not rows:
        st.caption("Nothing like that.")
        return None
    chosen = st.selectbox(
        "Category",
        rows,
        format_func=lambda row: names[row] if row < len(names) else str(row),
        key=f"near-{feature}-{'|'.join(map(str, rows[:3]))}",
        label_visibility="collapsed",
        filter_mode=None if len(names) > 100 else "fuzzy",
    )
    return int(np.clip(chosen, 1, len(names) - 1)) if chosen is not None else None
