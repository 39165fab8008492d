"""One number of one cross layer's output, taken apart: x_l = x0 * (W x_(l-1) + b) + x_(l-1) with its numbers filled in."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.forward import cross_gate, cross_product, forward
from dcn_core.insight.interactions import num_cross_layers
from dcn_core.insight.network import Indices, Network
from dcn_core.model.shapes import feature_slices


@dataclass(frozen=True)
class Terms:
    """The numbers of the formula at one place of one layer. `output` is `x0 * (product + bias) + x`; in a vector layer
    the bias stands outside: `x0 * product + bias + x`.

    Attributes:
        layer: The cross layer, from 1.
        place: The number's place in the vectors, from 0.
        feature: Whose embedding it belongs to; "" where all features share the vector.
        number: Its place within that embedding, from 0.
        x0: The network's input.
        product: What stands for W x: its row times the layer's input, with gates where the layer has them.
        bias: What is added to it, with its gates.
        x: The layer's input.
        output: The layer's output.
        gate: Of a gated layer, how much of the cross it lets through here, from 0 to 1; None of others.
        parts: `feature` and `product`: what each feature's numbers of x add to the product, in the order of x0.
    """

    layer: int
    place: int
    feature: str
    number: int
    x0: float
    product: float
    bias: float
    x: float
    output: float
    gate: float | None
    parts: pd.DataFrame

    @property
    def change(self) -> float:
        """What the layer adds to its input here."""
        return self.output - self.x


def terms(network: Network, indices: Indices, layer: int, place: int) -> Terms:
    """Takes one number apart.

    Args:
        network: With cross layers.
        indices: Encoded features of one rating by name, `(1,)` or `(1, slots)`.
        layer: A cross layer, from 1.
        place: A place in x0, from 0.

    Raises:
        PredictionError: There is no such layer or place.
    """
    config, weights = network.config, network.weights
    values = forward(*network, indices)
    size = values.x0.shape[1]
    if not (1 <= layer <= num_cross_layers(config) and 0 <= place < size):
        raise PredictionError(
            f"a number is in a cross layer from 1 to {num_cross_layers(config)} at a place from 0 to {size - 1}. "
            f"Received: layer {layer}, place {place}."
        )
    x, row = values.cross_inputs[layer - 1], slice(place, place + 1)
    rows = slice(0, 1) if config.cross_kind == "vector" else row
    slices: dict[str, slice] = dict(feature_slices(config, network.specs))
    if config.combination == "token_mean":
        slices = {"all features": slice(0, size)}
    parts = [
        (name, float(cross_product(config, weights, layer, x, x[:, part], rows, part)[0, 0]))
        for name, part in slices.items()
    ]
    bias, gate = float(weights[f"cross_{layer}/b"][place]), None
    if config.cross_kind == "mixture":
        bias *= float(cross_gate(config, weights, layer, x).sum())
    if config.cross_kind == "gated":
        gate = float(cross_gate(config, weights, layer, x, row)[0, 0])
        bias *= gate
    feature, start = next(
        ((name, part.start) for name, part in slices.items() if part.start <= place < part.stop), ("", 0)
    )
    return Terms(
        layer=layer,
        place=place,
        feature="" if config.combination == "token_mean" else feature,
        number=place - start,
        x0=float(values.x0[0, place]),
        product=sum(value for _, value in parts),
        bias=bias,
        x=float(x[0, place]),
        output=float(values.crosses[layer - 1][0, place]),
        gate=gate,
        parts=pd.DataFrame(parts, columns=["feature", "product"]),
    )


def busiest_place(network: Network, indices: Indices, layer: int) -> int:
    """The place at which a cross layer changes its input most for a rating."""
    values = forward(*network, indices)
    return int(np.abs(values.crosses[layer - 1] - values.cross_inputs[layer - 1])[0].argmax())
