"""Dropout in a compiled loop, Keras's layer beside ours: `python -m benchmarks.dropout`."""

import statistics
import time
from typing import Any

import keras
import tensorflow as tf

from dcn_core.model.dropout import Dropout

SHAPE, STEPS, ROUNDS = (1024, 192), 50, 5


def program(layer: keras.layers.Layer) -> Any:
    """Compiled steps that apply the layer and take its gradient; their number is the argument."""
    x = tf.ones(SHAPE)

    def step(number: Any, total: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.square(layer(x, training=True)))
        return number + 1, total + loss + tf.reduce_sum(tape.gradient(loss, x))

    return tf.function(lambda steps: tf.while_loop(lambda number, _: number < steps, step, (0, 0.0)), jit_compile=True)


def main() -> None:
    """Prints milliseconds of processor a step, medians of rounds in turns."""
    layers = {"keras.layers.Dropout": keras.layers.Dropout(0.2, seed=1), "ours": Dropout(0.2, seed=1)}
    programs = {name: program(layer) for name, layer in layers.items()}
    spent: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(ROUNDS + 1):
        for name, run in programs.items():
            begin = time.process_time()
            run(tf.constant(STEPS if number else 1))
            spent[name] += [1000 * (time.process_time() - begin) / STEPS] if number else []
    for name, values in spent.items():
        print(f"{name:22} {statistics.median(values):7.2f} ms a step, {SHAPE[0]:,} × {SHAPE[1]}")  # noqa: T201


if __name__ == "__main__":
    main()
