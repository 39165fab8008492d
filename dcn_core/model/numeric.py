"""Small networks on plain numbers, in double precision: the playground's own cross layers, without embeddings."""

from typing import Literal

import keras
import numpy as np

from dcn_core.model.builder import layer_seed
from dcn_core.model.cross import MatrixCross, VectorCross

NumericKind = Literal["V1", "V2", "DNN"]


def build_numeric(kind: NumericKind, num_inputs: int, size: int, seed: int) -> keras.Model:
    """Returns a network from `(batch, num_inputs)` to `(batch, 1)`, float64.

    Args:
        kind: Vector cross layers, matrix cross layers, or a deep network of one hidden layer.
        num_inputs: Numbers that it looks at, d.
        size: Cross layers, or units of the hidden layer.
        seed: Of the initial weights.
    """
    x0 = x = keras.Input((num_inputs,), dtype="float64")
    if kind == "DNN":
        start = keras.initializers.HeUniform(layer_seed(seed, "deep_1"))
        x = keras.layers.Dense(size, "relu", kernel_initializer=start, dtype="float64", name="deep_1")(x0)
    else:
        layer = VectorCross if kind == "V1" else MatrixCross
        for number in range(1, size + 1):
            name = f"cross_{number}"
            x = layer(seed=layer_seed(seed, name), dtype="float64", name=name)(x0, x)
    # With ones the error is nearly quadratic in W, and no product starts out as good as unread.
    start = keras.initializers.GlorotUniform(layer_seed(seed, "head")) if kind == "DNN" else "ones"
    return keras.Model(x0, keras.layers.Dense(1, kernel_initializer=start, dtype="float64", name="head")(x), name=kind)


def num_parameters(kind: NumericKind, num_inputs: int, size: int) -> int:
    """Weights of `build_numeric` with these arguments."""
    d = num_inputs
    if kind == "DNN":
        return (d + 1) * size + size + 1
    return size * (2 * d if kind == "V1" else d * d + d) + d + 1


def cross_weights(model: keras.Model) -> tuple[list[dict[str, np.ndarray]], np.ndarray, float]:
    """The cross layers' weights by letter, the head's `(d,)`, and its bias."""
    layers = [
        {variable.name: np.asarray(variable.numpy()) for variable in layer.weights}
        for layer in model.layers
        if layer.name.startswith("cross_")
    ]
    kernel, bias = model.get_layer("head").get_weights()
    return layers, kernel[:, 0], float(bias[0])
