"""The interaction map over runs that differ only by their seed."""

import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError
from dcn_core.insight.seeds import AcrossSeeds
from dcn_core.runs.seeds import next_seeds, with_seed
from dcn_core.runs.store import RunSummary
from dcn_core.siblings import compare, siblings
from ui import caches, crosses, insight_dots, insight_maps, insight_parts, insight_store, texts
from ui.errors import show_problem

MORE = 2
"""Seeds that one press of the button trains."""
MOST_BLOCKS = 10
"""Blocks that have an error bar: the strongest."""
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
    allowed: list[crosses.Measure] = [measure for measure in crosses.MEASURES if measure in every]
    if not allowed:
        st.caption("With one feature and no cross layers there is nothing to compare.")
        return
    chosen = st.segmented_control(
        "Measure over seeds",
        allowed,
        format_func=lambda name: crosses.MEASURES[name],
        default=allowed[0],
        required=True,
        key=f"seeds-of-{'-'.join(allowed)}",
        label_visibility="collapsed",
        wrap=True,
    )
    measure = chosen if chosen in allowed else allowed[0]
    found = every[measure]
    insight_parts.said(found.sentence(crosses.SAID[measure]))
    frame = found.frame()
    picture, bars = st.columns([6, 6], gap="large")
    with picture:
        insight_parts.picture(
            insight_maps.feature_map(
                found.mean,
                [texts.FEATURES.get(name, name) for name in found.feature_names],
                crosses.UNITS[measure],
                directed=found.directed,
            ),
            "seeds-map",
            f"Mean over {len(found.seeds)} seeds of each pair of features",
            f"{crosses.ABOUT[measure]}\n\nEach number is the mean over seed {', '.join(map(str, found.seeds))}: runs with the same "
            "settings on the same ratings, from other initial weights and with the ratings in another order. It says how far "
            "chance in training moves the map, not how far other people's ratings would.",
            frame,
            note=crosses.caveat(config.model),
        )
    with bars:
        _bars(found, frame, measure)


def _bars(found: AcrossSeeds, frame: pd.DataFrame, measure: crosses.Measure) -> None:
    strongest = frame.head(MOST_BLOCKS)
    labels = [crosses.pair_label(pair) for pair in zip(strongest["feature"], strongest["other"], strict=True)]
    values = strongest[[f"seed {seed}" for seed in found.seeds]].to_numpy(dtype=float).T
    insight_parts.picture(
        insight_dots.spreads(
            labels,
            values,
            strongest["mean"].to_numpy(dtype=float),
            strongest["spread"].to_numpy(dtype=float),
            crosses.UNITS[measure],
        ),
        "seeds-spread",
        "Mean and standard deviation over seeds of the strongest blocks",
        "Grey dots are the seeds one by one, the large dot is their mean, and the bar reaches one standard deviation to each side. "
        "Two blocks whose dots mix have no order that can be relied on."
        + (
            " The first feature is the one of x₀ that is multiplied, the second the one of x." if found.directed else ""
        ),
        strongest.drop(columns=["times_first"]),
    )


def _state(finished: dict[int, RunSummary]) -> tuple[bool, ...]:
    """Changes when a report comes that was not there."""
    return tuple("crosses" in insight_store.report(one.id).sections for one in finished.values())


@st.cache_data(show_spinner=False, max_entries=16)
def _maps(runs: tuple[tuple[int, str], ...], state: tuple[bool, ...]) -> dict[str, AcrossSeeds]:
    return compare({seed: caches.store().open(run_id) for seed, run_id in runs})
