"""The way from the average prediction to one, as a waterfall."""

import numpy as np
import plotly.graph_objects as go

from dcn_core.insight.why import Waterfall
from dcn_core.insight.wording import STARS, Unit, label
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, GREY, SECOND, escaped, finish, written

MOST = 12
"""Terms that are drawn; the smaller ones are one bar."""
ABOUT = {
    "features": "Each bar is what a feature, or a pair of features beyond the two alone, adds to the average prediction. The "
    "values of this question are put into validation ratings one feature and one pair at a time, and the mean prediction is "
    "compared. The bars add up to the prediction exactly, for every kind of network. They tell what the network does; "
    "they are no causes.",
    "parts": "Each bar is what a part of the network adds to the rating, less what it adds on average over validation "
    "ratings. The bars add up to the prediction exactly.",
    "orders": "A cross network without gates is a polynomial of the embeddings: order 2 are products of two, order 3 of three. "
    "Each bar is what an order adds, less what it adds on average over validation ratings. The bars add up to the prediction "
    "exactly. Order 2 also carries what a feature says alone, as a product with itself or with a constant.",
}


def waterfall(found: Waterfall, kind: str, sentence: str, key: str, unit: Unit = STARS) -> Picture:
    """Draws the terms from the largest on, the average above them and the prediction below."""
    shown = found.largest(MOST)
    terms = [
        " × ".join(map(label, features)) or name
        for name, features in zip(shown["name"], shown["features"], strict=True)
    ]
    names = ["Average prediction", *terms, "This prediction"]
    values = [found.average, *shown["stars"], found.rating]
    running = np.cumsum([found.average, *shown["stars"]])
    low, high = float(min(running.min(), found.rating)), float(max(running.max(), found.rating))
    room = max(0.12 * (high - low), 0.05)
    labels = escaped(names)
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=labels,
            x=values,
            measure=["absolute", *["relative"] * len(shown), "total"],
            increasing={"marker": {"color": FIRST}},
            decreasing={"marker": {"color": SECOND}},
            totals={"marker": {"color": GREY}},
            connector={"line": {"color": GREY, "width": 1, "dash": "dot"}},
            text=[
                f"{found.average:.2f}",
                *(written(value, 2, signed=True) for value in shown["stars"]),
                f"{found.rating:.2f}",
            ],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{text}} {unit.amount}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_xaxes(title=label(unit.noun), range=[low - 2 * room, high + 2 * room])
    figure.update_layout(showlegend=False, bargap=0.3)
    numbers = shown[["name", "stars"]].rename(columns={"name": "Term", "stars": label(unit.noun)})
    return Picture(
        key=key,
        title="From the average to this prediction",
        sentence=sentence,
        figure=finish(figure, 30 * len(names) + 80),
        alt=f"Waterfall from {found.average:.2f} to {found.rating:.2f} {unit.amount}.",
        about=ABOUT[kind],
        numbers=numbers,
    )
