"""Put a network together, train it, watch it learn."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset
from dcn_core.errors import PlaygroundError
from dcn_core.model.cost import flops_per_example, parameter_counts
from dcn_core.runs.summary import RunSummary, finished_one
from ui import (
    ahead,
    caches,
    data_store,
    draft,
    form,
    frame,
    live,
    network,
    places,
    run_menu,
    session,
    share,
    starting,
    texts,
)
from ui.errors import show_problem
from ui.runs_table import runs_table


def rows(dataset: Dataset) -> str:
    """What one example is called."""
    return "rating" if dataset.nouns.unit == "stars" else "row"


def source_line(dataset: Dataset) -> None:
    """Which ratings the next run learns from."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{dataset.name}  ·  {dataset.num_ratings:,} {rows(dataset)}s")
        st.page_link(places.page("data"), label="Change")


def proposal(config: RunConfig, shown: RunSummary | None) -> bool:
    """Draws the network that the form describes and the button that trains it; returns whether the shown run is that network."""
    starting.check(config)
    dataset = caches.dataset(config.data)
    specs = caches.specs(config.data)
    counts, flops = parameter_counts(config.model, specs), flops_per_example(config.model, specs)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content", gap=None):
            st.markdown(
                f"**{counts['total']:,}** weights  ·  **{texts.compact(flops['total'])}** operations per {rows(dataset)}"
            )
            source_line(dataset)
        fingerprint = config.fingerprint(dataset.fingerprint)
        known = finished_one(frame.runs(), fingerprint)
        as_shown = shown is not None and shown.fingerprint == fingerprint and not shown.status.resumable
        with st.container(horizontal=True, width="content", gap="small"):
            if known and not as_shown:
                st.button("Show it", key="show-known", on_click=session.show_run, args=(known,), type="primary")
            st.button(
                f"{starting.SEEDS} seeds",
                key="train-seeds",
                icon=":material/casino:",
                help=f"Trains these settings from {starting.SEEDS} starts. The band behind the curve then shows what is chance.",
                on_click=starting.start_seeds,
            )
            st.button(
                "Train again" if known else "Train",
                key="train",
                type="secondary" if known else "primary",
                icon=":material/play_arrow:",
                on_click=starting.start,
                shortcut=starting.SHORTCUT,
                width=190,
            )
    if known and not as_shown:
        st.caption("This very network was already trained on this data. Show it instead of training it again.")
    if note := form.missing_features(config.data.features, dataset.available_features()):
        st.caption(note)
    st.html(network.picture(config.model, specs, data_store.speech_of(config.data)))
    st.html(network.weights_by_part(counts))
    return as_shown


def welcome() -> None:
    """What stands in place of a run while there is none."""
    with st.container(border=True, key="welcome"):
        st.markdown("## Nothing trained yet", anchors=False)
        st.markdown(
            "A Deep & Cross Network learns which pairs of features matter together, such as an age and a genre. "
            "Press **Train** and watch it learn; a run on the generated world takes seconds."
        )
        st.page_link(places.page("learn"), label="Take the two-minute tour", icon=":material/school:")
        with st.popover("Open an exported run", icon=":material/upload:", key="welcome-import"):
            share.take_in()


shown = frame.shown()
settings, work = st.columns([5, 8], gap="medium")
with settings, st.container(border=True, key="settings"), form.speaking():
    form.preset_picker()
    form.settings()
    form.changes()

with work:
    as_shown = False
    with st.container(border=True, key="network"):
        try:
            as_shown = proposal(draft.config(), shown)
        except PlaygroundError as error:
            show_problem(error, "These settings do not fit together")
        starting.problem()
    if shown is None:
        welcome()
        run_menu.without_run()
    else:
        with st.container(border=True, key="run"):
            live.panel(shown, as_shown)
        runs_table(shown)
        if shown.status.finished:
            ahead.charts()
