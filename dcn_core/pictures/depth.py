"""Pictures of what heads, layers and orders contribute."""

import numpy as np

from dcn_core.insight.report import Section
from dcn_core.insight.wording import listed, percent
from dcn_core.pictures import bars, dots
from dcn_core.pictures.knockouts import HEADS
from dcn_core.pictures.picture import Picture


def heads(found: Section) -> Picture:
    """Shares of the parts of the head in the variance of the prediction."""
    every = found.tables["heads"]
    frame = every[every["part"] != "bias"]
    moved = [f"the {HEADS[part].lower()} by {std:.2f}" for part, std in zip(frame["part"], frame["std"], strict=True)]
    return Picture(
        key="head-shares",
        title="Who makes predictions differ",
        sentence=f"From rating to rating, in stars: {listed(moved)}.",
        figure=bars.shares([HEADS[part] for part in frame["part"]], frame["share"].tolist(), "Share of the variance"),
        alt="Share of each part in the variance of the prediction",
        about="The rating is a sum of these parts and a constant. A part's share is its covariance with the prediction over the variance "
        "of the prediction, so the shares add up to 100 %. A negative share works against the others. A large share says that "
        "a part speaks much, not that it is right: see Is it real? for that.",
        numbers=every,
        raw=True,
    )


def mix_error(found: Section, alpha: float) -> float:
    """Validation MSE of the heads mixed with a weight `alpha` of the cross part."""
    curve = found.tables["mix"]
    return float(np.interp(alpha, curve["alpha"], curve["mse"]))


def mix(found: Section, alpha: float = 0.5) -> Picture:
    """The validation error over the weight of the cross head, with `alpha` marked."""
    curve = found.tables["mix"]
    return Picture(
        key="mix",
        title="Mix the two heads",
        sentence=found.sentences["mix"],
        figure=dots.mix(curve, alpha, mix_error(found, alpha)),
        alt="Validation error by the weight of the cross head",
        about="The rating would be 2 α · cross + 2 (1 − α) · deep, each with its own bias. The two were trained together at α = 0.5, "
        "so the ends are not what a network of one part alone would reach.",
        numbers=curve,
    )


def growth(found: Section) -> Picture:
    """The mean length of x after each cross layer."""
    frame = found.tables["layers"]
    norms = frame["norm"].astype(float)
    sentence = f"x is {norms.iloc[0]:.2f} long before the first cross layer and {norms.iloc[-1]:.2f} after the last."
    if len(frame) > 2:
        most = frame.iloc[int(frame["growth"].astype(float).fillna(0).argmax())]
        sentence += f" Layer {int(most['layer'])} changes it most, by a factor of {most['growth']:.2f}."
    return Picture(
        key="layer-norms",
        title="How x grows",
        sentence=sentence,
        figure=bars.columns([_x(layer) for layer in frame["layer"]], norms.tolist(), "Mean length"),
        alt="Mean length of x after each cross layer",
        about="The mean length of x over validation ratings, from layer to layer. Each adds the product of x₀ and what it makes of x "
        "to its input; one that hardly changes the length adds little. The last one's value can lie in its direction instead.",
        numbers=frame,
    )


def orders(found: Section) -> Picture:
    """The polynomial orders of the cross part."""
    frame = found.tables["orders"]
    exact = bool(frame["share"].notna().all())
    shown = frame[frame["norm"] > 0]
    labels, column = [_order(order) for order in shown["order"]], "share" if exact else "norm"
    values = shown[column].astype(float).tolist()
    first = float(shown[shown["order"] <= 1][column].sum())
    if exact:
        sentence = f"{percent(first)} of it are features by themselves, {percent(1 - first)} crosses of two and more."
    else:
        sentence = f"Features by themselves are {first:.2f} long, the longest cross {max([0.0, *shown[shown['order'] > 1]['norm']]):.2f}."
    return Picture(
        key="order-shares",
        title="Share by order",
        sentence=sentence,
        figure=bars.shares(labels, values, "Share of the cross part")
        if exact
        else bars.columns(labels, values, "Mean length"),
        alt="Share of each polynomial order",
        about="A cross network is a polynomial of its embeddings: order 1 is what each feature says alone, order 2 products of two, "
        "and so on; each layer adds one order. "
        + (
            "The orders add up to the cross part of the rating exactly; shares are of its variance."
            if exact
            else "In a stacked network the deep part reads all of them, so only their lengths are known."
        ),
        numbers=frame,
    )


def _x(layer: float) -> str:
    digits = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    return f"x{int(layer)}".translate(digits)


def _order(order: float) -> str:
    names = {0: "Constant", 1: "Order 1, alone", 2: "Order 2, pairs", 3: "Order 3, triples"}
    return names.get(int(order), f"Order {int(order)}")
