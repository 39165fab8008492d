"""A predicted rating, large, with stars; and what to hold it against."""

import html

import numpy as np
import streamlit as st

from dcn_core.data.dataset import Dataset
from ui.asking import Asked
from ui.knowledge import PARTS, Knowledge, known_rating

_STYLE = """<style>
.verdict{display:flex;flex-wrap:wrap;align-items:baseline;gap:6px 18px;line-height:1}
.verdict b{font-family:'Bricolage Grotesque',sans-serif;font-size:72px;font-weight:700;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.verdict span{font-size:38px;letter-spacing:3px;-webkit-background-clip:text;background-clip:text;color:transparent}
.pair{font-size:15px;line-height:1.5;overflow-wrap:anywhere}
.pair strong{display:block;font-family:'Bricolage Grotesque',sans-serif;font-size:21px;font-weight:650;line-height:1.25}
.pair em{font-style:normal;opacity:.7}
</style>"""
_STAR, _REST = "#dd8a2f", "color-mix(in srgb,currentColor 18%,transparent)"


def stars(rating: float, most: float) -> str:
    """Returns the number and its stars as HTML."""
    share = 100 * max(0.0, min(1.0, rating / most))
    fill = f"background-image:linear-gradient(90deg,{_STAR} {share:.1f}%,#9a9fa555 {share:.1f}%)"
    count = round(most)
    return (
        f'{_STYLE}<div class="verdict" role="img" aria-label="{rating:.1f} of {count} stars">'
        f'<b>{rating:.1f}</b><span aria-hidden="true" style="{fill}">{"★" * count}</span></div>'
    )


def question(user: Asked, movie: Asked) -> str:
    """Returns movie and user as HTML, escaped: titles are data."""
    genres = str(movie.table["genres"].iloc[0]).replace("|", ", ") if "genres" in movie.table else ""
    return (
        f'{_STYLE}<div class="pair"><strong>{html.escape(movie.text)}</strong>'
        f"<em>{html.escape(genres)}</em><br>{html.escape(user.text)}</div>"
    )


def show(raw: float, dataset: Dataset, facts: Knowledge, user: Asked, movie: Asked) -> None:
    """Draws the answer to one question."""
    st.html(question(user, movie))
    rating = float(np.clip(raw, dataset.rating_min, dataset.rating_max))
    st.html(stars(rating, dataset.rating_max))
    notes = [f"The network says {raw:.3f}"]
    if rating != raw:
        notes.append(
            f"which is outside the scale of {dataset.rating_min:g} to {dataset.rating_max:g} and was put within it"
        )
    st.caption(", ".join(notes) + ".")
    with st.grid(3, min_column_width=150, gap="small", key="held-against"):
        _actual(dataset, facts, user, movie)
        _mean("This movie's mean", movie.row, facts.movie_count, facts.movie_mean)
        _mean("This user's mean", user.row, facts.user_count, facts.user_mean)
    for asked, noun in ((user, "user"), (movie, "movie")):
        if asked.row is None:
            st.caption(
                f"Nobody knows this {noun} yet: its id goes through the unknown index, and only what you chose counts."
            )
        elif (facts.user_count if noun == "user" else facts.movie_count)[asked.row] == 0:
            st.caption(f"Training never saw this {noun}: its id goes through the unknown index.")


def _actual(dataset: Dataset, facts: Knowledge, user: Asked, movie: Asked) -> None:
    row = None
    if user.row is not None and movie.row is not None:
        row = known_rating(dataset, user.row, movie.row)
    if row is None:
        st.metric("Real rating", "none", help="This user has not rated this movie.")
        return
    rating = dataset.ratings["rating"].iloc[row]
    part = PARTS[facts.part[row]] if facts.part[row] >= 0 else "no"
    note = (
        "The network learned from this very rating."
        if part == "training"
        else "The network did not learn from this rating."
    )
    st.metric(
        "Real rating",
        f"{rating:g}",
        help=f"Among the {part} ratings. {note}",
        delta=f"{part} rating",
        delta_color="off",
        delta_arrow="off",
    )


def _mean(label: str, row: int | None, count: np.ndarray, mean: np.ndarray) -> None:
    known = row is not None and count[row] > 0
    value = f"{mean[row]:.2f}" if known else "none"
    number = int(count[row]) if row is not None else 0
    plural = "" if number == 1 else "s"
    st.metric(
        label,
        value,
        delta=f"{number:,} rating{plural}",
        delta_color="off",
        delta_arrow="off",
        help="Mean over the training ratings.",
    )
