"""The sources of ratings side by side: one card each, and below them what the open one asks."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from dcn_core.data.downloads import downloads_folder
from dcn_core.data.uploads import uploads_folder
from ui import draft, own_table, releases, source


class Card(NamedTuple):
    """A source that a person may choose.

    Attributes:
        title: Its name.
        icon: Of the Material set, as `:material/name:`.
        sentence: What it is, in one sentence.
        show: Draws what is asked of whoever opens the card.
        holds: Whether the source of a config, as `DataConfig.source`, came from this card.
    """

    title: str
    icon: str
    sentence: str
    show: Callable[[], None]
    holds: Callable[[str], bool] = lambda source: False

    @property
    def slug(self) -> str:
        """The title for keys."""
        return self.title.lower().replace(" ", "-")


CARDS: list[Card] = [
    Card(
        "Generated world",
        ":material/potted_plant:",
        "Invented users and movies with crosses that you plant, to see which of them a network finds.",
        source.generated,
        source.is_generated,
    ),
    Card(
        "MovieLens",
        ":material/cloud_download:",
        "Real ratings, 100,000 to 32 million, downloaded from GroupLens with one click.",
        releases.show,
        lambda path: Path(path).parent == downloads_folder(),
    ),
    Card(
        "On this machine",
        ":material/hard_drive:",
        "A MovieLens archive or folder on the disk of the machine that runs this app.",
        source.on_disk,
    ),
    Card(
        "Upload",
        ":material/upload_file:",
        "A MovieLens archive from your own machine.",
        source.upload,
        lambda path: Path(path).parent == uploads_folder() and not own_table.holds(path),
    ),
    Card(
        "Own table",
        ":material/table:",
        "A CSV, Parquet or Excel table of any domain: say what its columns are, and what to predict.",
        own_table.show,
        own_table.holds,
    ),
]

_STYLE = """
<style>
.st-key-source-cards { --accent: light-dark(#0f766e, #3aa99f); }
.st-key-source-cards [class*="st-key-card-box-"] { position: relative; transition: border-color .15s; }
.st-key-source-cards [class*="st-key-card-box-"]:hover { border-color: var(--accent); }
/* The button's own area is stretched over its card, so nothing between the two may hold it back. */
.st-key-source-cards [class*="st-key-card-box-"] * { position: static; }
.st-key-source-cards .stButton button { padding: 0; min-height: 0; }
.st-key-source-cards .stButton button p { font-weight: 600; }
.st-key-source-cards .stButton button::after { content: ""; position: absolute; z-index: 1; inset: 0; border-radius: inherit; }
.st-key-card-box-%s { border-color: var(--accent) !important; background: color-mix(in srgb, var(--accent) 9%%, transparent); }
</style>
"""


def in_use() -> Card:
    """The card that the draft's source came from."""
    now = source.current()
    fallback = next(card for card in CARDS if card.show is source.on_disk)
    return next((card for card in CARDS if card.holds(now)), fallback)


def opened() -> Card:
    """The card whose questions are shown: the one that was clicked, else the one in use."""
    asked = st.session_state.get(source.OPENED)
    return next((card for card in CARDS if card.title == asked), None) or in_use()


def row() -> None:
    """Draws the cards side by side."""
    chosen, used = opened(), in_use()
    st.html(_STYLE % chosen.slug)
    with st.grid(len(CARDS), min_column_width=150, gap="small", key="source-cards"):
        for card in CARDS:
            with st.container(border=True, gap="xsmall", height="stretch", key=f"card-box-{card.slug}"):
                with st.container(horizontal=True, horizontal_alignment="distribute", gap="xsmall"):
                    st.button(
                        card.title,
                        icon=card.icon,
                        type="tertiary",
                        key=f"card-{card.slug}",
                        on_click=_open,
                        args=(card,),
                    )
                    if card is used:
                        st.badge("In use", color="green")
                st.caption(card.sentence)


def panel() -> None:
    """Draws what the open card asks, and why the last try failed if it did."""
    with st.container(border=True, key="source"):
        opened().show()
        source.problem()


def _open(card: Card) -> None:
    st.session_state[source.OPENED] = card.title
    if card.show is source.generated:
        draft.use_source("generated")
