"""The compiled loop and plain Keras, from the same weights on the same batches, end at the same weights."""

import functools
import itertools
from typing import get_args

import keras
import numpy as np
import pytest
import tensorflow as tf

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import CrossKind, Structure
from dcn_core.model.builder import build_model
from dcn_core.training.loop import CompiledLoop
from dcn_core.training.optimizers import make_optimizer
from dcn_core.training.resident import ResidentData, epoch_order
from tests.runs.steps import THOROUGH
from tests.training.worlds import config, split, world

STEPS, BATCH = 50, 16
SPECS = (FeatureSpec("gender", 3), FeatureSpec("year", 7))
DATA = world(240)
ORDER = epoch_order(split(240).train, 1, 1)
PER_EPOCH = -(-len(ORDER) // BATCH)
BATCHES = np.take(ORDER, np.arange(PER_EPOCH * BATCH), mode="wrap").reshape(PER_EPOCH, BATCH)
"""An epoch; its last batch is filled from the start."""
OPTIMIZERS = {"adam": 0.01, "rmsprop": 0.003, "sgd": 0.03, "adagrad": 0.1}
"""Every optimiser, with a learning rate at which fifty steps move the weights far."""
KINDS, STRUCTURES, HEADS = get_args(CrossKind), get_args(Structure), ("concat", "sum", "average")
NETWORKS = [
    *itertools.product(["parallel"], HEADS, KINDS),
    *itertools.product(["stacked", "cross"], HEADS[:1], KINDS),
    ("deep", HEADS[0], KINDS[0]),
]
"""Every network that differs: only a parallel one has a head to choose, a deep one has no cross layer."""
SIZE = 128
"""Numbers in the reference's vector: as many as the largest of these networks has, and some that nothing reads."""


def small(network, optimizer):
    """A run whose network is as small as it can be and have every part."""
    structure, head, kind = network
    settings = {"structure": structure, "head": head, "cross_kind": kind, "projection_dim": 2, "num_experts": 2}
    sizes = {"embedding_dim": 2, "deep_layer_sizes": [3], "activation": "tanh"}
    rate = {"optimizer": optimizer, "learning_rate": OPTIMIZERS[optimizer], "batch_size": BATCH}
    return config(settings | sizes, rate)


def compiled(run, jit):
    """The network's weights, one after the other, after `STEPS` steps of the loop."""
    model = build_model(run.model, SPECS, 3.0, run.train.seed)
    sizes = {"num_rows": len(ORDER), "batch_size": BATCH, "evaluation_rows": 1}
    loop = CompiledLoop(model, make_optimizer(run.train, STEPS), ResidentData(DATA, SPECS), **sizes, jit=jit)
    for first in range(0, STEPS, PER_EPOCH):
        loop.run(tf.constant(ORDER), 0, min(PER_EPOCH, STEPS - first))
    loop.weights.write_to_model(loop.weights.values())
    return np.concatenate([weight.numpy().ravel() for weight in model.trainable_variables])


@functools.cache
def gradient_of(network):
    """The initial weights of a network in one vector of `SIZE`, how many they are, and the gradient of its loss there."""
    run = small(network, "adam")
    model = build_model(run.model, SPECS, 3.0, run.train.seed)
    weights = model.trainable_variables
    sizes = [weight.shape.num_elements() for weight in weights]
    total = sum(sizes)

    @tf.function(autograph=False, jit_compile=False)
    def gradient(vector, inputs, rating):
        parts = [
            tf.reshape(part, weight.shape)
            for part, weight in zip(tf.split(vector[:total], sizes), weights, strict=True)
        ]
        with tf.GradientTape() as tape:
            tape.watch(parts)
            prediction, _, penalties = model.stateless_call(parts, [], inputs, training=True, return_losses=True)
            loss = tf.add_n([keras.losses.MeanSquaredError()(rating[:, None], prediction), *penalties])
        found = [tf.reshape(tf.convert_to_tensor(one), (-1,)) for one in tape.gradient(loss, parts)]
        return tf.pad(tf.concat(found, axis=0), [[0, SIZE - total]])

    start = np.concatenate([*(weight.numpy().ravel() for weight in weights), np.zeros(SIZE - total)])
    return start.astype(np.float32), total, gradient


@functools.cache
def updates_of(optimizer):
    """A vector of `SIZE`, Keras's optimiser of it, and one update. An optimiser goes number by number, so one trace serves all."""
    vector = keras.Variable(np.zeros(SIZE, np.float32))
    made = make_optimizer(small(NETWORKS[0], optimizer).train, STEPS)
    made.build([vector])
    fresh = [variable.numpy().copy() for variable in made.variables]
    return vector, made, fresh, tf.function(lambda slope: made.apply([slope], [vector]), autograph=False)


def plain(network, optimizer):
    """Initial weights and those after `STEPS` steps of Keras alone: its whole model, its loss, its optimiser."""
    start, total, gradient = gradient_of(network)
    vector, made, fresh, update = updates_of(optimizer)
    vector.assign(start)
    for variable, value in zip(made.variables, fresh, strict=True):
        variable.assign(value)
    for rows in itertools.islice(itertools.cycle(BATCHES), STEPS):
        inputs = {spec.name: DATA.inputs(rows)[spec.name] for spec in SPECS}
        update(gradient(vector.value, inputs, DATA.rating[rows]))
    return start[:total], vector.numpy()[:total]


def assert_equal(network, optimizer, jit):
    """Weights within rounding of each other, and far from where they started."""
    start, expected = plain(network, optimizer)
    np.testing.assert_allclose(compiled(small(network, optimizer), jit), expected, rtol=1e-3, atol=2e-5)
    assert np.abs(expected - start).max() > 0.02


def cases():
    """Every network with every optimiser if asked to be thorough; else each with one, every optimiser in turn."""
    if THOROUGH:
        return [*itertools.product(NETWORKS, OPTIMIZERS)]
    return [*zip(NETWORKS, itertools.cycle(OPTIMIZERS))]


def ids(pairs):
    """A name for each case."""
    return ["-".join((*network, optimizer)) for network, optimizer in pairs]


@pytest.mark.parametrize(("network", "optimizer"), cases(), ids=ids(cases()))
def test_every_network_and_optimiser_ends_where_plain_keras_does(network, optimizer):
    assert_equal(network, optimizer, jit=False)


COVERING = [
    (network, tuple(OPTIMIZERS)[(KINDS.index(network[2]) + STRUCTURES.index(network[0])) % 4])
    for network in (
        *((structure, HEADS[0], kind) for structure in ("stacked", "cross") for kind in KINDS),
        *(("parallel", HEADS[number % 3], kind) for number, kind in enumerate(KINDS)),
        NETWORKS[-1],
    )
]
"""Every kind in every structure, every structure with every optimiser, and every head."""


@pytest.mark.parametrize(("network", "optimizer"), COVERING, ids=ids(COVERING))
def test_the_program_of_xla_ends_where_plain_keras_does(network, optimizer):
    assert_equal(network, optimizer, jit=True)


def test_the_covering_covers():
    crossed = [(network, optimizer) for network, optimizer in COVERING if network[0] != "deep"]
    assert {(network[0], network[2]) for network, _ in crossed} == {*itertools.product(STRUCTURES[:3], KINDS)}
    assert {(network[0], optimizer) for network, optimizer in crossed} == {
        *itertools.product(STRUCTURES[:3], OPTIMIZERS)
    }
    assert {network[1] for network, _ in crossed} == {*HEADS}
