"""Where the network is wrong: calibration, and its errors slice by slice."""

import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.report import Section
from dcn_core.runs.store import RunSummary
from ui import insight_dots, insight_parts, insight_store, texts

_SLICES = {"decade": "Release decade", "popularity": "Popularity"}
_ALL = "all"
_MOST = 18


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "errors")
    if found is None:
        return
    with st.container(border=True, key="slices-card"):
        insight_parts.lead(found.sentences["slices"])
        _slices(found)
    with st.container(border=True, key="calibration-card"):
        insight_parts.lead(found.sentences["calibration"])
        insight_parts.picture(
            insight_dots.calibration(insight_store.table(found, "calibration")),
            "calibration",
            "Mean rating given by mean prediction",
            "Validation ratings in bins of equally many, by prediction. On the dotted line people give what was predicted. Bars "
            "are 95 % intervals of the mean. A network can be calibrated and useless: always saying the mean is.",
            insight_store.table(found, "calibration"),
        )


def _slices(found: Section) -> None:
    frame = insight_store.table(found, "slices")
    if frame.empty:
        return
    kinds = [_ALL, *dict.fromkeys(frame["slice"])]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = st.segmented_control(
            "Slice by",
            kinds,
            format_func=lambda name: "Worst of all" if name == _ALL else slice_name(name),
            default=_ALL,
            required=True,
            key="slice-kind",
            wrap=True,
        )
        value = st.segmented_control(
            "Show",
            ["mse", "bias"],
            format_func=lambda name: {"mse": "Error", "bias": "Too generous or too strict"}[name],
            default="mse",
            required=True,
            key="slice-value",
            wrap=True,
        )
    value = value or "mse"
    kind = kind if kind in kinds else _ALL
    shown = worst(frame if kind == _ALL else frame[frame["slice"] == kind], value)
    shown["label"] = [
        (f"{slice_name(row['slice'])}: " if kind == _ALL else "") + f"{row['category']}  ·  {row['count']:,}"
        for row in shown.to_dict("records")
    ]
    unit = "Mean squared error" if value == "mse" else "Prediction minus rating, stars"
    reference = found.facts["mse"] if value == "mse" else 0.0
    insight_parts.picture(
        insight_dots.intervals(shown.head(_MOST), value, unit, reference),
        "slices",
        "Error of each slice of the validation ratings with its 95 % interval",
        "Each dot is a slice of the validation ratings, with their number behind its name; its line the 95 % interval; the dotted line is "
        + (
            "the error of all. "
            if value == "mse"
            else "no bias: right of it predictions are too generous, left too strict. "
        )
        + "Sorted by how bad it is for sure, the near end of the interval. A movie counts for each of its genres; popularity is in "
        "tenths of the movies by number of training ratings. Slices with fewer than 30 ratings are left out. With so many "
        "slices some look bad by chance.",
        shown.drop(columns=["label"]),
    )


def slice_name(name: str) -> str:
    """What ratings are sliced by."""
    return _SLICES.get(name, texts.FEATURES.get(name, name))


def worst(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """Slices by how bad they are at least: the near end of their interval, for a bias on either side of zero."""
    if value == "mse":
        order = frame["mse_low"]
    else:
        order = pd.concat([frame["bias_low"], -frame["bias_high"]], axis=1).max(axis=1)
    return frame.assign(order=order).sort_values("order", ascending=False, kind="stable").drop(columns=["order"])
