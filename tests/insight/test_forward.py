import itertools

import keras
import numpy as np
import pytest

from dcn_core.config.model import ModelConfig
from dcn_core.insight.forward import cross, cross_product, forward
from dcn_core.model.builder import build_model
from dcn_core.model.shapes import feature_slices
from tests.insight.networks import KINDS, POLYNOMIAL
from tests.model.examples import SPECS, numpy, predict, random_indices, randomize

MIXTURES = [
    {"cross_kind": "mixture", "gate": gate, "expert_activation": activation}
    for gate, activation in itertools.product(["softmax", "sigmoid"], ["identity", "tanh"])
]
ARCHITECTURES = [
    *itertools.product(["parallel"], ["concat", "sum", "average"], KINDS, ["concat", "token_mean"]),
    *itertools.product(["stacked", "cross", "deep"], ["concat"], KINDS, ["concat", "token_mean"]),
]


def example(**settings):
    config = ModelConfig(**{"embedding_dim": 4, "deep_layer_sizes": (6, 5), "projection_dim": 3, **settings})
    model = build_model(config, SPECS, 3.5, seed=1)
    return config, model, randomize(model)


def agrees(config, model, weights):
    indices = random_indices()
    values = forward(config, SPECS, weights, indices)
    np.testing.assert_allclose(values.rating, predict(model, indices), atol=1e-5)
    np.testing.assert_allclose(sum(values.contributions.values()), values.rating, atol=1e-5)
    return values


@pytest.mark.parametrize(("structure", "head", "cross_kind", "combination"), ARCHITECTURES)
def test_numpy_twin_agrees_with_the_network(structure, head, cross_kind, combination):
    agrees(*example(structure=structure, head=head, cross_kind=cross_kind, combination=combination))


@pytest.mark.parametrize(
    "settings",
    [
        *({"activation": activation} for activation in ("relu", "gelu", "silu", "tanh")),
        {"batch_normalization": True},
        {"batch_normalization": True, "normalization_position": "after_activation"},
        {"genre_pooling": "sum", "dropout": 0.3},
        {"user_bias": True, "movie_bias": True},
        {"embedding_dim": "auto"},
        *(
            {"cross_kind": "mixture", "gate": gate, "expert_activation": activation, "num_experts": experts}
            for gate, activation, experts in itertools.product(["softmax", "sigmoid"], ["identity", "tanh"], [1, 3])
        ),
        {"num_cross_layers": 0},
        {"num_cross_layers": 0, "structure": "cross"},
        {"num_cross_layers": 0, "structure": "stacked"},
    ],
    ids=str,
)
def test_numpy_twin_obeys_every_setting(settings):
    agrees(*example(**settings))


@pytest.mark.parametrize("kind", KINDS)
def test_intermediate_values_are_those_of_the_layers(kind):
    config, model, weights = example(num_cross_layers=3, cross_kind=kind)
    values = agrees(config, model, weights)
    names = ["x0", "cross_1", "cross_2", "cross_3", "deep_1_activation", "deep_2_activation"]
    inner = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    indices = random_indices()
    outputs = inner([indices[tensor.name] for tensor in model.inputs])
    for ours, theirs in zip((values.x0, *values.crosses, *values.deep), outputs, strict=True):
        np.testing.assert_allclose(ours, numpy(theirs), atol=1e-5)
    assert [x.shape for x in values.cross_inputs] == [(32, 20)] * 3
    np.testing.assert_array_equal(values.cross_inputs[0], values.x0)


@pytest.mark.parametrize(
    ("settings", "terms"),
    [
        ({}, ["cross", "deep", "bias"]),
        ({"head": "average", "user_bias": True}, ["cross", "deep", "bias", "user_bias"]),
        ({"structure": "stacked", "movie_bias": True}, ["deep", "bias", "movie_bias"]),
        ({"structure": "cross"}, ["cross", "bias"]),
        ({"structure": "deep"}, ["deep", "bias"]),
    ],
)
def test_contributions_name_the_parts_of_the_network(settings, terms):
    config, _, weights = example(**settings)
    values = forward(config, SPECS, weights, random_indices())
    assert list(values.contributions) == terms
    assert {term.shape for term in values.contributions.values()} == {(32,)}


def test_movie_without_genres_gives_zeros():
    config, _, weights = example()
    values = forward(config, SPECS, weights, random_indices())
    np.testing.assert_array_equal(values.x0[0, feature_slices(config, SPECS)["genres"]], 0)


def test_index_out_of_range_reads_the_unknown_row():
    config, model, weights = example()
    indices = random_indices()
    wild = {**indices, "age": np.where(np.arange(32) % 2, 10**6, -7).astype("int32")}
    unknown = {**indices, "age": np.zeros(32, "int32")}
    np.testing.assert_array_equal(
        forward(config, SPECS, weights, wild).rating, forward(config, SPECS, weights, unknown).rating
    )
    np.testing.assert_array_equal(predict(model, wild), predict(model, unknown))


@pytest.mark.parametrize(
    "settings",
    [{}, {"cross_kind": "gated"}, {"cross_kind": "mixture", "gate": "sigmoid", "expert_activation": "tanh"}],
    ids=str,
)
def test_precision_is_that_of_the_weights(settings):
    config, _, weights = example(
        activation="gelu", batch_normalization=True, head="average", combination="token_mean", **settings
    )
    assert forward(config, SPECS, weights, random_indices()).rating.dtype == np.float32
    double = {name: weight.astype(float) for name, weight in weights.items()}
    assert forward(config, SPECS, double, random_indices()).rating.dtype == np.float64


def test_silu_and_gelu_do_not_overflow():
    for activation in ("silu", "gelu", "tanh"):
        config, _, weights = example(activation=activation)
        weights["deep_1/bias"] = np.array([-1e4, 1e4, 0, -1e2, 1e2, 1], "float32")
        assert np.isfinite(forward(config, SPECS, weights, random_indices()).rating).all()


@pytest.mark.parametrize("settings", [{"gate": "softmax"}, {"gate": "sigmoid"}, {"cross_kind": "gated"}], ids=str)
def test_gates_do_not_overflow(settings):
    config, _, weights = example(**{"cross_kind": "mixture", "expert_activation": "tanh", **settings})
    name = "Wg" if config.cross_kind == "gated" else "G"
    weights[f"cross_1/{name}"] = 1e6 * weights[f"cross_1/{name}"]
    with np.errstate(over="raise", invalid="raise"):
        assert np.isfinite(forward(config, SPECS, weights, random_indices()).rating).all()


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize(
    "settings", [*({"cross_kind": kind} for kind in KINDS), *MIXTURES], ids=lambda settings: "-".join(settings.values())
)
def test_parts_of_x_have_products_that_sum_to_the_layers(settings, layer):
    """With x0 = 1 and no bias, a layer adds its product."""
    config, _, weights = example(structure="cross", **settings)
    weights = {name: weight.astype(float) for name, weight in weights.items()}
    weights[f"cross_{layer}/b"] *= 0
    x, whole = np.random.default_rng(0).normal(size=(2, 7, 20))
    product = cross(config, weights, layer, np.ones_like(x), x) - x
    parts = [slice(0, 4), slice(4, 5), slice(5, 20)]
    found = sum(cross_product(config, weights, layer, x, x[:, part], columns=part) for part in parts)
    np.testing.assert_allclose(np.broadcast_to(found, x.shape), product)
    shares = [whole, x - whole]  # parts may lie anywhere
    found = sum(cross_product(config, weights, layer, x, share) for share in shares)
    np.testing.assert_allclose(np.broadcast_to(found, x.shape), product)
    if config.cross_kind != "vector":
        np.testing.assert_allclose(cross_product(config, weights, layer, x, x, rows=parts[2]), product[:, parts[2]])


@pytest.mark.parametrize("kind", POLYNOMIAL)
def test_cross_network_has_degree_one_more_than_its_layers(kind):
    config, _, weights = example(structure="cross", cross_kind=kind, num_cross_layers=3)
    weights = {name: weight.astype(float) for name, weight in weights.items()}
    indices = {name: index[5:6] for name, index in random_indices().items()}

    def rating(t):
        scaled = {name: weight * (t if "embedding" in name else 1) for name, weight in weights.items()}
        return forward(config, SPECS, scaled, indices).rating[0]

    values = np.array([rating(t) for t in np.linspace(-20, 20, 6)])
    assert abs(np.diff(values, 4)[0]) > 1e-3
    np.testing.assert_allclose(np.diff(values, 5), 0, atol=1e-9)
