"""What heads, layers and orders contribute."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.report import Section
from dcn_core.insight.wording import signed
from dcn_core.pictures import depth
from dcn_core.runs.store import RunSummary
from ui import insight_parts, insight_store


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "depth")
    if found is None:
        return
    with st.container(border=True, key="heads"):
        insight_parts.lead(found.sentences["heads"])
        left, right = st.columns(2, gap="large")
        with left:
            insight_parts.picture(depth.heads(found))
        with right:
            if "mix" in found.tables:
                _mix(found)
            elif config.model.structure == "parallel":
                insight_parts.title("Mix the two heads")
                st.caption(
                    "This network has one head on both parts. Train one with the head “sum” or “average” and each part has its "
                    "own: then a slider here mixes them, and shows the error at once."
                )
    if "layers" in found.tables:
        with st.container(border=True, key="orders"):
            _orders(found)


def _mix(found: Section) -> None:
    finding = st.container()
    alpha = st.slider(
        "α, the weight of the cross part",
        0.0,
        1.0,
        0.5,
        0.01,
        key="alpha",
        help="0 is the deep part alone, 1 the cross part alone, 0.5 the network as it was trained.",
    )
    mse, trained = depth.mix_error(found, alpha), alpha == 0.5
    change = mse - depth.mix_error(found, 0.5)
    st.metric(
        insight_parts.speech().prose("Validation MSE"),
        f"{mse:.4f}",
        "as trained" if trained else f"{signed(change, 4)} against α = 0.5",
        delta_color="off" if trained else "green" if change < 0 else "red",  # by itself it would not know a real minus
        delta_arrow="off" if trained else "down" if change < 0 else "up",
    )
    shown = depth.mix(found, alpha)
    with finding:
        insight_parts.title(shown.title)
        insight_parts.said(shown.sentence)
    insight_parts.chart(shown)


def _orders(found: Section) -> None:
    insight_parts.lead(found.sentences["orders"])
    left, right = st.columns(2, gap="large")
    with left:
        insight_parts.picture(depth.growth(found))
    with right:
        if "orders" in found.tables:
            insight_parts.picture(depth.orders(found))
        else:
            insight_parts.title("Share by order")
            st.caption(
                "Layers of the kinds vector, matrix and low rank make a polynomial of the embeddings: for a network of those, this "
                "place shows what each order adds. Gates shows what decides here."
            )
