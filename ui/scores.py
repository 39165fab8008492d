"""What a finished run achieved, in plain words."""

from typing import Any, Literal

import streamlit as st

from dcn_core.config.metrics import METRICS, loss_words, target_of
from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Nouns
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import label
from dcn_core.runs.folder import RunFolder
from ui import insight_store, places, texts, verdict


def show(run: RunFolder, lead_on: bool = False) -> None:
    """Draws the scores of a finished run and leads on to what can be done with it.

    Args:
        run: Its folder.
        lead_on: Whether that is the natural next step.
    """
    result, config = run.result() or {}, run.config()
    scores = result.get("scores") or {}
    validation, test = scores.get("validation") or {}, scores.get("test") or {}
    with st.grid(4, min_column_width=140, gap="small", key="scores"):
        likes = target_of(validation) == "like"
        headline = METRICS["auc" if likes else "rmse"]
        say = Speech.of(insight_store.nouns_of(config), config.data.target).prose
        unit = f", in {headline.unit}" if headline.unit else ""
        if test:
            about = say(f"{headline.title}{unit}. On ratings never used before.")
            st.metric(f"Test {headline.short}", f"{test[headline.name]:.3f}", help=about)
        if validation:
            about = say("On the ratings that chose the best epoch.")
            st.metric(f"Validation {headline.short}", f"{validation[headline.name]:.3f}", help=about)
        if best := test or validation:
            if likes:
                st.metric("Log loss", f"{best['log_loss']:.3f}", help=METRICS["log_loss"].about)
            else:
                st.metric(*off_by(best["mae"], config), help="Mean absolute error.")
        if "best_epoch" in result and "epochs_run" in result:
            words = f"{result['best_epoch']} of {result['epochs_run']}"
            st.metric("Best epoch", words, help=_why_stopped(result))
        if not test:
            st.metric("Weights", f"{result.get('parameters', 0):,}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind: Literal["primary", "secondary"] = "primary" if lead_on else "secondary"
        if st.button("See what it learned", icon=":material/grid_on:", type=kind, key="to-inspect"):
            st.switch_page(places.page("inspect"))
        usual = "Ask it for a prediction" if config.data.table else "Ask it for a rating"
        word = "Ask what someone would like" if likes and not config.data.table else usual
        st.page_link(places.page("predict"), label=word, icon=":material/star_half:")


def off_by(mae: float, config: RunConfig) -> tuple[str, str]:
    """What the mean absolute error is called, and how it is written: in stars, or as a table of one's own has its label."""
    usual, nouns = "Off by, on average", insight_store.nouns_of(config)
    if config.data.table is None:
        return usual, f"{mae:.2f} stars"
    if nouns == Nouns():  # the table is gone
        return usual, f"{mae:.3g}"
    return f"{texts.as_text(label(nouns.rating))} off by, on average", verdict.number(mae * nouns.scale)


def _why_stopped(result: dict[str, Any]) -> str:
    reasons = {
        "epochs": "It ran all its epochs.",
        "patience": "It stopped because the validation score had not improved for a while.",
        "user": "You stopped it.",
        "limit": "It was stopped when its time on this server was up.",
    }
    return f"{reasons.get(str(result.get('stopped_by')), '')} The weights of the best epoch are kept."


def sentence(result: dict[str, Any]) -> str:
    """Losses and times of a result, in one line where there is room and in two on a phone."""
    parts = []
    for name in ("test", "validation"):
        if score := (result.get("scores") or {}).get(name):
            parts.append(f"{name} {loss_words(score)}")
    timing = result.get("timing") or {}
    if epoch_seconds := timing.get("epoch_s"):
        parts.append(f"{texts.duration(sum(epoch_seconds) / len(epoch_seconds))} an epoch")
    if timing.get("total_s") is not None:
        parts.append(f"{texts.duration(timing['total_s'])} in all")
    text = "  ·  ".join(parts)
    return text[:1].upper() + text[1:]
