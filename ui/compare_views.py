"""What is said of several runs side by side: their differences, scores, costs, and two of them slice by slice."""

import itertools

import pandas as pd
import streamlit as st

from dcn_core.compare.duel import ALL, duel
from dcn_core.compare.metrics import PARTS, better, metric_name, shared_metrics
from dcn_core.compare.noise import seed_scores
from dcn_core.compare.pareto import COSTS, pareto
from dcn_core.compare.settings import differences
from dcn_core.config.run import RunConfig, override
from dcn_core.data.labels import labels
from dcn_core.errors import PlaygroundError
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import value_label
from dcn_core.pictures import compare as pictures
from dcn_core.pictures.errors import slice_name
from dcn_core.runs.seeds import next_seeds, same_but_seed, with_seed
from dcn_core.runs.store import RunSummary
from ui import caches, data_store, draft, insight_parts, places
from ui.errors import calm, show_problem

MORE = 2
"""Seeds that one press of the button trains of each run."""
_PROBLEM = "compare-problem"


def names_of(runs: list[RunSummary]) -> list[str]:
    """Names by which runs can be told apart: with a number where another one has the same."""
    every, names = [run.name for run in runs], []
    for name in every:
        numbered = (f"{name} ({number})" for number in itertools.count(1))
        free = itertools.chain([name] if every.count(name) == 1 else [], numbered)
        names.append(next(one for one in free if one not in names))
    return names


def speech_of(chosen: list[RunSummary], every: list[RunSummary]) -> Speech:
    """The words of the table that the chosen runs share; names of runs stay as they are."""
    shared = data_store.shared_speech([run.config.data for run in chosen if run.config is not None])
    return shared.keeping(names_of(chosen) + [run.name for run in every])


def second(run: RunSummary) -> None:
    """Leads on from the only run there is to one that can stand beside it."""
    with st.container(border=True, key="compare-second-run", gap="small"):
        st.markdown("## What do its crosses bring?", anchors=False)
        st.markdown(
            "One run alone cannot be compared. Train the same network as a deep one without cross layers, or change any "
            "other setting, and the two stand side by side here. What simple predictors reach is in its ladder."
        )
        with st.container(horizontal=True, gap="small"):
            if run.config is not None and run.config.model.structure != "deep":
                config = run.config
                if st.button("Set up the deep network", key="compare-deep", type="primary", icon=":material/tune:"):
                    draft.use_config(override(config, ["model.structure=deep"]))
                    st.switch_page(places.page("train"))
            st.page_link(places.page("train"), label="Change another setting", icon=":material/ssid_chart:")
            st.page_link(places.page("inspect"), label="See its ladder", icon=":material/grid_on:")


def settings(runs: list[RunSummary], names: list[str]) -> None:
    """Draws the settings in which runs differ, and no others."""
    insight_parts.title("What differs")
    found = differences([run.config for run in runs if run.config is not None])
    if not found:
        st.caption("These runs have the same settings.")
        return
    table = pd.DataFrame(
        [list(map(_shown, one.values)) for one in found],
        columns=names,
        index=pd.Index([insight_parts.speech().prose(one.label) for one in found], name="Setting"),
    )
    st.dataframe(
        table, key="compare-settings", alt="Settings in which the runs differ", height="content", placeholder="–"
    )
    st.caption("Only settings that differ. A dash stands where a setting has no effect beside the others.")


def _shown(value: object) -> str | None:
    return None if value is None else value_label(value)


def part_and_metric(runs: list[RunSummary]) -> tuple[str, str] | None:
    """Draws the choice of what runs are scored by; None if they share no score."""
    parts = [part for part in PARTS if shared_metrics(runs, part)]
    if not parts:
        return None
    with st.container(horizontal=True, gap="medium", key="compare-by"):
        part = insight_parts.choose("Scored on", parts, "compare-part", named=PARTS.__getitem__)
        found = [metric.name for metric in shared_metrics(runs, part)]
        first = next((name for name in ("rmse", "auc") if name in found), found[0])
        metric = insight_parts.choose("Score", found, "compare-metric", named=metric_name, default=first)
    words = (
        "chose the epoch and may be looked at often"
        if part == "validation"
        else "stay honest only as long as nobody chooses by them"
    )
    insight_parts.note(f"The {part} ratings {words}. {metric_name(metric)}: {better(metric)} is better.")
    return part, metric


def scores(every: list[RunSummary], runs: list[RunSummary], names: list[str], part: str, metric: str) -> None:
    """Draws the scores of runs with the noise of their seeds."""
    pairs = [
        (own, name)
        for run, name in zip(runs, names, strict=True)
        if (own := seed_scores(every, run, part, metric)) is not None
    ]
    distinct = {
        tuple(sorted(own.values.items())): (own, name) for own, name in pairs
    }  # seeds of one experiment are one row
    if len(distinct) < 2:
        insight_parts.title("Scores with the noise of the seed")
        st.caption("These runs are one experiment with different seeds. Choose another one to compare it with.")
    else:
        found, shown = [own for own, _ in distinct.values()], [name for _, name in distinct.values()]
        insight_parts.picture(pictures.scores(found, shown, part, metric))
    once = [own.run for own, _ in pairs if len(own.values) == 1]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Train {MORE} more seeds of each",
            key="compare-seeds",
            icon=":material/casino:",
            on_click=_train_seeds,
            args=(every, runs),
        )
        if once:
            st.caption(f"Trained once: {len(once)} of {len(pairs)}.")
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem, "The seeds could not be trained")


def _train_seeds(every: list[RunSummary], runs: list[RunSummary]) -> None:
    """Queues runs of each experiment with seeds that are free."""
    done: set[str] = set()
    try:
        for run in runs:
            if run.config is None or run.data is None:
                continue
            base = with_seed(run.config, 0).fingerprint(run.data)
            if base in done:
                continue
            done.add(base)
            used = _seeds_used(every, run.config, run.data) | {run.config.train.seed}
            for seed in next_seeds(sorted(used), MORE):
                own = with_seed(run.config, seed)
                name = f"{run.name.partition(' · seed ')[0][:100]} · seed {seed}"
                caches.supervisor().start(own, name, own.fingerprint(run.data))
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error


def _seeds_used(every: list[RunSummary], config: RunConfig, data: str) -> set[int]:
    return set(same_but_seed(every, config, data))


def costs(comparable: list[RunSummary], chosen: list[RunSummary], part: str, metric: str) -> None:
    """Draws error against cost of all comparable runs."""
    kind = insight_parts.choose("Cost", list(COSTS), "compare-cost", named=COSTS.__getitem__, hidden=True)
    frame = pareto(comparable, part, metric, kind)
    if frame.empty:
        st.caption("No finished run has both a score and a cost.")
        return
    insight_parts.picture(pictures.front(frame, [run.id for run in chosen], part, metric, kind))


def two(runs: list[RunSummary], names: list[str], part: str) -> None:
    """Draws two networks slice by slice."""
    insight_parts.title("Two networks, slice by slice")
    order = range(len(runs))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="compare-pair"):
        first = st.selectbox("First", order, format_func=names.__getitem__, key="compare-first", width=300)
        others = [place for place in order if place != first]
        second = st.selectbox("Second", others, format_func=names.__getitem__, key="compare-second", width=300)
    pair = runs[first], runs[second]
    configs = [run.config for run in pair if run.config is not None]
    with calm("These two cannot be compared slice by slice"):
        for run, config in zip(pair, configs, strict=True):
            caches.ratings_of(run.id, config.data)
        frame = _duel(pair[0].id, pair[1].id, part, *configs)
        kinds = [ALL, *dict.fromkeys(frame["slice"][1:].sort_values())]
        kind = insight_parts.choose(
            "Slice by",
            kinds,
            "compare-slice",
            named=lambda name: "Clearest of all" if name == ALL else slice_name(name),
        )
        likes = configs[0].data.target == "like"
        shown = pictures.duel(frame, (names[first], names[second]), part, kind, likes)
        insight_parts.said(shown.sentence)
        insight_parts.chart(shown)


@st.cache_data(show_spinner="Asking both networks", max_entries=24)
def _duel(first: str, second: str, part: str, _config: RunConfig, _other: RunConfig) -> pd.DataFrame:
    data, split = caches.dataset(_config.data), caches.split(_config.data)
    asked = (caches.predictions(first, part, _config.data), caches.predictions(second, part, _other.data))
    rows = getattr(split, part)
    return duel(data, rows, *asked, train_rows=split.train, label=labels(data, _config.data)[rows])
