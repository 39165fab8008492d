"""The cross part as the polynomial it is: what each order in x0, and each pair of features, adds to the rating.

A cross network is a polynomial of the embeddings. With x_l = Σ_k p_l^(k), where p^(k) is of order k in x0, a layer gives
p_(l+1)^(k) = p_l^(k) + x0 * (W p_l^(k-1)), plus x0 * b in order 1 (matrix, low rank) or b in order 0 (vector). The head
reads x_L linearly where cross and deep stand side by side, so the orders sum to the cross part of the rating exactly. In a
stacked network the deep part stands between; there only the sizes of the orders in x_L are known. Mixture and gated layers
multiply by gates that depend on x, so they make no polynomial, and there are no orders to speak of.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.forward import combine, cross_product, forward
from dcn_core.insight.interactions import effective_kernel, num_cross_layers, shares_of_mean
from dcn_core.insight.network import Indices, Network
from dcn_core.insight.wording import amount, pair_words, percent, sentence
from dcn_core.model.shapes import feature_slices, has_cross, has_gates, has_two_heads, input_dim

SAMPLE_ROWS = 4096
GATED = (
    "Gates decide rating by rating how much of each cross passes, so this cross network is no polynomial and cannot be split "
    "exactly by order."
)


@dataclass(frozen=True)
class Orders:
    """What the orders of the cross part contribute, on given ratings.

    Attributes:
        exact: Whether the orders add up to the rating: not in a stacked network.
        orders: `order` (0 is a constant of vector layers, 1 the embeddings alone, 2 products of two, ...), `norm` (mean
            length of p_L^(k)) and, where exact, `mean` and `std` of what it adds to the rating, in stars, and `share` of
            the variance of the cross part (covariances, so they sum to 1); else NaN.
        layers: `layer` (0 is x0), `norm` (mean length of x_l) and `growth` (over the layer before).
        pairs: For order 2, where exact: `feature`, `other`, `mean` (signed, in stars), `std` (stars) and `share` of the
            variance of order 2, both directions of a pair added; largest share first. A product of two embeddings also
            carries what each feature says alone: `pair_effects` has the interaction proper.
    """

    exact: bool
    orders: pd.DataFrame
    layers: pd.DataFrame
    pairs: pd.DataFrame

    def sentence(self) -> str:
        """Which order does the work."""
        if not self.exact:
            top = self.orders.loc[self.orders["norm"].idxmax()]
            return (
                f"Order {top['order']:.0f} is the largest part of the cross network's output. The deep network reads it, so its share "
                "of the rating is not defined."
            )
        top = self.orders.loc[self.orders["share"].idxmax()]
        text = f"order {top['order']:.0f} makes {percent(top['share'])} of what the cross part says"
        if len(self.pairs):
            pair = self.pairs.iloc[0]
            text += f"; in order 2, {pair_words(pair['feature'], pair['other'])} move the rating most, by {amount(pair['std'])} stars"
        return sentence(text + ".")


def orders(network: Network, indices: Indices) -> Orders:
    """Decomposes the cross part on some ratings, `SAMPLE_ROWS` of the validation part for instance.

    Raises:
        PredictionError: The network has no cross part, or gates in it.
    """
    terms = order_terms(network, indices)
    exact = network.config.structure != "stacked"
    frame = pd.DataFrame({"order": range(len(terms)), "norm": [np.linalg.norm(p, axis=1).mean() for p in terms]})
    added = [term @ cross_head(network) for term in terms] if exact else [np.full(1, np.nan)] * len(terms)
    frame = frame.assign(mean=[part.mean() for part in added], std=[part.std() for part in added], share=_shares(added))
    layers = layer_lengths(network, indices)
    pairs = pd.DataFrame({"feature": [], "other": [], "mean": [], "std": [], "share": []})
    if exact and num_cross_layers(network.config):
        found = pair_terms(network, indices)
        names = np.array(list(found), dtype=object).reshape(-1, 2)
        pairs = pd.DataFrame(
            {
                "feature": names[:, 0],
                "other": names[:, 1],
                "mean": [part.mean() for part in found.values()],
                "std": [part.std() for part in found.values()],
                "share": _shares(list(found.values())),
            }
        ).sort_values("share", ascending=False, ignore_index=True, kind="stable")
    return Orders(exact, frame, layers, pairs)


def layer_lengths(network: Network, indices: Indices) -> pd.DataFrame:
    """How x grows in a cross part of any kind: `layer` (0 is x0), `norm` (mean length of x_l), `growth` (over the one before)."""
    values = forward(*network, indices)
    norms = np.array([np.linalg.norm(x, axis=1).mean() for x in (values.x0, *values.crosses)])
    growth = np.concatenate([[np.nan], norms[1:] / np.maximum(norms[:-1], 1e-300)])
    return pd.DataFrame({"layer": range(len(norms)), "norm": norms, "growth": growth})


def order_terms(network: Network, indices: Indices) -> list[np.ndarray]:
    """Returns p_L^(0) ... p_L^(L+1), each `(n, d)`; their sum is x_L.

    Raises:
        PredictionError: The network has no cross part, or gates in it.
    """
    _check_polynomial(network)
    if not has_cross(network.config):
        raise PredictionError(
            "this network is deep only: it has no cross part to decompose. Expected another structure. Choose another run."
        )
    x0 = combine(*network, indices)
    vector = network.config.cross_kind == "vector"
    terms = [np.zeros_like(x0), x0]
    for number in range(1, num_cross_layers(network.config) + 1):
        b = network.weights[f"cross_{number}/b"]
        products = [x0 * cross_product(network.config, network.weights, number, x0, term) for term in terms]
        terms = [
            old + new for old, new in zip([*terms, np.zeros_like(x0)], [np.zeros_like(x0), *products], strict=True)
        ]
        if vector:
            terms[0] = terms[0] + b
        else:
            terms[1] = terms[1] + x0 * b
    return terms


def cross_head(network: Network) -> np.ndarray:
    """The weights, `(d,)`, by which the rating reads x_L.

    Raises:
        PredictionError: It does not: the network is deep only or stacked.
    """
    if network.config.structure not in ("parallel", "cross"):
        raise PredictionError(
            "the cross part adds to the rating by itself only in the structures 'parallel' and 'cross'. "
            f"Received: '{network.config.structure}'."
        )
    if has_two_heads(network.config):
        share = 0.5 if network.config.head == "average" else 1.0
        return share * network.weights["cross_head/kernel"][:, 0]
    return network.weights["head/kernel"][: input_dim(network.config, network.specs), 0]


def pair_terms(network: Network, indices: Indices) -> dict[tuple[str, str], np.ndarray]:
    """Returns what each unordered pair of features adds to the rating in order 2, `(n,)` in stars; they sum to order 2.

    Order 2 is x0ᵀ Q x0 with Q = Σ_l diag(h) W_l diag(c_l), where h are the head's weights and x0 * c_l is
    the order 1 of layer l's input: c_l = 1 + Σ_(m<l) b_m, or 1 + Σ_(m<l) w_m · Σ_(k<m) b_k with vector layers. Pairs stand
    in the order of the features; (i, j) holds Q_ij and Q_ji.

    Raises:
        PredictionError: As of `cross_head`, and where there are gates.
    """
    _check_polynomial(network)
    kernel, config = cross_head(network), network.config
    scale = np.ones_like(kernel)
    Q = np.zeros((len(kernel), len(kernel)), kernel.dtype)
    constant = np.zeros_like(kernel)
    linear = scale.copy()  # order 1 of x_l is x0 * linear
    for number in range(1, num_cross_layers(config) + 1):
        W, b = effective_kernel(network.weights, number), network.weights[f"cross_{number}/b"]
        Q += kernel[:, None] * W * linear[None, :]
        if config.cross_kind == "vector":
            linear = linear + W @ constant
            constant = constant + b
        else:
            linear = linear + b
    x0 = combine(*network, indices)
    names = network.feature_names
    if config.combination == "token_mean":
        parts = shares_of_mean(network.specs, network.weights, indices)
        blocks = [slice(None)] * len(names)
    else:
        slices = feature_slices(config, network.specs)
        blocks = [slices[spec.name] for spec in network.specs]
        parts = [x0[:, block] for block in blocks]
    terms: dict[tuple[str, str], np.ndarray] = {}
    for i, a in enumerate(names):
        for j, b_name in enumerate(names):
            pair = (a, b_name) if i <= j else (b_name, a)
            term = np.sum(parts[i] * (parts[j] @ Q[blocks[i], blocks[j]].T), axis=1)
            terms[pair] = terms[pair] + term if pair in terms else term
    return terms


def _check_polynomial(network: Network) -> None:
    if has_gates(network.config):
        raise PredictionError(
            f"orders need cross layers without gates: vector, matrix or low_rank. Received: {network.config.cross_kind}. "
            "Choose another run."
        )


def _shares(parts: list[np.ndarray]) -> list[float]:
    """Covariance of each part with the sum, over the variance of the sum."""
    total = np.sum(parts, axis=0)
    variance = max(float(np.var(total)), 1e-300) if np.isfinite(total).all() else np.nan
    return [float(np.mean((part - part.mean()) * (total - total.mean())) / variance) for part in parts]
