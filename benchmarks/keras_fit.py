"""The player of `keras.Model.fit` on NumPy arrays: `python -m benchmarks.keras_fit TASK STEPS VARIANT`.

The networks are written with Keras' own layers, as its guides do. Variants: `default` calls `compile` and `fit` as the
original notebook does, so Keras itself chooses to compile each step with XLA; `no-xla` turns that off; `many-steps`
runs 50 steps a call, which few know of.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.task import Task
from benchmarks.turns import Turns
from dcn_core.config.features import FeatureSpec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
from keras import layers

COMPILE: dict[str, dict[str, Any]] = {
    "default": {},
    "no-xla": {"jit_compile": False},
    "many-steps": {"steps_per_execution": 50},
}


class VectorCross(layers.Layer):
    """`x0 * (x·w) + b + x`, for which Keras has no layer."""

    def build(self, x0_shape: tuple, x_shape: tuple) -> None:
        size = x_shape[-1]
        self.w = self.add_weight(shape=(size, 1), regularizer=keras.regularizers.L2(0.001), name="w")
        self.b = self.add_weight(shape=(size,), initializer="zeros", name="b")

    def call(self, x0: Any, x: Any) -> Any:
        return x0 * keras.ops.matmul(x, self.w) + self.b + x


def notebook_network(specs: Sequence[FeatureSpec]) -> keras.Model:
    """Mean of nine tokens, four vector cross layers, deep 64-32 with batch normalisation, average of two heads."""
    inputs = {spec.name: keras.Input((spec.slots,), dtype="int32", name=spec.name) for spec in specs}
    tokens = [layers.Embedding(spec.vocabulary_size, 16)(inputs[spec.name]) for spec in specs]
    x0 = layers.GlobalAveragePooling1D()(layers.Concatenate(axis=1)(tokens))
    cross = deep = x0
    for _ in range(4):
        cross = VectorCross()(x0, cross)
    for size in (64, 32):
        deep = layers.BatchNormalization()(layers.Dense(size, "relu")(deep))
    return keras.Model(inputs, layers.Average()([layers.Dense(1)(cross), layers.Dense(1)(deep)]))


def ids_network(task: Task) -> keras.Model:
    """All features side by side, two matrix cross layers beside a deep network, one head on both."""
    model = task.config.model
    penalty = keras.regularizers.L2(model.embedding_l2)
    inputs, vectors = {}, []
    for spec in task.specs:
        many = spec.slots > 1
        inputs[spec.name] = keras.Input((spec.slots,) if many else (), dtype="int32", name=spec.name)
        table = layers.Embedding(
            spec.vocabulary_size + many, model.embedding_dim, mask_zero=many, embeddings_regularizer=penalty
        )
        vector = table(inputs[spec.name])
        vectors.append(layers.GlobalAveragePooling1D()(vector) if many else vector)
    x0 = cross = deep = layers.Concatenate()(vectors)
    for _ in range(model.num_cross_layers):
        cross = layers.Add()([layers.Multiply()([x0, layers.Dense(x0.shape[-1])(cross)]), cross])
    for size in model.deep_layer_sizes:
        deep = layers.Dense(size, activation="relu")(deep)
    return keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([cross, deep])))


def inputs_for(task: Task, rows: Any) -> dict[str, Any]:
    """Arrays for `fit`. An empty genre slot is 0: the notebook's own padding, and what `mask_zero` masks."""
    inputs = task.data.inputs(rows)
    genres = inputs["genres"]
    return inputs | {"genres": genres.clip(0) if task.is_notebook else genres + 1}


class EpochClock(keras.callbacks.Callback):
    """Takes one turn for each epoch of a `fit`."""

    def __init__(self, turns: Turns, share: float) -> None:
        super().__init__()
        self._turns, self._share = turns, share

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._turns.wait()
        self._begin = time.perf_counter()

    def on_test_begin(self, logs: dict | None = None) -> None:
        self._trained = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        end = time.perf_counter()
        self._turns.answer(
            train_s=self._trained - self._begin,
            validation_s=end - self._trained,
            share=self._share,
            train_mse=logs["loss"],
            validation_mse=logs["val_loss"],
        )


def main() -> None:
    """Plays."""
    turns, task, steps, variant = Turns(), Task.load(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
    train, validation, share = task.part(steps)
    model = notebook_network(task.specs) if task.is_notebook else ids_network(task)
    model.compile(optimizer=task.config.train.optimizer, loss="mse", **COMPILE[variant])
    model.fit(
        inputs_for(task, train),
        task.data.rating[train],
        batch_size=task.batch_size,
        epochs=1_000_000,
        validation_data=(inputs_for(task, validation), task.data.rating[validation]),
        verbose=0,
        callbacks=[EpochClock(turns, share)],
    )


if __name__ == "__main__":
    main()
