"""The embedding tables as maps, with neighbours."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError
from dcn_core.insight.embeddings import neighbour_sentence, neighbours, principal_components
from dcn_core.pictures import embeddings as pictures
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.scatter import Marks
from dcn_core.runs.store import RunSummary
from ui import caches, insight_attributes, insight_parts, insight_store, search

FEWEST_RATINGS = 30
"""Neighbours with fewer training ratings are left out: their embeddings have hardly moved from where they began."""
_KINDS = {"principal": "Principal components", "neighbours": "t-SNE"}


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    features = insight_store.embedded(run.id)
    with st.container(border=True, key="embeddings"):
        if not features:
            insight_parts.title("No embeddings")
            st.caption(
                "All features of this network are numbers: each has one vector, which its value is multiplied with."
            )
            return
        finding = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            default = "movie_id" if "movie_id" in features else features[0]
            feature = st.segmented_control(
                "Embeddings of",
                features,
                format_func=insight_parts.features(),
                default=default,
                required=True,
                key=f"embedding-{'-'.join(features)}",
                wrap=True,
            )
            feature = feature or default
            frame = _points(run.id, feature, config)
            colours = [name for name in frame.columns if name not in insight_attributes.PLAIN]
            speech = insight_parts.speech()
            colour = st.selectbox("Colour", colours, format_func=speech.name, key=f"colour-{feature}", width=200)
            kind = st.segmented_control(
                "Map",
                list(_KINDS),
                format_func=lambda name: _KINDS[name],
                default="principal",
                required=True,
                key="embedding-kind",
            )
            axes = st.segmented_control(
                "Axes", [2, 3], format_func=lambda n: f"{n}-D", default=2, required=True, key="embedding-axes"
            )
        shown = _map_and_neighbours(run, config, feature, frame, colour or "Length", kind or "principal", axes or 2)
        if shown is not None:
            with finding:
                insight_parts.lead(shown.sentence)


@st.cache_data(show_spinner=False, max_entries=16)
def _points(run_id: str, feature: str, _config: RunConfig) -> pd.DataFrame:
    """One row a category: `category`, `x1` to `x3`, `length`, `ratings` and attributes to colour by."""
    table = caches.weights(run_id)[f"embedding/{feature}"]
    frame = principal_components(table, insight_store.categories(run_id, feature, _config), 3)
    explained = frame.attrs["explained"]
    try:
        frame = insight_attributes.join(frame, feature, run_id, insight_store.encoder(run_id), _config)
    except PlaygroundError:  # the ratings are gone: the map is still there
        frame["Length"] = frame["length"]
    frame.attrs["explained"] = explained
    return frame


def _map_and_neighbours(
    run: RunSummary, config: RunConfig, feature: str, frame: pd.DataFrame, colour: str, kind: str, axes: int
) -> Picture | None:
    """Draws them and returns the map."""
    names = insight_store.categories(run.id, feature, config)
    picture, near = st.columns([8, 4], gap="large")
    with near:
        index, matched = _search(feature, names, frame)
        found = None
        if index:
            every = neighbours(caches.weights(run.id)[f"embedding/{feature}"], names, index, most=len(names))
            found = well_known(every, frame)
    ring = () if found is None else tuple(int(row) - 1 for row in found["index"].head(5))
    marks = Marks(None if index is None else index - 1, ring, tuple(row - 1 for row in matched))
    with picture:
        shown = _map(run.id, feature, frame, colour, kind, axes, marks)
        if shown is not None:
            insight_parts.chart(shown)
            if index is not None and index - 1 not in shown.numbers.index:
                st.caption("The chosen one has too few ratings to be on this map; it is on the principal components.")
    with near:
        if found is not None and index:
            _neighbours(names[index], found)
    return shown


def _map(
    run_id: str, feature: str, frame: pd.DataFrame, colour: str, kind: str, axes: int, marks: Marks
) -> Picture | None:
    if kind == "principal":
        return pictures.principal_map(feature, frame, colour, axes, marks)
    section = insight_store.section(run_id, "maps")
    shown = None if section is None else pictures.neighbour_map(feature, frame, section, colour, axes, marks)
    if section is not None and shown is None:
        st.caption("So few categories have no neighbourhoods to show. Look at the principal components.")
    return shown


def _neighbours(name: str, found: pd.DataFrame) -> None:
    insight_parts.said(neighbour_sentence(name, found))
    st.dataframe(
        found[["category", "cosine"]],
        hide_index=True,
        key="neighbours",
        height="content",
        placeholder="",
        alt="Nearest neighbours",
        column_config={
            "category": st.column_config.TextColumn("Most alike", width=160),
            "cosine": st.column_config.ProgressColumn(
                "Likeness",
                format="%.2f",
                min_value=0.0,
                max_value=1.0,
                help=insight_parts.speech().prose(
                    "Cosine of the two embeddings: 1 points the same way, 0 is unrelated. Where enough are left, only "
                    f"those with at least {FEWEST_RATINGS} training ratings are listed."
                ),
            ),
        },
    )


def well_known(found: pd.DataFrame, frame: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The nearest neighbours with enough ratings that their place means something; any, where few have enough."""
    if "ratings" in frame:
        known = found[frame["ratings"].to_numpy()[found["index"] - 1] >= FEWEST_RATINGS]
        found = known if len(known) >= most else found
    return found.head(most)


def _search(feature: str, names: list[str], frame: pd.DataFrame) -> tuple[int | None, list[int]]:
    """The category whose neighbours are shown, and all that the search found; none where nothing was searched."""
    insight_parts.title("Neighbours")
    if len(names) <= 100:
        rows, query = list(range(1, len(names))), ""
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
        return None, []
    chosen = st.selectbox(
        "Category",
        rows,
        format_func=lambda row: names[row] if row < len(names) else str(row),
        key=f"near-{feature}-{'|'.join(map(str, rows[:3]))}",
        label_visibility="collapsed",
        filter_mode=None if len(names) > 100 else "fuzzy",
    )
    picked = int(np.clip(chosen, 1, len(names) - 1)) if chosen is not None else None
    return picked, rows if query else []
