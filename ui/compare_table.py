"""The runs to compare as a table: filtered, sorted by the browser, live, with the choice of those that stand side by side."""

import string
from pathlib import Path

import pandas as pd
import streamlit as st

from dcn_core.compare.comparable import Terms
from dcn_core.compare.metrics import PARTS, axis_name, score
from dcn_core.compare.pareto import cost
from dcn_core.config.metrics import METRICS, Metric
from dcn_core.data.own_table import noun
from dcn_core.data.table_names import file_name
from dcn_core.runs.store import RunSummary
from ui import caches, data_store, texts

MOST = 8
"""Runs side by side; more lines cannot be told apart."""
ALL = "all"
_PARTS = {"validation": "On the ratings that chose the epoch.", "test": "On ratings never used before."}
_CHOSEN = "compare-chosen"
_EVERY = 2.0
_COSTS = ("Weights", "Epochs", "Training time")


def frame(runs: list[RunSummary]) -> pd.DataFrame:
    """One row a run, in the order given, with the scores that at least one of them has."""
    columns = score_columns(runs)
    rows = [
        {"Run": run.name, "State": _state(run)}
        | {column: score(run, part, metric.name) for column, (part, metric) in columns.items()}
        | {
            "Weights": (run.result or {}).get("parameters"),
            "Epochs": (run.result or {}).get("epochs_run"),
            "Training time": cost(run, "train_s"),
            "Started": texts.moment(run.created),
            "Note": run.note,
        }
        for run in runs
    ]
    numbers = [*columns, *_COSTS]
    table = pd.DataFrame(rows, columns=["Run", "State", *numbers, "Started", "Note"])
    return table.astype(dict.fromkeys(numbers, "float64"))


def score_columns(runs: list[RunSummary]) -> dict[str, tuple[str, Metric]]:
    """Columns of scores with their part of the data and their metric: of test and validation, for each target that runs have."""
    wanted = [(part, METRICS[name]) for name in ("rmse", "mae", "auc", "log_loss") for part in ("test", "validation")]
    return {
        f"{PARTS[part]} {metric.short}": (part, metric)
        for part, metric in wanted
        if any(score(run, part, metric.name) is not None for run in runs)
    }


def _state(run: RunSummary) -> str:
    status = run.status
    words = texts.STATES[run.state][0]
    return f"{words}, epoch {status.epoch + 1} of {status.epochs}" if run.state == "training" else words


def choose(runs: list[RunSummary], shown: RunSummary | None) -> list[RunSummary]:
    """Draws the filters and the table, and returns the chosen runs in the order of the table.

    Args:
        runs: All, newest first.
        shown: The run of the page's head: it says which ratings are looked at first.
    """
    terms = Terms(runs)
    groups = terms.groups(runs)
    first = terms.of(shown) if shown else None
    options = [*groups, ALL] if len(groups) != 1 or len(next(iter(groups.values()))) < len(runs) else list(groups)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="compare-filters"):
        if len(options) > 1:
            names = {key: _group_name(groups.get(key), len(runs)) for key in options}
            letters = dict(zip(groups, string.ascii_uppercase, strict=False))  # two groups may have one name
            names |= {key: f"{letter} · {names[key]}" for key, letter in letters.items()}
            start = options.index(_group_to_begin_with(groups, first))
            group = st.selectbox(
                "Measured on",
                options,
                index=start,
                format_func=lambda key: names[key],
                key=f"compare-group-{first}",
                filter_mode=None,
                width=520,
            )
        else:
            group = options[0] if options else ALL
        wanted = st.text_input(
            "Filter", key="compare-filter", placeholder="A part of the name, note or state", width=280, max_chars=120
        )
    live = any(run.status.waiting_or_active for run in runs)
    st.fragment(_table, run_every=_EVERY if live else None)(group, wanted)
    by_id = {run.id: run for run in runs}
    return [by_id[run_id] for run_id in chosen() if run_id in by_id]


def _group_to_begin_with(groups: dict[str, list[RunSummary]], first: str | None) -> str:
    """The group of the shown run, unless it stands alone there and others do not."""
    if first in groups and (len(groups[first]) > 1 or all(len(own) < 2 for own in groups.values())):
        return str(first)
    return next((key for key, own in groups.items() if len(own) > 1), next(iter(groups), ALL))


def chosen() -> list[str]:
    """Ids of the chosen runs."""
    found: list[str] = st.session_state.get(_CHOSEN, [])
    return found


def _table(group: str, wanted: str) -> None:
    runs = caches.store().list()
    terms = Terms(runs)
    listed = [run for run in runs if (group == ALL or terms.of(run) == group) and _fits(run, wanted)]
    ids = [run.id for run in listed]
    if not ids:
        st.caption("No run fits this filter.")
        st.session_state[_CHOSEN] = []
        return
    picked = [run_id for run_id in chosen() if run_id in ids]
    if not picked:
        finished = [run.id for run in listed if run.status.finished or run.status.active]
        picked = finished[:4]
    say = data_store.shared_speech([run.config.data for run in listed if run.config is not None]).prose
    key = f"compare-table-{abs(hash((group, *ids)))}"
    number = st.column_config.NumberColumn
    event = st.dataframe(
        frame(listed),
        key=key,
        alt="Runs to compare, with their scores",
        hide_index=True,
        placeholder="–",
        height="content" if len(ids) <= 10 else 388,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run_id) for run_id in picked]}},
        column_config={
            "Run": st.column_config.TextColumn(width="medium"),
            **{
                column: number(
                    format="%.4f", help=say(f"{axis_name(part, metric.name)}. {_PARTS[part]} {metric.about}")
                )
                for column, (part, metric) in score_columns(listed).items()
            },
            "Weights": number(format="localized"),
            "Training time": number(
                format="%.1f s",
                help="Seconds in all epochs, on the machine of that run, without reading, compiling and scoring.",
            ),
        },
    )
    now = [ids[row] for row in sorted(event.selection.rows) if row < len(ids)][:MOST]
    if len(event.selection.rows) > MOST:
        st.caption(f"The first {MOST} of the {len(event.selection.rows)} chosen runs stand side by side.")
    if now != chosen():
        drawn = _CHOSEN in st.session_state
        st.session_state[_CHOSEN] = now
        if drawn:
            st.rerun()  # what stands below the table is drawn outside of this fragment


def _fits(run: RunSummary, wanted: str) -> bool:
    text = f"{run.name} {run.note} {_state(run)}".lower()
    return all(part in text for part in wanted.lower().split())


def _group_name(runs: list[RunSummary] | None, count: int) -> str:
    """What a group of comparable runs was measured on."""
    if runs is None:
        return f"Everything ({count} runs)"
    data = (runs[0].settings or {}).get("data", {})
    if data.get("source") == "generated":
        source = f"Generated world {data.get('world_seed')}, {texts.compact(data.get('num_ratings', 0))} ratings"
    else:
        source = file_name(Path(str(data.get("source", ""))))
    held = f"{data.get('validation_fraction', 0) + data.get('test_fraction', 0):.0%} held out"
    likes = (", a probability" if data.get("table") else ", likes") if data.get("target") == "like" else ""
    table = runs[0].config.data.table if runs[0].config is not None else None
    entities = {"user": noun(table.of("user"), "user"), "movie": noun(table.of("item"), "item")} if table else {}
    by = entities.get(str(data.get("split")), data.get("split"))
    return f"{source}{likes}, split by {by}, {held} ({len(runs)} {'run' if len(runs) == 1 else 'runs'})"
