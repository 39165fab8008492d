"""What a finished run achieved, in plain words."""

from typing import Any

import streamlit as st

from dcn_core.runs.folder import RunFolder
from ui import places, texts


def show(run: RunFolder) -> None:
    """Draws the scores of a finished run and leads on to what can be done with it."""
    result = run.result() or {}
    scores = result.get("scores") or {}
    validation, test = scores.get("validation") or {}, scores.get("test") or {}
    with st.grid(4, min_column_width=140, gap="small", key="scores"):
        if test:
            st.metric(
                "Test RMSE",
                f"{test['rmse']:.3f}",
                help="Root mean squared error in stars, on ratings never used before.",
            )
        if validation:
            st.metric("Validation RMSE", f"{validation['rmse']:.3f}", help="On the ratings that chose the best epoch.")
        if best := test or validation:
            st.metric("Off by, on average", f"{best['mae']:.2f} stars", help="Mean absolute error.")
        if "best_epoch" in result and "epochs_run" in result:
            words = f"{result['best_epoch']} of {result['epochs_run']}"
            st.metric("Best epoch", words, help=_why_stopped(result))
        if not test:
            st.metric("Weights", f"{result.get('parameters', 0):,}")
    st.caption(sentence(result))
    with st.container(horizontal=True, gap="small"):
        st.page_link(places.page("inspect"), label="See what it learned", icon=":material/grid_on:")
        st.page_link(places.page("predict"), label="Ask it for a rating", icon=":material/star_half:")


def _why_stopped(result: dict[str, Any]) -> str:
    reasons = {
        "epochs": "It ran all its epochs.",
        "patience": "It stopped because the validation error had not improved for a while.",
        "user": "You stopped it.",
        "limit": "It was stopped when its time on this server was up.",
    }
    return f"{reasons.get(str(result.get('stopped_by')), '')} The weights of the best epoch are kept."


def sentence(result: dict[str, Any]) -> str:
    """All scores and times of a result in one line."""
    parts = []
    for name in ("test", "validation"):
        if score := (result.get("scores") or {}).get(name):
            parts.append(f"{name} MSE {score['mse']:.4f}")
    timing = result.get("timing") or {}
    if epoch_seconds := timing.get("epoch_s"):
        parts.append(f"{texts.duration(sum(epoch_seconds) / len(epoch_seconds))} an epoch")
    if timing.get("total_s") is not None:
        parts.append(f"{texts.duration(timing['total_s'])} in all")
    if result.get("parameters"):
        parts.append(f"{result['parameters']:,} weights")
    text = "  ·  ".join(parts)
    return text[:1].upper() + text[1:]
