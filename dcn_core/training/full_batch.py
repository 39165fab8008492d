"""Training on all rows at once with L-BFGS: for small smooth problems it reaches the last digits, where Adam stays at 1e-3."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

CORRECTIONS = 40
"""Pairs of steps and gradients that stand for the curvature. More of them cost memory and save iterations."""


ENOUGH = 1e-22
"""A mean squared error at which there is nothing left to learn."""
STALLED, GAIN = 50, 0.99
"""It ends when so many iterations have not brought the error below this share of what it was."""


def fit_full_batch(model: keras.Model, x: np.ndarray, y: np.ndarray, iterations: int) -> int:
    """Minimises the mean squared error in double precision and leaves the best weights in the model.

    Nocedal and Wright, "Numerical Optimization", algorithm 7.5, in SciPy's implementation.

    Args:
        model: From `(n, d)` to `(n, 1)`, float64, without state.
        x: `(n, d)`.
        y: `(n,)`.
        iterations: At most so many.

    Returns:
        The iterations it took.
    """
    from scipy.optimize import minimize  # here, for it takes 0.3 s to import

    weights = model.trainable_variables
    shapes = [weight.shape for weight in weights]
    sizes = [int(np.prod(shape)) for shape in shapes]
    inputs, labels = tf.constant(x), tf.constant(y)

    def unpack(flat: Any) -> list[Any]:
        return [tf.reshape(part, shape) for part, shape in zip(tf.split(flat, sizes), shapes, strict=True)]

    @tf.function(autograph=False)
    def error(flat: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(flat)
            output, _ = model.stateless_call(unpack(flat), [], inputs)
            loss = tf.reduce_mean(tf.square(output[:, 0] - labels))
        return loss, tape.gradient(loss, flat)

    def value(flat: np.ndarray) -> tuple[float, np.ndarray]:
        loss, slope = error(tf.constant(flat))
        return float(loss), slope.numpy()

    history: list[float] = []

    def stop_if_stalled(intermediate_result: Any) -> None:
        history.append(float(intermediate_result.fun))
        stalled = len(history) > STALLED and history[-1] > GAIN * history[-1 - STALLED]
        if stalled or history[-1] < ENOUGH:
            raise StopIteration

    start = np.concatenate([weight.numpy().ravel() for weight in weights])
    options = {"maxiter": iterations, "maxfun": 2 * iterations, "ftol": 0.0, "gtol": 1e-15, "maxcor": CORRECTIONS}
    found = minimize(value, start, jac=True, method="L-BFGS-B", options=options, callback=stop_if_stalled)
    for weight, part in zip(weights, unpack(tf.constant(found.x)), strict=True):
        weight.assign(part)
    return int(found.nit)
