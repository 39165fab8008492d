"""A search while it goes on and after: progress, best so far, what decides, all trials."""

from typing import Any

import streamlit as st

from dcn_core.compare.metrics import axis_name, metric_name
from dcn_core.errors import PlaygroundError
from dcn_core.pictures import search as pictures
from dcn_core.search.trials import Search
from ui import axes, caches, draft, insight_parts, session, style, sweep_store, texts
from ui.errors import calm, show_problem
from ui.sweep_form import SHOWN

_EVERY = 2.0
_PROBLEM = "sweep-board-problem"
_PICKED = "sweep-picked"
_STATES: dict[str, tuple[str, texts.Colour]] = {
    "running": ("Searching", "blue"),
    "stopped": ("Stopped", "orange"),
    "done": ("Done", "green"),
}
MORE = 10


def show() -> None:
    """Draws the shown search, again and again while it goes on."""
    names = sweep_store.searches().names()
    if not names:
        with st.container(border=True, key="sweep-empty"):
            st.markdown("## No search yet", anchors=False)
            st.markdown(
                "A search trains the network again and again with other settings and learns which are better. Choose what to "
                "vary and press **Start the search**. Each trial is an ordinary run: watch it, inspect it, compare it."
            )
        return
    if st.session_state.get(SHOWN) not in names:
        st.session_state[SHOWN] = names[0]
    name = st.selectbox("Shown search", names, key=SHOWN, label_visibility="collapsed", filter_mode="fuzzy")
    with calm("This search cannot be read"):
        search = sweep_store.searches().read(name)
        st.fragment(_board, run_every=_EVERY if search.busy else None)(name, search.busy)


def _board(name: str, was_busy: bool) -> None:
    search = sweep_store.searches().read(name)
    if was_busy and not search.busy:
        st.rerun()  # once, for the whole page: the timer ends
    with st.container(border=True, key="sweep-board"):
        _head(search)
        _best(search)
        if points := search.best_so_far():
            st.echarts_chart(
                curve(points, axis_name("validation", search.plan.metric)),
                height=260,
                key="sweep-curve",
                alt="Score of each trial and the best so far",
            )
    if len(search.done) > 1:
        with st.container(border=True, key="sweep-parallel-card"):
            insight_parts.picture(pictures.parallel(search))
        found = sweep_store.importances(name, tuple((own.number, own.value, own.run) for own in search.done))
        if len(found) > 1:
            with st.container(border=True, key="sweep-importances-card"):
                insight_parts.picture(pictures.importances(search, found))
    if search.trials:
        with st.container(border=True, key="sweep-trials-card"):
            _trials(search)


def _head(search: Search) -> None:
    words, colour = _STATES[search.state]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            style.heading(search.name)
            st.badge(words, color=colour)
        with st.container(horizontal=True, width="content", gap="small"):
            _controls(search)
    ended = sum(trial.state != "running" for trial in search.trials)
    st.progress(min(1.0, ended / search.plan.wanted))
    counts = {word: sum(trial.state == word for trial in search.trials) for word in ("done", "stopped early", "failed")}
    parts = [f"{ended} of {search.plan.wanted} trials", *(f"{count} {word}" for word, count in counts.items() if count)]
    if search.state == "stopped" and search.busy:
        parts.append("what trains comes to its end")
    st.caption("  ·  ".join(parts))
    if search.problem:
        st.text(search.problem)
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)


def _controls(search: Search) -> None:
    if search.state == "running":
        st.button(
            "Stop", icon=":material/stop:", key="sweep-stop", on_click=_do, args=("set_state", search.name, "stopped")
        )
    elif search.state == "stopped":
        st.button(
            "Continue",
            icon=":material/play_arrow:",
            key="sweep-go",
            on_click=_do,
            args=("set_state", search.name, "running"),
        )
    elif search.plan.sampler != "grid" or search.plan.trials < search.plan.combinations:
        st.button(
            f"{MORE} more trials",
            icon=":material/add:",
            key="sweep-more",
            on_click=_do,
            args=("extend", search.name, MORE),
        )
    if not search.busy:
        st.button(
            "Forget",
            icon=":material/delete:",
            key="sweep-delete",
            type="tertiary",
            help="Takes the search off this list. Its runs stay.",
            on_click=_do,
            args=("delete", search.name),
        )


def _do(action: str, *arguments: object) -> None:
    try:
        getattr(sweep_store.searches(), action)(*arguments)
        sweep_store.conductor().wake()
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error


def _best(search: Search) -> None:
    best = search.best
    if best is None or best.value is None:
        st.caption("The first result comes with the first finished trial.")
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content", gap=None):
            st.markdown(
                f"Best so far: trial **{best.number}** with **{best.value:.4f}** {metric_name(search.plan.metric)}"
            )
        with st.container(horizontal=True, width="content", gap="small"):
            st.button(
                "Use its settings",
                type="primary",
                key="sweep-use",
                on_click=_use,
                args=(search,),
                help="Puts the settings of the best trial into the form on Train.",
            )
            if best.run:
                st.button("Show its run", key="sweep-show", on_click=_show_run, args=(best.run,))


def _use(search: Search) -> None:
    """Puts the best trial into the form."""
    assert search.best is not None
    try:
        draft.use_config(search.config(search.best))
        st.toast(f"The form on Train holds the settings of trial {search.best.number} now.")
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error


def _trials(search: Search) -> None:
    insight_parts.title("Trials")
    table, ids = pictures.table(search), {trial.number: trial.run for trial in search.trials}
    key = f"sweep-trials-{len(table)}-{sum(table['State'] != 'Running')}"
    st.dataframe(
        table,
        key=key,
        alt="Trials of the search, the best first",
        hide_index=True,
        placeholder="–",
        height="content" if len(table) <= 10 else 388,
        on_select=lambda: _pick(key, [ids[number] for number in table["Trial"]]),
        selection_mode="single-row",
        column_config={
            **{name: st.column_config.NumberColumn(format="%.4g") for name in table.select_dtypes("float")},
            metric_name(search.plan.metric): st.column_config.NumberColumn(
                format="%.4f",
                help="On validation ratings: of the whole run, or the last one of a trial that was stopped early.",
            ),
        },
    )
    st.caption(
        "The best first. A dash stands where a setting has no effect. Select a row to show its run on all pages."
    )
    if st.session_state.pop(_PICKED, False):
        st.rerun()  # the head of the page names the shown run


def _pick(key: str, runs: list[str | None]) -> None:
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(runs) and (run_id := runs[rows[0]]) is not None:
        _show_run(run_id)


def _show_run(run_id: str) -> None:
    if run_id in caches.store().ids():
        session.show_run(run_id)
        st.session_state[_PICKED] = True


def curve(points: list[tuple[int, float, float]], unit: str) -> dict[str, Any]:
    """Returns every trial as a dot and the best so far as steps, as an ECharts option.

    Args:
        points: Number, value and best value up to there.
        unit: What the values are.
    """
    values = sorted(value for _, value, _ in points)
    low, high = values[0], values[min(len(values) - 1, int(0.9 * len(values)))]
    margin = max(0.1 * (high - low), 1e-4)
    return {
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 24, "containLabel": True},
        "legend": {"top": 0, "left": 0, "itemWidth": 18, "itemHeight": 8},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4f"},
        "xAxis": axes.counted("Trial", 1, max=max(2, points[-1][0])),
        "yAxis": axes.measured(unit, round(max(0.0, low - margin), 4), round(high + margin, 4)),
        "series": [
            {
                "name": "Best so far",
                "type": "line",
                "step": "end",
                "showSymbol": len(points) == 1,
                "data": [[number, best] for number, _, best in points],
                "lineStyle": {"width": 2.2},
            },
            {
                "name": "Trial",
                "type": "scatter",
                "symbolSize": 8,
                "data": [[number, value] for number, value, _ in points],
            },
        ],
    }
