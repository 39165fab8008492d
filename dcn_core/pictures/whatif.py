"""Ratings as a function of one feature or of two, with the number of ratings behind each: guesses look like guesses."""

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.insight.wording import STARS, Unit, label, listed, words
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, GREY, SECOND, escaped, finish, for_marks

FEW = 30
"""Training ratings below which a prediction counts as a guess."""
_ABOUT = (
    "All other features stay as they are; a value of a list, a genre for instance, stands alone. The size of a mark grows with the number of training ratings of its category; a "
    f"hollow mark has fewer than {FEW}, and the network guesses there. Predictions follow what people in the data gave, not "
    "what a change would cause."
)


def _sizes(count: np.ndarray, least: float, most: float) -> np.ndarray:
    """Sizes of marks in pixels, by the logarithm of their ratings."""
    top = np.log1p(max(float(count.max(initial=0)), 1.0))
    return least + (most - least) * np.log1p(count) / top


def curve(
    feature: str,
    names: Sequence[str],
    rating: np.ndarray,
    count: np.ndarray,
    own: Sequence[str],
    scale: tuple[float, float],
    ordered: bool,
    key: str,
    unit: Unit = STARS,
) -> Picture:
    """The rating by category of one feature.

    Args:
        feature: Its name.
        names: Readable categories, in order.
        rating: Predictions, `(n,)`, within the scale.
        count: Training ratings of each, `(n,)`.
        own: The values that the question has now.
        scale: Lowest and highest rating.
        ordered: Whether the categories have an order of their own, as years have; else they are sorted by rating.
        key: Of the picture.
        unit: What the predictions are measured in.
    """
    if not ordered:
        order = np.argsort(-rating, kind="stable")
        names, rating, count = [names[place] for place in order.tolist()], rating[order], count[order]
    labels = escaped(names)
    few = count < FEW
    now = [name in own for name in names]
    figure = go.Figure(
        go.Scatter(
            x=labels,
            y=rating,
            mode="lines+markers" if ordered else "markers",
            line={"color": GREY, "width": 1.5},
            marker={
                "size": _sizes(count, 6, 17),
                "color": [SECOND if mine else FIRST for mine in now],
                "symbol": ["circle-open" if guess else "circle" for guess in few],
                "opacity": 1,
                "line": {"width": 1.5},
            },
            customdata=count,
            hovertemplate=f"%{{x}}: %{{y:.2f}} {unit.amount}, %{{customdata:,}} training ratings<extra></extra>",
        )
    )
    room = max(0.1, 0.15 * float(rating.max() - rating.min()))
    figure.update_xaxes(
        type="category", showgrid=False, tickangle=-90 if len(names) > 12 else -40 if len(names) > 6 else 0, nticks=40
    )
    figure.update_yaxes(
        title=f"Predicted {unit.noun}",
        range=[max(scale[0] - 0.1, rating.min() - room), min(scale[1] + 0.1, rating.max() + room)],
    )
    figure.update_layout(showlegend=False)
    best, worst = int(np.argmax(rating)), int(np.argmin(rating))
    text = f"Changing {words(feature)} moves this prediction by up to {rating.max() - rating.min():.2f} {unit.amount}: {rating[best]:.2f} with {names[best]}"
    text += f", {rating[worst]:.2f} with {names[worst]}." if len(names) > 1 else "."
    guesses = [name for name, guess in zip(names, few, strict=True) if guess]
    if guesses:
        shown = listed([*guesses[:3], *(["more"] if len(guesses) > 3 else [])])
        text += f" {shown}: guesses, from fewer than {FEW} training ratings."
    return Picture(
        key=key,
        title=f"By {words(feature)}",
        sentence=text,
        figure=finish(figure, 300),
        alt=f"Predicted rating by {words(feature)}.",
        about=f"{_ABOUT} The question's own value is orange.",
        numbers=pd.DataFrame({label(feature): names, f"Predicted {unit.noun}": rating, "Training ratings": count}),
    )


def board(
    features: tuple[str, str],
    rows: Sequence[str],
    columns: Sequence[str],
    rating: np.ndarray,
    count: np.ndarray,
    key: str,
    unit: Unit = STARS,
) -> Picture:
    """The rating by category of two features, `(rows, columns)`, a square a combination.

    Args:
        features: Those along the rows and along the columns.
        rows: Readable categories.
        columns: Likewise.
        rating: Predictions, within the scale.
        count: Training ratings of each combination.
        key: Of the picture.
        unit: What the predictions are measured in.
    """
    y, x = (grid.ravel() for grid in np.meshgrid(range(len(rows)), range(len(columns)), indexing="ij"))
    flat, known = rating.ravel(), count.ravel()
    few = known < FEW
    figure, step = go.Figure(), -(-len(columns) // 24)  # of more columns, hovering tells the names
    cell = 28 if len(columns) <= 10 else 18 if len(columns) <= 22 else 11 if len(columns) <= 40 else 8
    for guess in (False, True):
        chosen = np.flatnonzero(few == guess)
        figure.add_scatter(
            x=x[chosen],
            y=y[chosen],
            mode="markers",
            marker={
                "symbol": "square-open" if guess else "square",
                "size": _sizes(known, 5, cell)[chosen],
                "color": flat[chosen],
                "coloraxis": "coloraxis",
                "opacity": 1,
                "line": {"width": 1.5 if guess else 0},
            },
            customdata=[[html.escape(rows[y[i]]), html.escape(columns[x[i]]), flat[i], known[i]] for i in chosen],
            hovertemplate=f"%{{customdata[0]}}<br>%{{customdata[1]}}<br>%{{customdata[2]:.2f}} {unit.amount}, %{{customdata[3]:,}} training ratings<extra></extra>",
        )
    ticks = {"tickmode": "array", "showgrid": False, "zeroline": False, "ticks": ""}
    figure.update_xaxes(
        title=html.escape(label(features[1])),
        tickvals=list(range(len(columns)))[::step],
        ticktext=escaped(columns, 18)[::step],
        tickangle=-45 if len(columns) > 6 else 0,
        range=[-0.6, len(columns) - 0.4],
        **ticks,
    )
    figure.update_yaxes(
        title=html.escape(label(features[0])),
        tickvals=list(range(len(rows))),
        ticktext=escaped(rows, 22),
        range=[len(rows) - 0.4, -0.6],
        **ticks,
    )
    figure.update_layout(
        showlegend=False,
        coloraxis={
            "colorscale": for_marks(),
            "colorbar": {
                "orientation": "h",
                "y": 1.01,
                "yanchor": "bottom",
                "len": 0.6,
                "thickness": 8,
                "outlinewidth": 0,
                "nticks": 4,
            },
        },
    )
    i, j = divmod(int(np.argmax(np.where(count >= FEW, rating, -np.inf))), rating.shape[1])
    share = float(few.mean())
    text = f"Of the combinations with {FEW} training ratings or more, {rows[i]} with {columns[j]} comes out highest: {rating[i, j]:.2f} {unit.amount}."
    if share == 1:
        text = f"Every combination has fewer than {FEW} training ratings: all of this is guessed."
    elif share > 0:
        text += f" {100 * share:.0f} % of the combinations are guesses."
    frame = pd.DataFrame({label(features[0]): [rows[k] for k in y], label(features[1]): [columns[k] for k in x]})
    return Picture(
        key=key,
        title=f"By {words(features[0])} and {words(features[1])}",
        sentence=text,
        figure=finish(figure, min(900, max(300, max(cell, 15) * len(rows) + 150)), t=48),
        alt=f"Predicted rating by {words(features[0])} and {words(features[1])}.",
        about=_ABOUT,
        numbers=frame.assign(**{f"Predicted {unit.noun}": flat, "Training ratings": known}),
    )
