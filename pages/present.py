"""One page in large type, for an audience: a few knobs, the curve, what came of it."""

import streamlit as st

from dcn_core.config.applies import applies
from dcn_core.config.presets import SECTIONS
from dcn_core.insight.wording import sentence
from dcn_core.runs.store import RunSummary
from ui import caches, draft, form, frame, insight_parts, insight_store, scores, starting, style, widgets
from ui.curve import in_large_type
from ui.live import look, progress_words, references, tick

CHOSEN = ("model.cross_kind", "model.num_cross_layers", "model.structure")
"""Knobs that are shown unless others are chosen."""
MOST_KNOBS = 4
_WIDE, _NARROW = 450, 280
"""Pixels of a knob."""
_CHOICE = "present-knobs"
_LARGE = """
<style>
.st-key-present :is(p, label, [data-testid="stMetricLabel"]) { font-size: 1.2rem; }
.st-key-present [data-testid="stMetricValue"], .st-key-present [data-testid="stMetricValue"] p { font-size: 3.2rem; line-height: 1.15; }
.st-key-present [data-testid="stButtonGroup"] button p { font-size: 1rem; }
.st-key-present h2 { font-size: 1.9rem !important; }
.st-key-present .stButton button { min-height: 3.2rem; padding-inline: 1.6rem; }
.st-key-present .stButton button p { font-size: 1.3rem; }
.st-key-present-said :is(p, [data-testid="stText"], [data-testid="stText"] *) { font-size: 1.5rem; line-height: 1.4; }
</style>
"""


def knobs() -> None:
    """The chosen settings, and which they are."""
    say = insight_parts.speech().prose
    labels = {
        f"{section}.{name}": say(str(field.title))
        for section, name, field in draft.fields()
        if widgets.extra(field, "group")
    }
    offered = [name for name in labels if not (name.startswith("data.") and name.removeprefix("data.") in draft.WORLD)]
    chosen = [name for name in st.session_state.get(_CHOICE, CHOSEN) if name in offered]
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="present-bar"):
        for setting in chosen:
            section, _, name = setting.partition(".")
            if applies(section, name, draft.values()):
                wide = form.is_wide(SECTIONS[section].model_fields[name])
                with st.container(width=_WIDE if wide else _NARROW):
                    form.setting(section, name)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Train",
            key="present-train",
            type="primary",
            icon=":material/play_arrow:",
            shortcut=starting.SHORTCUT,
            on_click=starting.start,
        )
        with st.popover("Knobs", icon=":material/tune:", key="present-choose"):
            st.multiselect(
                "Knobs",
                offered,
                default=None if _CHOICE in st.session_state else list(CHOSEN),
                format_func=labels.get,
                max_selections=MOST_KNOBS,
                key=_CHOICE,
                persist_state="session",
            )
    starting.problem()


def stage(summary: RunSummary, every: float | None) -> None:
    """The run: how it goes, its curve, what it reached."""
    status = look(summary, every)
    style.heading(summary.name)
    if status.waiting_or_active:
        st.progress(
            min(1.0, status.step / status.steps) if status.steps else 0.0,
            "  ·  ".join(progress_words(summary.id, status)),
        )
    if curve := caches.feed(summary.id).curve(status, references(summary)):
        st.echarts_chart(
            in_large_type(curve), height=480, key="present-curve", alt="Training and validation error by epoch"
        )
    if status.finished:
        results(summary)
    elif status.message:
        st.text(sentence(status.message))


def results(summary: RunSummary) -> None:
    """Three numbers and one sentence."""
    result = summary.result or {}
    reached = result.get("scores") or {}
    best = reached.get("test") or reached.get("validation") or {}
    with st.grid(3, min_column_width=220, gap="medium"):
        if "mae" in best:
            assert summary.config is not None
            st.metric(*scores.off_by(best["mae"], summary.config))
            st.metric("Root mean squared error", f"{best['rmse']:.3f}")
        elif "auc" in best:
            st.metric("AUC", f"{best['auc']:.3f}")
            st.metric("Log loss", f"{best['log_loss']:.3f}")
        if "parameters" in result:
            st.metric("Weights", f"{result['parameters']:,}")
    found = insight_store.report(summary.id).sections.get("crosses")
    if found is not None and found.sentences and summary.config is not None:
        with st.container(key="present-said"):
            speech = insight_store.speech(summary.id, summary.config)
            st.text(speech.sentence(next(iter(found.sentences.values()))))


st.html(_LARGE)
with st.container(key="present", gap="medium"):
    with form.speaking():
        knobs()
    shown = frame.shown()
    if shown is None:
        st.markdown("## Nothing trained yet", anchors=False)
        st.markdown("Press **Train**: on the generated world it takes seconds.")
    else:
        every = tick(shown)
        st.fragment(stage, run_every=every)(shown, every)
