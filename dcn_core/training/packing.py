"""The trainable weights in few variables: all small ones side by side in one vector, each large one by itself.

An optimiser updates each variable element by element, so one update of the packed vector is the update of all weights in
it, to the last bit, and the program has far fewer steps to start and compile. Large weights stay apart: packing would
copy them twice a step.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

PACK_LIMIT = 8_192
"""Most numbers of a weight that is packed. Measured: docs/decisions.md."""


class PackedWeights:
    """The trainable weights of a model, packed.

    Attributes:
        variables: What an optimiser is built on: the packed vector, if any weight is small, then the large weights.
    """

    def __init__(self, model: keras.Model, limit: int = PACK_LIMIT) -> None:
        self._weights = list(model.trainable_variables)
        sizes = [math_size(weight) for weight in self._weights]
        self._packed = [i for i, size in enumerate(sizes) if size <= limit]
        self._large = [i for i, size in enumerate(sizes) if size > limit]
        self._sizes = [sizes[i] for i in self._packed]
        self._position = {id(weight): i for i, weight in enumerate(self._weights)}
        self.variables: list[Any] = [self._weights[i] for i in self._large]
        if self._packed:
            self.variables.insert(
                0, keras.Variable(self._join([weight.value for weight in self._weights]), name="packed")
            )

    def values(self) -> list[Any]:
        """The current values of `variables`."""
        return [variable.value for variable in self.variables]

    def unpack(self, values: Sequence[Any]) -> list[Any]:
        """The model's trainable weights, in its order and shapes, from values of `variables`."""
        weights: list[Any] = [None] * len(self._weights)
        values = list(values)
        if self._packed:
            for i, part in zip(self._packed, tf.split(values.pop(0), self._sizes), strict=True):
                weights[i] = tf.reshape(part, self._weights[i].shape)
        for i, value in zip(self._large, values, strict=True):
            weights[i] = value
        return weights

    def pack(self, weights: Sequence[Any]) -> list[Any]:
        """Values (or gradients) for `variables` from those of the model's trainable weights."""
        large = [weights[i] for i in self._large]
        return [self._join(weights), *large] if self._packed else large

    def pick(self, weights: Sequence[Any], variables: Sequence[Any]) -> list[Any]:
        """Those of the unpacked `weights` that belong to some of the model's trainable variables."""
        return [weights[self._position[id(variable)]] for variable in variables]

    def write_to_model(self, values: Sequence[Any]) -> None:
        """Gives the model's trainable weights these values of `variables`."""
        for weight, value in zip(self._weights, self.unpack(values), strict=True):
            weight.assign(value)

    def _join(self, weights: Sequence[Any]) -> Any:
        return tf.concat([tf.reshape(weights[i], (-1,)) for i in self._packed], axis=0)


def math_size(variable: Any) -> int:
    """Number of elements of a variable."""
    size = 1
    for length in variable.shape:
        size *= length
    return size
