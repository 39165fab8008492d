"""What heads, layers and orders contribute."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.report import Section
from dcn_core.runs.store import RunSummary
from ui import insight_charts, insight_dots, insight_parts, insight_store

_PARTS = {"cross": "Cross part", "deep": "Deep part", "user_bias": "User bias", "movie_bias": "Movie bias"}


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "depth")
    if found is None:
        return
    with st.container(border=True, key="heads"):
        insight_parts.lead(found.sentences["heads"])
        left, right = st.columns(2, gap="large")
        with left:
            _heads(found)
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


def _heads(found: Section) -> None:
    frame = found.tables["heads"]
    frame = frame[frame["part"] != "bias"]
    insight_parts.title("Who makes predictions differ")
    insight_parts.picture(
        insight_charts.shares(
            [_PARTS[part] for part in frame["part"]], frame["share"].tolist(), "Share of the variance"
        ),
        "head-shares",
        "Share of each part in the variance of the prediction",
        "The rating is a sum of these parts and a constant. A part's share is its covariance with the prediction over the variance "
        "of the prediction, so the shares add up to 100 %. A negative share works against the others. A large share says that "
        "a part speaks much, not that it is right: see Is it real? for that.",
        found.tables["heads"],
    )


def _mix(found: Section) -> None:
    curve = found.tables["mix"]
    insight_parts.title("Mix the two heads")
    insight_parts.said(found.sentences["mix"])
    alpha = st.slider(
        "α, the weight of the cross part",
        0.0,
        1.0,
        0.5,
        0.01,
        key="alpha",
        help="0 is the deep part alone, 1 the cross part alone, 0.5 the network as it was trained.",
    )
    mse, own = (float(np.interp(value, curve["alpha"], curve["mse"])) for value in (alpha, 0.5))
    st.metric(
        "Validation MSE",
        f"{mse:.4f}",
        f"{mse - own:+.4f} against α = 0.5" if alpha != 0.5 else "as trained",
        delta_color="inverse" if alpha != 0.5 else "off",
        delta_arrow="auto" if alpha != 0.5 else "off",
    )
    insight_parts.picture(
        insight_dots.mix(curve, alpha, mse),
        "mix",
        "Validation error by the weight of the cross head",
        "The rating would be 2 α · cross + 2 (1 − α) · deep, each with its own bias. The two were trained together at α = 0.5, "
        "so the ends are not what a network of one part alone would reach.",
        curve,
    )


def _orders(found: Section) -> None:
    layers = found.tables["layers"]
    insight_parts.lead(found.sentences["orders"])
    left, right = st.columns(2, gap="large")
    with left:
        insight_parts.title("How x grows")
        insight_parts.picture(
            insight_charts.columns([_x(layer) for layer in layers["layer"]], layers["norm"].tolist(), "Mean length"),
            "layer-norms",
            "Mean length of x after each cross layer",
            "The mean length of $x_l$ over validation ratings. Each layer adds $x_0 \\circ (W x + b)$ to its input; a layer that "
            "hardly changes the length adds little. The last one's value can lie in its direction instead.",
            layers,
        )
    with right:
        insight_parts.title("Share by order")
        if "orders" in found.tables:
            _shares(found.tables["orders"])
        else:
            st.caption(
                "Layers of the kinds vector, matrix and low rank make a polynomial of the embeddings: for a network of those, this "
                "place shows what each order adds. Gates shows what decides here."
            )


def _shares(orders: pd.DataFrame) -> None:
    exact = bool(orders["share"].notna().all())
    shown = orders[orders["norm"] > 0]
    insight_parts.picture(
        insight_charts.shares(
            [_order(order) for order in shown["order"]], shown["share"].tolist(), "Share of the cross part"
        )
        if exact
        else insight_charts.columns([_order(order) for order in shown["order"]], shown["norm"].tolist(), "Mean length"),
        "order-shares",
        "Share of each polynomial order",
        "A cross network is a polynomial of its embeddings: order 1 is what each feature says alone, order 2 products of two, "
        "and so on; each layer adds one order. "
        + (
            "The orders add up to the cross part of the rating exactly; shares are of its variance."
            if exact
            else "In a stacked network the deep part reads all of them, so only their lengths are known."
        ),
        orders,
    )


def _x(layer: float) -> str:
    digits = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    return f"x{int(layer)}".translate(digits)


def _order(order: float) -> str:
    names = {0: "Constant", 1: "Order 1, alone", 2: "Order 2, pairs", 3: "Order 3, triples"}
    return names.get(int(order), f"Order {int(order)}")
