"""Groups of users by how much they would like a movie."""

import pandas as pd
import plotly.graph_objects as go

from dcn_core.insight.wording import STARS, Unit, amount, label
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, SECOND, escaped, finish, folded

_ABOUT = (
    "The mean prediction over the users of each group, against the mean over all users. Groups are the values of what the "
    "network sees of users, how much they rate (thirds by number of training ratings), the genre that they have rated more "
    "often than others do, and combinations of two. A bar tells what the network predicts, not what was measured."
)


def segments_picture(frame: pd.DataFrame, most: int, key: str, unit: Unit = STARS) -> Picture:
    """Draws the groups with the highest and the lowest means.

    Args:
        frame: As of `dcn_core.serving.audience.segments`, with one row at least.
        most: Groups at either end.
        key: Of the picture.
        unit: What the predictions are measured in.
    """
    shown = frame if len(frame) <= 2 * most else pd.concat([frame.head(most), frame.tail(most)])
    labels = escaped(shown["segment"].tolist(), 40)
    figure = go.Figure(
        go.Bar(
            x=shown["lift"],
            y=labels,
            orientation="h",
            marker={"color": [FIRST if lift >= 0 else SECOND for lift in shown["lift"]]},
            text=[f"{rating:.2f}" for rating in shown["rating"]],
            textposition="outside",
            cliponaxis=False,
            customdata=shown[["users", "share"]],
            hovertemplate=f"%{{y}}: %{{text}} {unit.amount}, %{{x:+.2f}} against all<br>%{{customdata[0]:,}} users, %{{customdata[1]:.0%}} of them in the upper quarter<extra></extra>",
        )
    )
    low, high = min(float(shown["lift"].min()), 0.0), max(float(shown["lift"].max()), 0.0)
    room = 0.2 * ((high - low) or 1.0)
    figure.update_xaxes(
        title=folded(f"{label(unit.noun)} against all users"), range=[low - room, high + room], zeroline=True
    )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_layout(showlegend=False, bargap=0.3)
    top, bottom = frame.iloc[0], frame.iloc[-1]
    text = (
        f"{top['segment']}: these {top['users']:,} users would like it best, {top['rating']:.2f} {unit.amount} on average, "
        f"{amount(top['lift'])} above all users."
    )
    if len(frame) > 1 and f"{top['rating']:.2f}" == f"{bottom['rating']:.2f}":
        text = f"All groups would like it alike: {top['rating']:.2f} {unit.amount}."
    elif len(frame) > 1:
        text += f" Least: “{bottom['segment']}”, {bottom['rating']:.2f}."
    names = {
        "segment": "Group",
        "users": "Users",
        "rating": f"Mean {unit.noun}",
        "lift": "Against all",
        "share": "In upper quarter",
    }
    return Picture(
        key=key,
        title="Groups",
        sentence=text,
        figure=finish(figure, 26 * len(shown) + 90),
        alt="Bars of the mean predicted rating by group of users.",
        about=_ABOUT,
        numbers=frame.rename(columns=names),
    )
