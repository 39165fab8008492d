"""All runs as a table to compare them and to choose the one that is shown."""

import pandas as pd
import streamlit as st

from dcn_core.runs.store import RunSummary
from ui import frame as around
from ui import run_menu, server_panel, session, texts

_KEY = "runs-table"


def frame(runs: list[RunSummary]) -> pd.DataFrame:
    """One row a run with its scores, newest first."""
    rows = []
    for run in runs:
        result = run.result or {}
        scores = result.get("scores") or {}
        rows.append(
            {
                "Pinned": run.pinned,
                "Run": run.name,
                "Started": texts.moment(run.created),
                "State": texts.STATES[run.state][0],
                "Validation RMSE": (scores.get("validation") or {}).get("rmse"),
                "Test RMSE": (scores.get("test") or {}).get("rmse"),
                "Weights": result.get("parameters"),
                "Note": run.note,
            }
        )
    numbers = ["Validation RMSE", "Test RMSE", "Weights"]
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, "float64"))


def runs_table(shown: RunSummary) -> None:
    """Draws what can be done with the shown run, and the table if there is something to compare."""
    run_menu.menu(shown)
    runs = around.runs()
    if len(runs) > 1:
        _table(runs)
    server_panel.button()


def _table(runs: list[RunSummary]) -> None:
    """All runs; a click on a row shows that run."""
    with st.expander(f"All runs ({len(runs)})", expanded=False):
        table = frame(runs)
        if not table["Pinned"].any():
            table = table.drop(columns="Pinned")
        number = st.column_config.NumberColumn
        st.dataframe(
            table,
            key=_KEY,
            alt="All runs with their scores",
            hide_index=True,
            placeholder="–",
            height=min(38 + 35 * len(runs), 320),
            on_select=lambda: _choose([run.id for run in runs]),
            selection_mode="single-row",
            column_config={
                "Pinned": st.column_config.CheckboxColumn("Pinned", width=70),
                "Validation RMSE": number(format="%.4f"),
                "Test RMSE": number(format="%.4f"),
                "Weights": number(format="localized"),
            },
        )
        st.caption("Scores compare only runs on the same data and the same split. Select a row to show that run.")


def _choose(ids: list[str]) -> None:
    rows = st.session_state[_KEY].selection.rows
    if rows and rows[0] < len(ids):
        session.show_run(ids[rows[0]])
