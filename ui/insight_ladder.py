"""The network among simple predictors on the same split."""

import html

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.ladder import FLOOR
from dcn_core.insight.report import Section
from dcn_core.runs.store import RunSummary
from ui import insight_dots, insight_parts, insight_store

_STYLE = (
    "<style>.rungs{font-size:14px;line-height:1.45}.rungs p{margin:0 0 9px;color:color-mix(in srgb,currentColor 75%,transparent)}"
    ".rungs b{font-weight:600;color:light-dark(#1d2226,#e9e6df)}</style>"
)


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    with st.container(border=True, key="ladder-card"):
        found = insight_store.section(run.id, "ladder")
        if found is None:
            return
        insight_parts.lead(found.sentences["ladder"])
        frame = rungs(found)
        floor = lowest(found)
        picture, words = st.columns([8, 5], gap="large")
        with picture:
            insight_parts.picture(
                insight_dots.ladder(frame, floor, "noise alone" if "best_possible" in found.facts else "floor"),
                "ladder",
                "Validation error of this network and of simple predictors",
                "Every predictor is fitted on this run's training ratings and measured on its validation ratings. The network chose "
                "its best epoch on the validation ratings, which flatters it a little. The floor is what no predictor can beat: "
                "in a generated world it is known; else it is the variance among ratings that the features cannot tell apart, "
                "where enough ratings share them.",
                found.tables["ladder"],
            )
        with words:
            st.html(descriptions(frame))


def descriptions(frame: pd.DataFrame) -> str:
    """Returns what each rung is, best first, as HTML."""
    entries = "".join(
        f"<p><b>{html.escape(row['label'])}</b><br>{html.escape(row['about'])}</p>"
        for row in frame.iloc[::-1].to_dict("records")
        if row["kind"] != "network"
    )
    return f'{_STYLE}<div class="rungs">{entries}</div>'


def rungs(found: Section) -> pd.DataFrame:
    """Returns `label`, `mse`, `kind` and `about` of all predictors and the network, worst first."""
    frame = found.tables["ladder"]
    frame = frame[(frame["rung"] != FLOOR) & frame["validation_mse"].notna()]
    shown = pd.DataFrame(
        {
            "label": [str(name)[:1].upper() + str(name)[1:] for name in frame["rung"]],
            "mse": frame["validation_mse"].astype(float),
            "kind": np.where(frame["own_features"].astype(bool), "own", "other"),
            "about": frame["about"],
        }
    )
    network = pd.DataFrame(
        [{"label": "This network", "mse": found.facts["mse"], "kind": "network", "about": "The run that is shown."}]
    )
    return pd.concat([shown, network]).sort_values("mse", ascending=False, ignore_index=True, kind="stable")


def lowest(found: Section) -> float | None:
    """The error that nothing can beat: known in a generated world, else estimated from the features."""
    if "best_possible" in found.facts:
        return found.facts["best_possible"]
    floor = found.tables["ladder"].set_index("rung")["validation_mse"].get(FLOOR)
    return None if floor is None or floor != floor else float(floor)
