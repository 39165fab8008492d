"""One pair of features, category by category."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.category_pairs import FEWEST_RATINGS, MOST_CATEGORIES, category_sentence
from dcn_core.insight.report import Section
from dcn_core.runs.store import RunSummary
from ui import crosses, insight_maps, insight_parts, insight_store, texts

ABOUT = (
    "Each cell is one combination: by how many stars it moves the predicted rating beyond what its two categories do alone, "
    "averaged over other features drawn from training ratings. A genre stands for a movie with that genre alone. Combinations "
    "that no training rating has stay empty: there the network only guesses."
)


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
            insight_parts.title("Which categories, in stars")
        pair = st.selectbox(
            "Pair of features",
            pairs,
            format_func=lambda text: crosses.pair_label(text.split("/")),
            key=key,
            label_visibility="collapsed",
            width=260,
        )
    section = insight_store.section(run.id, "categories")
    if section is not None:
        _pair(run, config, section, *pair.split("/"))


def _pair(run: RunSummary, config: RunConfig, section: Section, feature: str, other: str) -> None:
    effect, count, rows, columns = (
        section.arrays[f"{feature}/{other}/{name}"] for name in ("effect", "count", "rows", "columns")
    )
    every = [insight_store.categories(run.id, name, config) for name in (feature, other)]
    names = [[every[0][row] for row in rows], [every[1][column] for column in columns]]
    frame = frame_of(effect, count, (feature, other), (names[0], names[1]))
    top = strongest(frame)
    insight_parts.said(category_sentence(top))
    titles = (texts.FEATURES[feature], texts.FEATURES[other])
    if len(columns) > len(rows):  # the longer one goes down the page
        effect, count, titles, names = effect.T, count.T, titles[::-1], names[::-1]
    picture, list_ = st.columns([7, 5], gap="large")
    with picture:
        limited = max(len(rows), len(columns)) == MOST_CATEGORIES
        insight_parts.picture(
            insight_maps.category_map(effect, count, names[0], names[1], titles),
            "categories",
            f"Effect of each combination of {titles[0]} and {titles[1]}, in stars",
            ABOUT,
            frame.drop(columns=["feature", "other"]).rename(columns={"category": feature, "other_category": other}),
            note=f"Of a feature with more categories, the {MOST_CATEGORIES} most frequent are shown."
            if limited
            else "",
        )
    with list_:
        st.markdown("##### Largest effects", anchors=False)
        st.dataframe(
            pd.DataFrame(
                {
                    "a": top["category"],
                    "b": top["other_category"],
                    "Stars": top["effect"],
                    "Ratings": top["count"],
                }
            ),
            hide_index=True,
            key="largest-effects",
            height="content",
            placeholder="",
            alt="Combinations with the largest effect",
            column_config={
                "a": st.column_config.TextColumn(texts.FEATURES[feature]),
                "b": st.column_config.TextColumn(texts.FEATURES[other]),
                "Stars": st.column_config.NumberColumn(format="%+.2f"),
                "Ratings": st.column_config.NumberColumn(
                    format="localized",
                    help=f"Training ratings of this combination; where any has {FEWEST_RATINGS}, those with fewer are left out here.",
                ),
            },
        )


def frame_of(
    effect: np.ndarray, count: np.ndarray, features: tuple[str, str], names: tuple[list[str], list[str]]
) -> pd.DataFrame:
    """Returns one row a combination: `feature`, `category`, `other`, `other_category`, `effect`, `count`."""
    a, b = np.meshgrid(np.array(names[0], object), np.array(names[1], object), indexing="ij")
    return pd.DataFrame(
        {
            "feature": features[0],
            "category": a.ravel(),
            "other": features[1],
            "other_category": b.ravel(),
            "effect": effect.ravel(),
            "count": count.ravel(),
        }
    )


def strongest(frame: pd.DataFrame, most: int = 12) -> pd.DataFrame:
    """The combinations with enough ratings and the largest effect, either way; with any, where none has enough, as of ids."""
    known = frame[frame["count"] >= FEWEST_RATINGS]
    known = known if len(known) else frame[frame["count"] > 0]
    return known.sort_values("effect", key=np.abs, ascending=False, ignore_index=True, kind="stable").head(most)
