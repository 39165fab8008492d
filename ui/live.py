"""The shown run while it trains and after: progress, curve, controls, scores."""

import time

import streamlit as st

from dcn_core.coach import advise
from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError, RunError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.seeds import same_but_seed
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunSummary
from ui import caches, draft, frame, scores, session, style, texts
from ui.errors import show_problem

_EVERY_S, _LONG_S, _LONG_EVERY_S = 1.0, 30.0, 2.0


def tick(summary: RunSummary) -> float | None:
    """Seconds between two looks at a run; None for one that is over.

    A long run moves slowly, and each look costs the browser, which may share the cores with the training.
    """
    if not summary.status.waiting_or_active:
        return None
    return _EVERY_S if time.time() - summary.created < _LONG_S else _LONG_EVERY_S


def references(run: RunSummary) -> dict[str, float]:
    """What simple predictors reach, where the run's ratings are the ones that are loaded anyway."""
    current = draft.values()["data"]
    if run.config is None or any(getattr(run.config.data, name) != current[name] for name in draft.WORLD):
        return {}
    try:
        return caches.ladder(run.config.data)
    except PlaygroundError:
        return {}


def panel(summary: RunSummary, as_in_form: bool = False) -> None:
    """Draws the run, again and again while it goes on.

    Args:
        summary: The run.
        as_in_form: Whether it is what the form describes: then the next step is to look into it, not to train.
    """
    every = tick(summary)
    if every is None:  # its buttons change what the rest of the page shows
        with st.container():
            _panel(summary, references(summary), every, as_in_form)
    else:
        st.fragment(_panel, run_every=every)(summary, references(summary), every, as_in_form)


def look(summary: RunSummary, every: float | None) -> Status:
    """The status of a run that is looked at `every` so many seconds. Draws the whole page anew when that is to change."""
    status = RunFolder(caches.store().root / summary.id).status()
    if every is not None and (not status.waiting_or_active or tick(summary) != every):
        st.rerun()  # once it is over the timer ends and the results appear
    return status


def _panel(summary: RunSummary, references: dict[str, float], every: float | None, as_in_form: bool) -> None:
    run = RunFolder(caches.store().root / summary.id)
    status = look(summary, every)
    frame.chip(status.state)
    with st.container(key="live-head", gap="small"):
        _head(run, status, summary.name, summary.config)
    if curve := caches.feed(run.id).curve(status, references, _siblings(summary) if status.finished else ()):
        st.echarts_chart(curve, height=360, key="learning-curve", alt="Training and validation error by epoch")
        _coach(run.id, status, summary.config)
    if status.finished:
        if status.message:
            st.text(status.message)
        scores.show(run, as_in_form)
    elif status.state in ("failed", "interrupted"):
        _mishap(run, status)


def _siblings(summary: RunSummary) -> list[list[tuple[float, float]]]:
    """Validation points of the finished runs that differ from a finished one only by their seed."""
    if summary.config is None or summary.data is None:
        return []
    group = same_but_seed(frame.runs(), summary.config, summary.data)
    if summary.id not in {run.id for run in group.values()}:
        return []  # it is not what its settings alone would have given
    others = (run for run in group.values() if run.id != summary.id and run.status.finished)
    return [caches.feed(run.id).validation() for run in others]


def _coach(run_id: str, status: Status, config: RunConfig | None) -> None:
    """A line on what the curve says; while it goes on, only what will not change by waiting."""
    if config is None:
        return
    advice = advise(
        caches.feed(run_id).epochs(), config, diverged=status.state == "failed" and "diverged" in status.message
    )
    if advice is not None and (advice.reading in ("diverged", "jumps", "overfits") or status.finished):
        st.caption(f":material/lightbulb: {advice.text}")


def _head(run: RunFolder, status: Status, name: str, config: RunConfig | None) -> None:
    """Name, controls and how far the run is, in the same room whatever its state, so that the curve below stays in its place."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content"):
            style.heading(name)
        with st.container(horizontal=True, horizontal_alignment="right", width=210, gap="small", key="live-controls"):
            _controls(run.id, status, config)
    with st.container(gap="small", key="live-status"):
        if status.waiting_or_active:
            st.caption("  ·  ".join(progress_words(run.id, status)))
            st.progress(min(1.0, status.step / status.steps) if status.steps else 0.0)
        elif status.finished:
            st.caption(scores.sentence(run.result() or {}))


def progress_words(run_id: str, status: Status) -> list[str]:
    """What the run is doing, in a few short phrases."""
    if status.state == "queued":
        place = caches.supervisor().place_in_queue(run_id)
        if place is None and not caches.supervisor().knows(run_id):
            return ["Waits for another server, which may be gone"]
        return ["Starting the training process" if place is None else f"Number {place} in the queue"]
    if status.state in ("preparing", "compiling"):
        return ["Reading and encoding the data" if status.state == "preparing" else "Compiling the training loop"]
    if status.state == "finishing":
        return ["Scoring the best epoch and saving the network"]
    words = [f"Epoch {min(status.epoch + 1, max(status.epochs, 1))} of {status.epochs}"]
    if status.state == "paused":
        return [*words, "paused"]
    if status.examples_per_second:
        words.append(f"{texts.compact(status.examples_per_second)} rows per second")
    if status.eta_s is not None:
        words.append(f"{texts.duration(status.eta_s)} left if it runs all epochs")
    return words


def _controls(run_id: str, status: Status, config: RunConfig | None) -> None:
    def button(word: str, icon: str, action: str, works: bool = True) -> None:
        sign = f":material/{icon}:"
        st.button(word, icon=sign, key=action, on_click=_do, args=(action, run_id), disabled=not works)

    match status.state:
        case "queued":
            if not caches.supervisor().knows(run_id):
                button("Start here", "play_arrow", "resume")
            button("Cancel", "stop", "stop")
        case "paused":
            button("Go on", "play_arrow", "resume")
            button("Stop", "stop", "stop")
        case "preparing" | "compiling" | "training" | "finishing":
            for word, icon, action in (("Pause", "pause", "pause"), ("Stop", "stop", "stop")):
                button(word, icon, action, works=status.state == "training")
        case _ if config is not None:
            if status.state == "stopped" and status.epoch < status.epochs:
                button("Go on", "play_arrow", "resume")
            st.button(
                "Use its settings",
                type="tertiary",
                key="use-settings",
                on_click=draft.use_config,
                args=(config,),
                help="Puts them on the form. Which data is used stays as it is.",
            )


def _do(action: str, run_id: str) -> None:
    try:
        now = getattr(caches.supervisor(), action)(run_id)
        if action == "resume":
            session.show_run(now)  # a stopped run goes on as a new one
    except PlaygroundError as error:
        st.toast(texts.as_text(str(error)))


def _mishap(run: RunFolder, status: Status) -> None:
    title = "Training did not finish" if status.state == "interrupted" else "Training failed"
    show_problem(RunError(status.message or "The training process gave no reason."), title)
    word = "Resume" if status.state == "interrupted" else "Try again"
    st.button(word, icon=":material/play_arrow:", key="resume", on_click=_do, args=("resume", run.id))
    if entries := run.log_entries(last=30):
        with st.expander("Log of this run"):
            st.code("\n".join(entry.line() for entry in entries), language=None, wrap_lines=True)
            st.caption(f"With trace-backs: `python -m dcn_core runs --run {run.id}`")
