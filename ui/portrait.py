"""A data set at a glance: counts, charts, and what the split leaves for each part."""

import html

import pandas as pd
import streamlit as st

from dcn_core.config.data import DataConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.profile import Profile
from dcn_core.pictures import measures
from ui import caches, charts, texts

_PARTS = {"Training": "#1f978d", "Validation": "#dd7140", "Test": "#5f83bf"}


def counts(profile: Profile) -> None:
    """The numbers that say how large and how thin the data is."""
    row = profile.counts.iloc[0]
    with st.grid(4, min_column_width=130, gap="small", key="counts"):
        st.metric("Ratings", f"{row['ratings']:,}")
        st.metric("Users", f"{row['users']:,}")
        st.metric("Movies", f"{row['movies']:,}", help=f"{row['rated_movies']:,} of them have ratings.")
        st.metric(
            "Filled", f"{row['density']:.2%}", help="Share of all pairs of a user and a rated movie that have a rating."
        )


def distributions(profile: Profile) -> None:
    """How ratings, genres, users and movies are spread."""
    row = profile.counts.iloc[0]
    left, right = st.columns(2, gap="medium")
    with left:
        _chart(
            "How people rate",
            f"Mean {row['mean']:.2f}, spread {row['std']:.2f} stars: always saying the mean gives an MSE of {row['std'] ** 2:.3f}.",
            charts.bars([f"{value:g}" for value in profile.labels["rating"]], profile.labels["count"], "ratings"),
            "labels",
        )
        _chart(
            "Long tail",
            _tail_words(profile),
            charts.tails({"Movies": profile.per_movie, "Users": profile.per_user}),
            "tails",
        )
    with right:
        if len(profile.genres):
            genres = profile.genres.sort_values("count", ascending=False)
            _chart(
                "Genres",
                "A rating counts for each genre of its movie.",
                charts.bars(
                    genres["genre"], genres["count"], "ratings", horizontal=True, height=max(260, 19 * len(genres) + 60)
                ),
                "genres",
            )
        if len(profile.over_time) > 1:
            _chart(
                "Over time",
                f"{row['first']:%B %Y} to {row['last']:%B %Y}.",
                charts.over_time(profile.over_time),
                "over-time",
            )


def _chart(title: str, words: str, figure: object, key: str) -> None:
    with st.container(border=True, gap="xsmall", key=f"chart-{key}"):
        st.markdown(f"##### {title}", anchors=False)
        st.caption(words)
        st.plotly_chart(figure, key=key, config=charts.CONFIG | {"displayModeBar": False}, alt=title)


def _tail_words(profile: Profile) -> str:
    per_movie = profile.per_movie["count"]
    tenth = max(1, len(per_movie) // 10)
    return f"A tenth of the movies has {per_movie.head(tenth).sum() / per_movie.sum():.0%} of the ratings."


def features(profile: Profile) -> None:
    """What a network may look at, and how many categories each feature has."""
    chips = "".join(
        f"<span>{html.escape(texts.FEATURES[row.feature])} <b>{row.categories:,}</b></span>"
        for row in profile.cardinality.itertuples()
    )
    st.markdown("##### Features", anchors=False)
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
    st.caption(cold_words(caches.cold_start_of(config)))


def cold_words(cold: pd.DataFrame) -> str:
    """The cold start of each held-out part in a sentence."""
    sentences = [
        f"{row.part.capitalize()}: {row.unseen_user:.1%} of the ratings are from users and {row.unseen_movie:.1%} about movies "
        "that training has never seen."
        for row in cold.itertuples()
    ]
    return " ".join(sentences)


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
