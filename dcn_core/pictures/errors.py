"""Pictures of where the network is wrong: its errors slice by slice, and calibration."""

from typing import Literal

import pandas as pd

from dcn_core.insight.report import Section
from dcn_core.insight.wording import label
from dcn_core.pictures import dots
from dcn_core.pictures.picture import Picture

ALL = "all"
"""In place of what ratings are sliced by: all kinds of slices together."""
_SLICES = {"decade": "Release decade", "popularity": "Popularity"}
_MOST = 18


def slice_name(name: str) -> str:
    """What ratings are sliced by."""
    return _SLICES.get(name) or label(name)


def worst(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """Slices by how bad they are at least: the near end of their interval, for a bias on either side of zero."""
    if value == "mse":
        order = frame["mse_low"]
    else:
        order = pd.concat([frame["bias_low"], -frame["bias_high"]], axis=1).max(axis=1)
    return frame.assign(order=order).sort_values("order", ascending=False, kind="stable").drop(columns=["order"])


def slices(found: Section, kind: str = ALL, value: Literal["mse", "bias"] = "mse") -> Picture:
    """The worst slices of the validation ratings.

    Args:
        found: The section `errors` of a report, with slices in it.
        kind: What they are sliced by, or `ALL`.
        value: Their error, or how far predictions are above ratings on average.
    """
    frame = found.tables["slices"]
    shown = worst(frame if kind == ALL else frame[frame["slice"] == kind], value)
    shown["label"] = [
        (f"{slice_name(row['slice'])}: " if kind == ALL else "") + f"{row['category']}  ·  {row['count']:,}"
        for row in shown.to_dict("records")
    ]
    reference = found.facts["mse"] if value == "mse" else 0.0
    return Picture(
        key="slices",
        title="Errors by slice",
        sentence=found.sentences["slices"] if (kind, value) == (ALL, "mse") else _said(shown, kind, value, reference),
        figure=dots.intervals(
            shown.head(_MOST),
            value,
            "Mean squared error" if value == "mse" else "Prediction minus rating, stars",
            reference,
        ),
        alt="Error of each slice of the validation ratings with its 95 % interval",
        about="Each dot is a slice of the validation ratings, with their number behind its name; its line the 95 % interval, "
        "which allows for ratings of one person, and of one movie, being alike; the dotted line is "
        + (
            "the error of all. "
            if value == "mse"
            else "no bias: right of it predictions are too generous, left too strict. "
        )
        + "Sorted by how bad it is for sure, the near end of the interval. A movie counts for each of its genres; popularity is in "
        "tenths of the movies by number of training ratings. Slices with fewer than 30 ratings, or of one person or movie, are left out. With so many "
        "slices some look bad by chance.",
        numbers=shown.drop(columns=["label"]),
    )


def _said(shown: pd.DataFrame, kind: str, value: str, reference: float) -> str:
    """The first of some slices in words."""
    if shown.empty:
        return "No slice has enough ratings to speak of."
    top = shown.iloc[0]
    name = f"{slice_name(top['slice'])}: {top['category']}" if kind == ALL else f"{slice_name(kind)} {top['category']}"
    if value == "mse":
        return f"{name} is most surely among the worst, with {top['mse']:.3f} MSE against {reference:.3f} of all."
    direction = "too generous" if top["bias"] > 0 else "too strict"
    return f"Predictions are furthest off for {name}: {abs(top['bias']):.2f} stars {direction} on average."


def calibration(found: Section) -> Picture:
    """What people gave over what was predicted."""
    frame = found.tables["calibration"]
    return Picture(
        key="calibration",
        title="Calibration",
        sentence=found.sentences["calibration"],
        figure=dots.calibration(frame),
        alt="Mean rating given by mean prediction",
        about="Validation ratings in bins of equally many, by prediction. On the dotted line people give what was predicted. Bars "
        "are intervals of the mean that hold for all bins together with 95 %. A network can be calibrated and useless: always saying the mean is.",
        numbers=frame,
    )
