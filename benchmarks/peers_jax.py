"""The player of JAX: `python -m benchmarks.peers_jax TASK STEPS VARIANT`.

One jitted `lax.scan` over all steps of an epoch with donated state: nothing leaves the compiled program. The indices of all
ratings lie in one array, so a batch is one gather. Optimisers by hand, since XLA fuses them either way. Variants, joined by
"+": `gather` or `one-hot` lookups (of features of at most 256 categories), `packed` (all weights raveled into one vector, so
that the optimiser is one kernel).
"""

import sys
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from benchmarks.task import Task
from benchmarks.turns import Turns

EVALUATION_BATCH = 4_096
MOST_ONE_HOT = 256
Tree = Any


class Network:
    """Weights as a tree of arrays and the functions on them."""

    def __init__(self, task: Task, one_hot: bool) -> None:
        self.task, self.one_hot, self.notebook = task, one_hot, task.is_notebook
        self.model = task.config.model
        self.sizes = self.model.deep_layer_sizes

    def initial(self) -> tuple[Tree, Tree]:
        """Weights and the statistics of batch normalisation."""
        chance, model = np.random.default_rng(self.task.config.train.seed), self.model

        def glorot(rows: int, columns: int) -> np.ndarray:
            return chance.uniform(-1, 1, (rows, columns)).astype("f") * (6 / (rows + columns)) ** 0.5

        size = model.embedding_dim
        width = size if self.notebook else size * len(self.task.specs)
        tables = {s.name: chance.uniform(-0.05, 0.05, (s.vocabulary_size, size)).astype("f") for s in self.task.specs}
        cross = [
            {"W": glorot(width, 1 if self.notebook else width), "b": np.zeros(width, "f")}
            for _ in range(model.num_cross_layers)
        ]
        ends = [width, *self.sizes]
        deep = [{"W": glorot(i, j), "b": np.zeros(j, "f")} for i, j in zip(ends, self.sizes, strict=False)]
        start = 0.0 if self.notebook else float(self.task.data.rating.mean())
        head = {"W": glorot(width + ends[-1], 1), "b": np.full(2 if self.notebook else 1, start, "f")}
        if self.notebook:
            deep = [
                layer | {"gamma": np.ones(j, "f"), "beta": np.zeros(j, "f")}
                for layer, j in zip(deep, self.sizes, strict=True)
            ]
        statistics = [(np.zeros(j, "f"), np.ones(j, "f")) for j in self.sizes] if self.notebook else []
        weights = {"tables": tables, "cross": cross, "deep": deep, "head": head}
        return jax.tree.map(jnp.asarray, (weights, statistics))

    def embed(self, weights: Tree, indices: jax.Array) -> jax.Array:
        """x0: the mean of the tokens, or all features side by side."""
        parts, column = [], 0
        for spec in self.task.specs:
            table, index = weights["tables"][spec.name], indices[:, column : column + spec.slots]
            column += spec.slots
            filled = jnp.ones(index.shape) if self.notebook else (index >= 0).astype("f")
            index = jnp.maximum(index, 0)
            if spec.slots > 1 and not self.notebook:
                filled /= jnp.maximum(filled.sum(1, keepdims=True), 1)
            if self.one_hot and spec.vocabulary_size <= MOST_ONE_HOT:
                counts = (jax.nn.one_hot(index, spec.vocabulary_size) * filled[:, :, None]).sum(1)
                parts.append(counts @ table)
            elif spec.slots > 1:
                parts.append((table[index] * filled[:, :, None]).sum(1))
            else:
                parts.append(table[index[:, 0]])
        return sum(parts) / indices.shape[1] if self.notebook else jnp.concatenate(parts, 1)

    def predict(self, weights: Tree, statistics: Tree, indices: jax.Array, training: bool) -> tuple[jax.Array, Tree]:
        """Ratings `(batch,)` and the new statistics."""
        x0 = x = deep = self.embed(weights, indices)
        for layer in weights["cross"]:
            product = x @ layer["W"]
            x = x0 * product + layer["b"] + x if self.notebook else x0 * (product + layer["b"]) + x
        new = []
        for number, layer in enumerate(weights["deep"]):
            deep = jax.nn.relu(deep @ layer["W"] + layer["b"])
            if self.notebook:
                mean, variance = statistics[number]
                if training:
                    kept, (mean, variance) = (mean, variance), (deep.mean(0), deep.var(0))
                    new.append(tuple(0.99 * a + 0.01 * b for a, b in zip(kept, (mean, variance), strict=True)))
                deep = (deep - mean) * (jax.lax.rsqrt(variance + 1e-3) * layer["gamma"]) + layer["beta"]
        head = weights["head"]
        output = jnp.concatenate([x, deep], 1) @ head["W"]
        return ((output[:, 0] + head["b"].sum()) / 2 if self.notebook else output[:, 0] + head["b"]), new

    def penalty(self, weights: Tree) -> jax.Array:
        """The L2 terms of the loss."""
        if self.notebook:
            return 0.001 * sum(jnp.sum(layer["W"] ** 2) for layer in weights["cross"])
        return self.model.embedding_l2 * sum(jnp.sum(table**2) for table in weights["tables"].values())


def rmsprop(weights: Tree, gradients: Tree, moments: Tree, time: jax.Array) -> tuple[Tree, Tree]:
    """Keras' RMSprop with its defaults."""
    second = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g * g, moments[1], gradients)
    step = jax.tree.map(lambda w, g, v: w - 0.001 * g * jax.lax.rsqrt(v + 1e-7), weights, gradients, second)
    return step, (moments[0], second)


def adam(weights: Tree, gradients: Tree, moments: Tree, time: jax.Array) -> tuple[Tree, Tree]:
    """Keras' Adam with its defaults."""
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, moments[1], gradients)
    rate = 0.001 * jnp.sqrt(1 - 0.999**time) / (1 - 0.9**time)
    return jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, first, second), (first, second)


def main() -> None:
    """Plays."""
    turns, task = Turns(), Task.load(Path(sys.argv[1]))
    steps, variant = int(sys.argv[2]), sys.argv[3].split("+")
    network = Network(task, "one-hot" in variant)
    indices, rating = jnp.asarray(task.flat()), jnp.asarray(task.data.rating)
    update = rmsprop if task.config.train.optimizer == "rmsprop" else adam
    weights, statistics = network.initial()
    unravel = lambda tree: tree  # noqa: E731
    if "packed" in variant:
        weights, unravel = ravel_pytree(weights)

    def loss(weights: Tree, statistics: Tree, rows: jax.Array) -> tuple[jax.Array, tuple[jax.Array, Tree]]:
        tree = unravel(weights)
        output, new = network.predict(tree, statistics, indices[rows], training=True)
        squared = jnp.mean((output - rating[rows]) ** 2)
        return squared + network.penalty(tree), (squared, new)

    def step(state: Tree, rows: jax.Array) -> tuple[Tree, jax.Array]:
        weights, moments, statistics, time = state
        gradients, (squared, statistics) = jax.grad(loss, has_aux=True)(weights, statistics, rows)
        weights, moments = update(weights, gradients, moments, time + 1)
        return (weights, moments, statistics, time + 1), squared

    def errors(state: Tree, rows: jax.Array) -> tuple[Tree, jax.Array]:
        output, _ = network.predict(unravel(state[0]), state[2], indices[rows], training=False)
        return state, jnp.sum((output - rating[rows]) ** 2 * (rows >= 0))

    train_epoch = jax.jit(lambda state, rows: jax.lax.scan(step, state, rows), donate_argnums=0)
    validate = jax.jit(lambda state, rows: jax.lax.scan(errors, state, rows)[1].sum())
    zeros = [jax.tree.map(jnp.zeros_like, weights) for _ in range(2)]
    state = (weights, tuple(zeros), statistics, jnp.zeros(()))
    train, validation, share = task.part(steps)
    size, batches = task.batch_size, -(-len(validation) // EVALUATION_BATCH)
    steps = -(-len(train) // size)
    evaluated = np.full(batches * EVALUATION_BATCH, -1, np.int32)
    evaluated[: len(validation)] = validation
    evaluated = jnp.asarray(evaluated.reshape(batches, -1))
    chance = np.random.default_rng(1)
    while True:
        turns.wait()
        begin = time.perf_counter()
        order = chance.permutation(train.astype(np.int32))
        order = np.concatenate([order, order[: steps * size - len(order)]]).reshape(steps, size)
        state, squared = train_epoch(state, order)
        train_mse = float(squared.mean())
        trained = time.perf_counter()
        validation_mse = float(validate(state, evaluated)) / len(validation)
        turns.answer(
            train_s=trained - begin,
            validation_s=time.perf_counter() - trained,
            share=share,
            train_mse=train_mse,
            validation_mse=validation_mse,
        )


if __name__ == "__main__":
    main()
