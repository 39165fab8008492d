"""Validation curves of several runs in one chart, live."""

from typing import Any

import streamlit as st

from dcn_core.config.metrics import loss_metric
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunSummary
from ui import axes, caches
from ui.history import MOST_POINTS

_EVERY = 2.0


def show(runs: list[RunSummary], names: list[str]) -> None:
    """Draws the curves of runs, again and again while one of them goes on."""
    targets = {run.config.data.target for run in runs if run.config is not None}
    loss = loss_metric(targets.pop()).short if len(targets) == 1 else "loss"
    live = any(run.status.waiting_or_active for run in runs)
    st.fragment(_chart, run_every=_EVERY if live else None)([run.id for run in runs], names, loss)


def _chart(ids: list[str], names: list[str], loss: str) -> None:
    lines = [caches.feed(run_id).validation() for run_id in ids]
    if not any(lines):
        st.caption("The first point comes with the first epoch.")
        return
    st.echarts_chart(
        overlay(lines, names, loss), height=360, key="compare-curves", alt="Validation error by epoch of each run"
    )
    going = [RunFolder(caches.store().root / run_id).status().waiting_or_active for run_id in ids]
    if st.session_state.get("compare-going", going) != going:
        st.session_state["compare-going"] = going
        st.rerun()  # one has ended: its scores appear, and the timer ends with the last
    st.session_state["compare-going"] = going


def overlay(lines: list[list[tuple[float, float]]], names: list[str], loss: str) -> dict[str, Any]:
    """Returns one line a run as an ECharts option.

    Args:
        lines: Epochs done and validation error of each run.
        names: How each is called.
        loss: What the error is called.
    """
    lowest, ceiling = _range([[value for _, value in line] for line in lines if line])
    margin = max(0.08 * (ceiling - lowest), 1e-4)
    return {
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 24 + 22 * len(lines), "bottom": 24, "containLabel": True},
        "legend": {"top": 0, "left": 0, "orient": "vertical", "itemWidth": 18, "itemHeight": 8, "icon": "roundRect"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4f"},
        "xAxis": axes.counted("Epoch"),
        "yAxis": axes.measured(f"Validation {loss}", round(max(0.0, lowest - margin), 4), round(ceiling + margin, 4)),
        "series": [
            {
                "name": name,
                "type": "line",
                "data": [list(point) for point in line[:: -(-len(line) // MOST_POINTS) or 1]],
                "symbol": "circle",
                "symbolSize": 6,
                "showSymbol": len(line) <= 40,
                "lineStyle": {"width": 2},
            }
            for line, name in zip(lines, names, strict=True)
        ],
    }


def _range(lines: list[list[float]]) -> tuple[float, float]:
    """Lowest and highest value to show.

    First epochs belong to it, unless one is so far above that less than a fifth of the height would be left to all else:
    that line comes in from above. Of a run of two epochs the first is half of what there is.
    """
    rest = [value for line in lines for value in line[1 if len(line) > 2 else 0 :]]
    lowest, highest = min(rest), max(rest)
    reach = highest + 4 * (highest - lowest)
    return min(map(min, lines)), max([highest, *(line[0] for line in lines if line[0] <= reach)])
