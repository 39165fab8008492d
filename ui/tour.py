"""The two-minute tour: what is guessed, what a cross is, a network of one's own, and what it found."""

import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig, override
from dcn_core.errors import PlaygroundError
from dcn_core.insight.wording import choice_label
from dcn_core.pictures import crosses
from dcn_core.runs.store import RunSummary
from ui import caches, frame, insight_parts, insight_store, places, starting, texts
from ui.errors import show_problem

NAME = "My first network"
SETTINGS = ("data.num_ratings=30000", "train.epochs=6")
"""What differs from the default: less to wait for."""
STEPS = ("What is guessed", "What a cross is", "Train yours", "What it found", "Yours to use")
_PERSON = ("gender", "age", "occupation")
"""What a person of a rating is described by."""
_STEP, _RUN = "tour-step", "tour-run"
_EVERY = 1.0


def config() -> RunConfig:
    """The experiment of the tour."""
    return override(RunConfig(), SETTINGS)


def show() -> None:
    """Draws the step that the tour has come to."""
    step = min(max(int(st.session_state.get(_STEP, 0)), 0), len(STEPS) - 1)
    with st.container(border=True, key="tour", gap="medium"):
        st.progress((step + 1) / len(STEPS), f"{step + 1} of {len(STEPS)}")
        st.markdown(f"## {STEPS[step]}", anchors=False)
        run = _own_run()
        (_guess, _cross, _train, _found, _use)[step](run)
        with st.container(horizontal=True, gap="small"):
            if step:
                st.button("Back", key="tour-back", icon=":material/arrow_back:", on_click=_go, args=(step - 1,))
            if step < len(STEPS) - 1:
                waits = step >= 2 and (run is None or not run.status.finished)
                st.button(
                    "Next",
                    key="tour-next",
                    icon=":material/arrow_forward:",
                    type="primary",
                    disabled=waits,
                    on_click=_go,
                    args=(step + 1,),
                )


def _go(step: int) -> None:
    st.session_state[_STEP] = step


def _own_run() -> RunSummary | None:
    """The run that this tour trained, or one of the same experiment from an earlier visit."""
    wanted = config()
    for run in frame.runs():
        try:
            if run.id == st.session_state.get(_RUN) or run.config == wanted:
                return run
        except PlaygroundError:  # a damaged record
            continue
    return None


def _guess(run: RunSummary | None) -> None:
    st.markdown(
        "A recommender guesses how many stars a person would give a movie that they have not rated. All it has to learn from are "
        "ratings like these, and a few features of each person and movie."
    )
    every = caches.dataset(config().data).frame()
    rows = every.iloc[:: len(every) // 5].head(5)
    shown = pd.DataFrame(
        {
            "Stars": rows["rating"],
            "Person": [texts.describe_user(person) for person in rows[list(_PERSON)].to_dict("records")],
            "Movie": rows["title"].astype(str),
            "Genres": rows["genres"].astype(str).str.replace("|", ", "),
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        height="content",
        key="tour-ratings",
        alt="Five ratings, with who gave them and to which movie",
    )
    st.caption("These people and movies are invented, so that it is known what there is to find.")


def _cross(run: RunSummary | None) -> None:
    st.markdown(
        "Some movies are liked by all, some people are generous: such effects add up, and a table can hold them. Others only show in "
        "**pairs**: a genre that one age loves and another does not. That is a cross, and a cross layer multiplies features to "
        "find it."
    )
    truth = caches.dataset(config().data).truth
    if truth is not None:
        table = pd.DataFrame(
            [(" × ".join(map(choice_label, cross.features)), cross.strength) for cross in truth.crosses],
            columns=["Planted in this world", "Strength, stars"],
        )
        number = st.column_config.NumberColumn(format="%.2f")
        st.dataframe(
            table,
            hide_index=True,
            height="content",
            width=420,
            key="tour-crosses",
            alt="Strength of each planted cross",
            column_config={"Strength, stars": number},
        )


def _train(run: RunSummary | None) -> None:
    st.markdown(
        "Now train a network of your own. It sees 24,000 ratings again and again, an epoch each time, and corrects itself a little at "
        "every step. 3,000 others, which it never learns from, tell when to stop."
    )
    if run is None or run.status.resumable:
        st.button(
            "Train my network",
            key="tour-train",
            type="primary",
            icon=":material/play_arrow:",
            shortcut=starting.SHORTCUT,
            on_click=starting.start,
            args=(config(), NAME),
        )
        starting.problem()
        return
    st.fragment(_progress, run_every=_EVERY if run.status.waiting_or_active else None)(run)


def _progress(summary: RunSummary) -> None:
    run = caches.store().open(summary.id)
    status = run.status()
    if summary.status.waiting_or_active and not status.waiting_or_active:
        st.rerun()  # once, for the whole page: the timer ends
    if status.waiting_or_active:
        st.progress(min(1.0, status.step / status.steps) if status.steps else 0.0, texts.STATES[status.state][0])
    feed = caches.feed(run.id)
    if curve := feed.curve(status, {}):
        st.echarts_chart(curve, height=300, key="tour-curve", alt="Training and validation error by epoch")
    epochs = feed.epochs()
    if status.finished and len(epochs) > 1:
        best = min(epochs, key=lambda epoch: epoch.validation)
        st.text(
            f"It is done: the error on ratings that it never saw fell from {epochs[0].validation:.3f} after the first epoch to "
            f"{best.validation:.3f} after epoch {best.number}."
        )


def _found(run: RunSummary | None) -> None:
    assert run is not None
    found = insight_store.section(run.id, "crosses")
    if found is None:
        return
    pairs, scores = insight_store.table(found, "planted"), insight_store.table(found, "recovery")
    planted = int(((pairs["planted"] > 0) & pairs["scored"]).sum())
    st.markdown(
        f"Nobody told it which pairs matter. **{round(scores['precision'].iloc[0] * planted)} of the {planted}** crosses planted "
        f"between features are among the {planted} strongest that it learned. The taste of each user for each movie is planted too, "
        "but takes more ratings to learn."
    )
    insight_parts.chart(crosses.truth(found))


def _use(run: RunSummary | None) -> None:
    assert run is not None
    score = ((run.result or {}).get("scores") or {}).get("test") or {}
    if "mae" in score:
        st.markdown(
            f"**{NAME}** is off by **{score['mae']:.2f} stars** on average, on ratings that nothing of it has ever seen."
        )
    st.markdown("It is yours: look inside, ask it, change it, hand it on.")
    with st.container(horizontal=True, gap="small"):
        for page, label, icon in (
            ("inspect", "Look inside", "grid_on"),
            ("predict", "Ask it for a rating", "star_half"),
            ("train", "Change it, or share it", "ssid_chart"),
        ):
            st.page_link(places.page(page), label=label, icon=f":material/{icon}:")
    try:
        mean = caches.rungs(config().data)["mean"]
        st.caption(
            f"Always saying the mean has a mean squared error of {mean:.3f}; it has {score.get('mse', float('nan')):.3f}."
        )
    except PlaygroundError as error:
        show_problem(error)
