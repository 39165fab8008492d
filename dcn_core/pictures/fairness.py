"""What one feature of the users changes, and how large the error is by group."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.insight.wording import STARS, Unit, words
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, GREY, SECOND, escaped, finish
from dcn_core.serving.fairness import Swaps

_SWAP = (
    "Each rating is predicted once with every value of this feature, all other features of user and movie as they are, ids "
    "included. The change of a rating is its highest prediction less its lowest. It tells what the network does with the feature "
    "itself; what other features or ids carry of it stays."
)
_ERROR = (
    "Squared error of the predictions on the {whose} ratings of each group, with 95 % intervals. Groups whose intervals do not "
    "overlap are served unequally well; the feature need not be the cause."
)


def by_genre(
    frame: pd.DataFrame, names: Sequence[str], swaps: Swaps, whose: str, key: str, unit: Unit = STARS
) -> Picture:
    """The change by genre: mean as a bar, largest as a mark.

    Args:
        frame: As of `Swaps.by_genre`; without rows, one bar for all ratings is drawn.
        names: Readable values of the feature, index-aligned.
        swaps: What it was made of.
        whose: Which ratings, "test" for instance.
        key: Of the picture.
        unit: What the predictions are measured in.
    """
    feature = swaps.feature
    means = swaps.by_category().sort_values("mean", kind="stable")
    low, high = (names[int(means["category"].iloc[end])] for end in (0, -1))
    gap = float(means["mean"].iloc[-1] - means["mean"].iloc[0])
    text = (
        f"Changing only {words(feature)} moves a prediction by {swaps.mean:.3f} {unit.amount} on average and by {swaps.largest:.2f} at most, over "
        f"{len(swaps.rows):,} {whose} ratings{'' if swaps.all_rows else ' drawn at random'}. With {high} for everybody the mean is "
        f"{gap:.3f} {unit.amount} above that with {low}."
    )
    if len(frame):
        top = frame.iloc[0]
        text += f" It matters most for {top['genre']}: {top['mean']:.3f} {unit.amount} on average, highest with {names[int(top['high'])]}."
    shown = frame if len(frame) else pd.DataFrame({"genre": ["All"], "mean": [swaps.mean], "largest": [swaps.largest]})
    labels = escaped(shown["genre"].tolist())
    figure = go.Figure(
        go.Bar(
            x=shown["mean"],
            y=labels,
            orientation="h",
            name="Mean",
            marker={"color": FIRST},
            hovertemplate=f"%{{y}}: %{{x:.3f}} {unit.amount} on average<extra></extra>",
        )
    )
    figure.add_scatter(
        x=shown["largest"],
        y=labels,
        mode="markers",
        name="Largest",
        marker={"symbol": "diamond", "size": 9, "color": SECOND},
        hovertemplate=f"%{{y}}: %{{x:.3f}} {unit.amount} at most<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_xaxes(title=f"Change in {unit.noun}", rangemode="tozero")
    figure.update_layout(legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}, bargap=0.3)
    numbers = shown.rename(
        columns={"genre": "Genre", "ratings": "Ratings", "mean": "Mean change", "largest": "Largest change"}
    )
    if len(frame):
        numbers = numbers.drop(columns=["high", "low"]).assign(
            **{
                "Highest with": [names[int(index)] for index in frame["high"]],
                "Lowest with": [names[int(index)] for index in frame["low"]],
            }
        )
    return Picture(
        key=key,
        title=f"If only {words(feature)} were another",
        sentence=text,
        figure=finish(figure, 26 * len(shown) + 110, t=36),
        alt=f"Change of predictions by genre when {words(feature)} alone is changed.",
        about=_SWAP,
        numbers=numbers,
    )


def by_group(frame: pd.DataFrame, feature: str, mse: float, whose: str, key: str) -> Picture:
    """The error of each group of a feature, beside the error of all.

    Args:
        frame: Rows of `dcn_core.insight.residuals.slices` of one feature, one at least.
        feature: Its name.
        mse: Mean squared error over all ratings.
        whose: Which ratings, "test" for instance.
        key: Of the picture.
    """
    ordered = frame.sort_values("mse", ascending=False, kind="stable")
    labels = escaped(ordered["category"].tolist())
    figure = go.Figure(
        go.Scatter(
            x=ordered["mse"],
            y=labels,
            mode="markers",
            marker={"size": 10, "color": FIRST},
            error_x={
                "array": ordered["mse_high"] - ordered["mse"],
                "arrayminus": ordered["mse"] - ordered["mse_low"],
                "color": GREY,
                "thickness": 1.5,
            },
            customdata=np.stack([ordered["count"], ordered["bias"]], axis=1),
            hovertemplate="%{y}: %{x:.3f} MSE, %{customdata[0]:,} ratings<br>%{customdata[1]:+.3f} too high on average<extra></extra>",
        )
    )
    figure.add_vline(x=mse, line={"color": SECOND, "dash": "dot", "width": 1.5})
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", type="category")
    figure.update_xaxes(title="Mean squared error")
    figure.update_layout(showlegend=False)
    worst, best = ordered.iloc[0], ordered.iloc[-1]
    text = f"The error is largest for {worst['category']}, {worst['mse']:.3f} MSE, and smallest for {best['category']}, {best['mse']:.3f}."
    apart = bool(worst["mse_low"] > best["mse_high"])
    text += " Their intervals do not overlap." if apart else " Their intervals overlap, so chance may explain it."
    names = {
        "category": "Group",
        "count": "Ratings",
        "mse": "MSE",
        "mse_low": "from",
        "mse_high": "to",
        "bias": "Bias",
    }
    return Picture(
        key=key,
        title=f"Error by {words(feature)}",
        sentence=text,
        figure=finish(figure, 26 * len(ordered) + 90),
        alt=f"Mean squared error by {words(feature)}, with intervals.",
        about=f"{_ERROR.format(whose=whose)} The dotted line is the error of all.",
        numbers=ordered[list(names)].rename(columns=names),
    )
