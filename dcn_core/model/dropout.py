"""Dropout whose random numbers cost little."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="dcn_playground")
class Dropout(keras.layers.Dropout):
    """Keras's dropout from uniform numbers that are drawn once a step.

    `tf.nn.experimental.stateless_dropout`, which Keras calls, takes XLA on a processor 27 times as long for the same (docs/log.md).
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Returns `inputs`, in training with a share `rate` set to 0 and the others divided by what is left of 1."""
        if not training or not self.rate:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.int64)
        draw = tf.random.stateless_uniform(tf.shape(inputs), seed, dtype=inputs.dtype, alg="philox")
        return tf.where(draw >= self.rate, inputs / (1 - self.rate), 0)
