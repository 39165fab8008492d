"""How a run learned: its errors by epoch, and what they say."""

import pandas as pd
import plotly.graph_objects as go

from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import epochs

_MOST_CIRCLES = 60
"""Epochs that have a circle each; more would touch."""


def curve(errors: pd.DataFrame, sentence: str, best_epoch: int | None, unit: str) -> Picture:
    """Errors of training and validation by epoch.

    Args:
        errors: `epoch`, `training` and `validation`, in order, at least one row.
        sentence: What they say.
        best_epoch: The epoch whose weights were kept.
        unit: What the errors are, for the axis.
    """
    figure = go.Figure()
    for name in ("training", "validation"):
        figure.add_scatter(
            x=errors["epoch"],
            y=errors[name],
            name=name.capitalize(),
            mode="lines+markers" if len(errors) <= _MOST_CIRCLES else "lines",
            hovertemplate=f"{name.capitalize()}, epoch %{{x}}: %{{y:.4f}}<extra></extra>",
        )
    if best_epoch is not None:
        figure.add_vline(x=best_epoch, line={"dash": "dot", "width": 1, "color": "#8b9197"})
    figure.update_xaxes(epochs(int(errors["epoch"].max())))
    figure.update_yaxes(title=unit)
    figure.update_layout(
        height=340, margin={"l": 8, "r": 8, "t": 12, "b": 8}, legend={"orientation": "h", "y": 1.12, "x": 0}
    )
    return Picture(
        key="curve",
        title="Learning curve",
        sentence=sentence,
        figure=figure,
        alt="Training and validation error by epoch",
        about="One pass over the training ratings is an epoch. The training error is measured while the network changes, the "
        "validation error after the epoch, on ratings that never train it. The weights of the epoch with the lowest validation "
        "error are kept, at the dotted line.",
        numbers=errors,
    )
