"""Stories: an experiment each, with what to expect before and what happened after."""

import streamlit as st

from dcn_core.coach import epochs_of
from dcn_core.errors import PlaygroundError
from dcn_core.runs.store import RunSummary
from dcn_core.stories import STORIES, Outcome, Story, is_of
from ui import caches, draft, frame, places, session, source, starting, texts
from ui.errors import show_problem

_EVERY = 1.0


def show() -> None:
    """Draws the chosen story."""
    name = st.segmented_control(
        "Story",
        list(STORIES),
        format_func=lambda one: STORIES[one].title,
        key="story",
        default=next(iter(STORIES)),
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    story = STORIES[str(name)]
    with st.container(border=True, key="story-card", gap="small"):
        st.markdown(f"## {story.title}", anchors=False)
        st.markdown(story.tells)
        st.markdown(f"**What to expect.** {story.expects}")
        run = run_of(story, frame.runs())
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            word = "Train it" if run is None else "Train it again"
            st.button(
                word,
                key="story-train",
                icon=":material/play_arrow:",
                type="primary" if run is None else "secondary",
                on_click=train,
                args=(story,),
            )
            st.button("Put it on the form", key="story-form", on_click=take, args=(story,))
        if st.session_state.pop("story-taken", None) == story.title:
            st.page_link(places.page("train"), label="The form has it. Go to Train", icon=":material/ssid_chart:")
        starting.problem()
    if run is not None:
        with st.container(border=True, key="story-outcome", gap="small"):
            if run.status.waiting_or_active:
                st.fragment(_outcome, run_every=_EVERY)(story, run)
            else:
                _outcome(story, run)  # its button changes which run the page's head shows


def run_of(story: Story, runs: list[RunSummary]) -> RunSummary | None:
    """The newest run of a story, the shown one before others."""
    own = []
    for run in runs:
        try:
            if run.config is not None and is_of(story, run.config):
                own.append(run)
        except PlaygroundError:  # a damaged record
            continue
    shown = frame.shown()
    return next((run for run in own if shown is not None and run.id == shown.id), next(iter(own), None))


def take(story: Story) -> None:
    """Puts a story's settings on the form."""
    config = story.config()
    settings = {
        (section, name): value for section, values in draft.plain(config).items() for name, value in values.items()
    }
    draft.take_over("default", settings)
    source.forget_choice()
    st.session_state["story-taken"] = story.title


def train(story: Story) -> None:
    """Puts a story on the form and starts its run."""
    take(story)
    st.session_state.pop("story-taken", None)
    starting.start(name=story.title)


def _outcome(story: Story, summary: RunSummary) -> None:
    """How the run goes, then what it came to."""
    run = caches.store().open(summary.id)
    status = run.status()
    if status.waiting_or_active:
        st.progress(min(1.0, status.step / status.steps) if status.steps else 0.0, texts.STATES[status.state][0])
        return
    if summary.status.waiting_or_active:
        st.rerun()  # once, for the whole page: the timer ends
    st.markdown("## What happened", anchors=False)
    try:
        finding = story.check(_read(summary))
    except PlaygroundError as error:
        show_problem(error, "This run cannot be judged")
        return
    if finding is None:
        st.text(status.message or "The run has no numbers to judge by.")
        return
    icon, word = (
        (":green[:material/check_circle:]", "As expected.")
        if finding.held
        else (":orange[:material/help:]", "Not as expected.")
    )
    st.markdown(f"{icon} **{word}**")
    st.text(finding.text)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Show this run", key="story-show", on_click=session.show_run, args=(summary.id,), type="tertiary")
        st.page_link(places.page("train"), label="See its curve", icon=":material/ssid_chart:")
        if status.finished:
            st.page_link(places.page("inspect"), label="See what it learned", icon=":material/grid_on:")


def _read(summary: RunSummary) -> Outcome:
    run = caches.store().open(summary.id)
    config = run.config()
    status, result = run.status(), run.result() or {}
    return Outcome(
        config=config,
        state=status.state,
        message=status.message,
        scores=result.get("scores") or {},
        epochs=epochs_of(run.events()[0]),
        truth=caches.dataset(config.data).truth,
        rungs=caches.rungs(config.data),
    )
