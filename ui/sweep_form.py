"""The form of a search: what is varied, between what, how, how long."""

from typing import Any

import streamlit as st

from dcn_core.config.fields import bounds
from dcn_core.config.run import RunConfig
from dcn_core.errors import ConfigError, PlaygroundError
from dcn_core.insight.wording import value_label
from dcn_core.runs.store import default_name
from dcn_core.search.plan import MOST_TRIALS, Plan, make_plan
from dcn_core.search.space import Dimension, field_of, searchable, suggestion
from ui import caches, draft, insight_parts, places, sweep_store
from ui.errors import show_problem

SAMPLERS = {"tpe": "TPE", "random": "Random", "grid": "Grid"}
_ABOUT = {
    "tpe": "TPE learns from the trials so far where good settings lie. The first six are drawn at random.",
    "random": "Every trial is drawn at random. Hard to beat in few trials, and free of assumptions.",
    "grid": "Every combination, in order: all values of a list, all of few whole numbers, five points of a range.",
}
_USUAL = ("train.learning_rate", "model.num_cross_layers", "model.dropout")
SHOWN = "sweep-shown"


def show() -> None:
    """Draws the form and the button that starts the search."""
    try:
        config = draft.config()
    except PlaygroundError as error:
        show_problem(error, "The form on Train has settings that do not fit together")
        return
    st.markdown("## New search", anchors=False)
    with st.container(gap=None):
        st.text(f"Starts from: {default_name(config)}")
        st.page_link(places.page("train"), label="Change on Train")
    paths = _varied(config)
    try:
        dimensions = [_dimension(path, config) for path in paths]
        plan = _plan(config, dimensions)
    except PlaygroundError as error:
        show_problem(error, "This cannot be searched")
        return
    if plan.sampler == "grid":
        st.caption(f"{plan.combinations:,} combinations, {plan.wanted:,} of them in this search.")
    names = sweep_store.searches().names()
    name = st.text_input(
        "Name", max_chars=120, key=f"sweep-name-{len(names)}", value=_free_name(names), persist_state="session"
    )
    # No callback: its arguments would be those of the last drawing, not what was typed just before the press.
    if st.button("Start the search", type="primary", icon=":material/play_arrow:", key="sweep-start"):
        try:
            _start(name, plan)
        except PlaygroundError as error:
            show_problem(error, "The search could not be started")
        else:
            st.rerun()


def _free_name(names: list[str]) -> str:
    number = len(names) + 1
    while f"Search {number}" in names:
        number += 1
    return f"Search {number}"


def _varied(config: RunConfig) -> list[str]:
    key = "sweep-varied"
    before = st.session_state.get(key, _USUAL)
    options = searchable(config, before)
    options += [path for path in before if path not in options]
    st.session_state.setdefault(key, [path for path in _USUAL if path in options])
    say = insight_parts.speech().prose
    return st.multiselect(
        "Settings to vary",
        options,
        format_func=lambda path: say(str(field_of(path).title)),
        key=key,
        max_selections=20,
        persist_state="session",
        placeholder="Choose settings",
    )


def _dimension(path: str, config: RunConfig) -> Dimension:
    """Draws the range or the values of one setting."""
    start, info, say = suggestion(path, config), field_of(path), insight_parts.say
    if start.choices:
        options = list(start.choices)
        chosen = st.pills(
            say(str(info.title)),
            options,
            selection_mode="multi",
            default=options,
            format_func=value_label,
            key=f"sweep-choices-{path}",
            help=say(str(info.description)),
            wrap=True,
            persist_state="session",
        )
        if len(chosen) < 2:
            raise ConfigError(f"{info.title}: choose at least two values, or do not vary it.")
        return _made(path=path, choices=tuple(chosen))
    number: Any = int if start.whole else float
    assert start.low is not None and start.high is not None
    least, most = bounds(info)
    common: dict[str, Any] = {
        "min_value": None if least is None else number(least),
        "max_value": None if most is None else number(most),
        "format": None if start.whole else "%g",
        "persist_state": "session",
    }
    with st.container(gap="xsmall", key=f"sweep-range-{path}"):
        st.markdown(say(str(info.title)), help=say(str(info.description)))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            low = st.number_input("from", value=number(start.low), key=f"sweep-low-{path}", width=150, **common)
            high = st.number_input("to", value=number(start.high), key=f"sweep-high-{path}", width=150, **common)
            log = start.low > 0 and not start.whole and _logarithmic(path, start.log)
    return _made(path=path, low=float(low), high=float(high), log=log)


def _logarithmic(path: str, start: bool) -> bool:
    return st.toggle(
        "Log scale",
        start,
        key=f"sweep-log-{path}",
        help="Draws as often between 0.001 and 0.01 as between 0.01 and 0.1.",
        persist_state="session",
    )


def _made(**values: object) -> Dimension:
    from pydantic import ValidationError

    from dcn_core.config.run import describe

    try:
        return Dimension(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigError(describe(error)) from None


def _plan(config: RunConfig, dimensions: list[Dimension]) -> Plan:
    sampler = st.segmented_control(
        "How",
        list(SAMPLERS),
        format_func=SAMPLERS.__getitem__,
        default="tpe",
        required=True,
        key="sweep-sampler",
        persist_state="session",
    )
    st.caption(_ABOUT[sampler])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        trials = st.number_input("Trials", 1, MOST_TRIALS, 20, key="sweep-trials", width=120, persist_state="session")
        parallel = st.number_input(
            "At a time",
            1,
            16,
            1,
            key="sweep-parallel",
            width=120,
            help="Trials that wait or train at the same time. More than the server trains at once only wait.",
            persist_state="session",
        )
        prune = st.toggle(
            "Stop the hopeless early",
            True,
            key="sweep-prune",
            help="A trial whose validation error is worse than the median of the earlier ones at the same epoch is stopped.",
            persist_state="session",
        )
    if not dimensions:
        raise ConfigError("choose at least one setting to vary.")
    return make_plan(
        base=config,
        dimensions=tuple(dimensions),
        sampler=sampler,
        trials=int(trials),
        parallel=int(parallel),
        prune=prune,
        data=caches.dataset(config.data).fingerprint,
    )


def _start(name: str, plan: Plan) -> None:
    caches.supervisor().limits.check(plan.base)
    st.session_state[SHOWN] = sweep_store.searches().create(name, plan)
    sweep_store.conductor().wake()
