"""The interaction map over runs that differ only by their seed."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError
from dcn_core.insight.seeds import AcrossSeeds
from dcn_core.pictures import measures
from dcn_core.pictures import seeds as pictures
from dcn_core.runs.seeds import next_seeds, with_seed
from dcn_core.runs.store import RunSummary
from dcn_core.siblings import compare, siblings
from ui import caches, insight_parts, insight_store
from ui.errors import show_problem

MORE = 2
"""Seeds that one press of the button trains."""
_EVERY = 2.0
_PROBLEM = "seeds-problem"


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section; it follows the seeds that are on their way."""
    with st.container(border=True, key="seeds"):
        insight_parts.title("With other seeds")
        follow = bool(_on_their_way(_group(run)))
        st.fragment(_section, run_every=_EVERY if follow else None)(run, config, follow)


def _group(run: RunSummary) -> dict[int, RunSummary]:
    """Runs of the same experiment by seed, this one among them."""
    return siblings(caches.store().list(), caches.store().open(run.id))


def _on_their_way(group: dict[int, RunSummary]) -> list[int]:
    """Seeds that train or wait, or whose report is not there yet."""
    return [
        seed
        for seed, one in group.items()
        if one.status.waiting_or_active or "crosses" in insight_store.report(one.id).missing
    ]


def _section(run: RunSummary, config: RunConfig, followed: bool) -> None:
    with insight_parts.speaking(insight_store.speech(run.id, config)):  # it draws itself anew
        _seeds(run, config, followed)


def _seeds(run: RunSummary, config: RunConfig, followed: bool) -> None:
    group = _group(run)
    if not group:
        st.caption(
            "This run is not what its settings alone would give: it was stopped early, or it went on from another. Train the "
            "settings anew to compare seeds."
        )
        return
    waiting = _on_their_way(group)
    if bool(waiting) != followed:
        st.rerun()  # once, for the whole page: the timer begins or ends
    finished = {seed: one for seed, one in group.items() if one.status.finished}
    for one in finished.values():
        if "crosses" in insight_store.report(one.id).missing:
            insight_store.begin(one.id)
    if len(finished) > 1:
        _compared(run, config, finished)
    else:
        insight_parts.said(
            "One run is one throw of the dice. The same settings with other seeds show what comes out every time, and what was chance."
        )
    _button(run, config, group, waiting)


def _button(run: RunSummary, config: RunConfig, group: dict[int, RunSummary], waiting: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Train {MORE} more seeds",
            key="more-seeds",
            icon=":material/casino:",
            on_click=_train,
            args=(run, config, list(group)),
        )
        if waiting:
            st.caption(f"On their way: seed {', '.join(map(str, waiting))}.")
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem, "The seeds could not be trained")


def _train(run: RunSummary, config: RunConfig, used: list[int]) -> None:
    """Queues runs of the same experiment with seeds that are free."""
    data = str(caches.store().open(run.id).record().get("data"))
    base = run.name.partition(" · seed ")[0][:100]
    try:
        for seed in next_seeds(used, MORE):
            own = with_seed(config, seed)
            caches.supervisor().start(own, f"{base} · seed {seed}", own.fingerprint(data))
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error


def _compared(run: RunSummary, config: RunConfig, finished: dict[int, RunSummary]) -> None:
    every = _maps(tuple((seed, one.id) for seed, one in finished.items()), _state(finished))
    allowed: list[measures.Measure] = [measure for measure in measures.MEASURES if measure in every]
    if not allowed:
        st.caption("With one feature and no cross layers there is nothing to compare.")
        return
    key = f"seeds-of-{'-'.join(allowed)}"
    speech = insight_parts.speech()
    measure = insight_parts.choose(
        "Measure over seeds", allowed, key, named=lambda name: speech.prose(measures.MEASURES[name]), hidden=True
    )
    found = every[measure]
    shown = pictures.mean(config.model, found, measure)
    insight_parts.said(shown.sentence)
    left, right = st.columns(2, gap="large")
    with left:
        insight_parts.chart(shown)
    with right:
        insight_parts.chart(pictures.spread(found, measure))


def _state(finished: dict[int, RunSummary]) -> tuple[bool, ...]:
    """Changes when a report comes that was not there."""
    return tuple("crosses" in insight_store.report(one.id).sections for one in finished.values())


@st.cache_data(show_spinner=False, max_entries=16)
def _maps(runs: tuple[tuple[int, str], ...], state: tuple[bool, ...]) -> dict[str, AcrossSeeds]:
    return compare({seed: caches.store().open(run_id) for seed, run_id in runs})
