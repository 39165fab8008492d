"""A data set at a glance: counts, charts, and what the split leaves for each part."""

import html

import pandas as pd
import streamlit as st

from dcn_core.config.data import DataConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.profile import Profile
from dcn_core.pictures import measures, ratings
from ui import caches, data_store, insight_parts

_PARTS = {"Training": "#1f978d", "Validation": "#dd7140", "Test": "#5f83bf"}


def counts(profile: Profile) -> None:
    """The numbers that say how large and how thin the data is."""
    row, nouns, say = profile.counts.iloc[0], insight_parts.speech().nouns, insight_parts.say
    with st.grid(4, min_column_width=130, gap="small", key="counts"):
        st.metric(say("Ratings"), f"{row['ratings']:,}")
        if row["users"] > 1:
            st.metric(say("Users"), f"{row['users']:,}")
        if row["movies"] > 1:
            st.metric(
                say("Movies"),
                f"{row['movies']:,}",
                help=f"{row['rated_movies']:,} of them have ratings." if nouns.unit == "stars" else None,
            )
        if row["users"] > 1 and row["movies"] > 1:
            st.metric(
                "Filled",
                f"{row['density']:.2%}",
                help=say("Share of all pairs of a user and a rated movie that have a rating."),
            )


def pictures(config: DataConfig) -> None:
    """What was counted in a data set, in two columns."""
    profile, means = caches.profile_of(config), data_store.means_of(config)
    shown = [
        lambda: insight_parts.picture(ratings.labels(profile, insight_parts.speech().nouns)),
        lambda: _categories(means, float(profile.counts["mean"].iloc[0])),
    ]
    if profile.counts["users"].iloc[0] > 1 and profile.counts["movies"].iloc[0] > 1:
        shown.append(lambda: insight_parts.picture(ratings.tails(profile)))
        shown.append(lambda: insight_parts.picture(ratings.filled(*data_store.filled_of(config))))
    if len(profile.over_time) > 1:
        shown.append(lambda: insight_parts.picture(ratings.over_time(profile)))
    if profile.cardinality["categories"].notna().any():
        shown.append(lambda: insight_parts.picture(ratings.sizes(profile)))
    columns = st.columns(2, gap="medium")
    for number, draw in enumerate(shown):
        with columns[number % 2], st.container(border=True, key=f"box-{number}"):
            draw()


def crosses(dataset: Dataset, config: DataConfig) -> None:
    """Which crosses a table shows already. Of all that is shown, this takes longest to count."""
    gains = data_store.crosses_of(config)
    if len(gains):
        insight_parts.picture(ratings.crosses(gains, dataset.truth, dataset.sides))
    else:
        insight_parts.title("Crosses that a table shows already")
        beside = " beside the ids" if dataset.sides else ""
        insight_parts.said(f"It takes two features{beside}, at most one of them a list, to look for their cross.")


def _categories(means: pd.DataFrame, mean: float) -> None:
    """The categories of one feature: what they are rated, or how often."""
    names = list(dict.fromkeys(means["feature"]))
    if not names:
        insight_parts.title("Categories")
        insight_parts.said("These ratings come with ids only.")
        return
    with st.container(horizontal=True, gap="small"):
        feature = insight_parts.choose(
            "Feature", names, "category-feature", named=insight_parts.features(), hidden=True
        )
        often = insight_parts.choose("Show", ("Mean", "Number"), "category-number", hidden=True) == "Number"
    insight_parts.picture(ratings.mix(means, feature) if often else ratings.categories(means, feature, mean))


def features(profile: Profile) -> None:
    """What a network may look at, and how many categories each feature has; a plain number has none."""
    speech = insight_parts.speech()
    chips = "".join(
        f"<span>{html.escape(speech.feature(row.feature))}"
        f"{'' if pd.isna(row.categories) else f' <b>{row.categories:,}</b>'}</span>"
        for row in profile.cardinality.itertuples()
    )
    st.markdown("### Features", anchors=False)
    st.html(
        "<style>.chips{display:flex;flex-wrap:wrap;gap:6px;font-size:13.5px}.chips span{padding:3px 10px;border-radius:7px;"
        "background:color-mix(in srgb,#5f83bf 16%,transparent)}.chips b{font-weight:600;opacity:.65;padding-left:4px}</style>"
        f'<div class="chips">{chips}</div>'
    )


def split_meter(dataset: Dataset, config: DataConfig) -> None:
    """How many ratings each part gets, and how much of it is about users and movies that training never sees."""
    split = caches.split(config)
    sizes = dict(zip(_PARTS, map(len, split), strict=True))
    bar = "".join(f'<i style="flex:{size};background:{_PARTS[part]}"></i>' for part, size in sizes.items() if size)
    legend = "".join(
        f'<span><i style="background:{_PARTS[part]}"></i>{part} <b>{size:,}</b></span>'
        for part, size in sizes.items()
        if size
    )
    st.html(
        "<style>.meter{display:flex;height:10px;border-radius:5px;overflow:hidden;gap:2px}.meter i{min-width:3px}"
        ".meter+div{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13.5px;padding-top:8px}"
        ".meter+div i{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:6px}</style>"
        f'<div class="meter">{bar}</div><div>{legend}</div>'
    )
    if dataset.sides and (found := data_store.meters_of(config)):
        insight_parts.picture(ratings.meter(found, config.split))


def planted(dataset: Dataset) -> None:
    """What the generated world is made of."""
    if dataset.truth is None:
        return
    truth = dataset.truth
    with st.expander("What was planted in this world"):
        table = pd.DataFrame(
            {
                "Cross": [measures.pair_label(item.features) for item in truth.crosses],
                "Stars": [item.strength for item in truth.crosses],
            }
        )
        st.dataframe(
            table,
            hide_index=True,
            key="planted",
            alt="Strength of each planted cross",
            height="content",
            column_config={
                "Stars": st.column_config.NumberColumn(
                    format="%.2f", help="Standard deviation of what only this pair explains."
                )
            },
        )
        st.caption(
            f"No network can get below an MSE of {truth.floor_mse:.3f} here. Without any cross the floor is "
            f"{truth.floors['without_crosses']:.3f}, without single users and movies {truth.floors['without_ids']:.3f}."
        )
