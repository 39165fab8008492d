import itertools

import keras
import numpy as np
import pytest

from dcn_core.errors import ConfigError
from dcn_core.model.cross import GatedCross, LowRankCross, MatrixCross, MixtureCross, VectorCross
from tests.model.examples import numpy

RNG = np.random.default_rng(0)
LAYERS = {
    "vector": VectorCross,
    "matrix": MatrixCross,
    "low_rank": LowRankCross,
    "mixture": MixtureCross,
    "gated": GatedCross,
}


def make(kind, d, **kwargs):
    sizes = {"low_rank": {"projection_dim": 2}, "mixture": {"projection_dim": 2, "num_experts": 3}}
    layer = LAYERS[kind](**{**sizes.get(kind, {}), **kwargs})
    layer.build((None, d), (None, d))
    for weight in layer.weights:
        weight.assign(RNG.normal(size=weight.shape))
    return layer


def call(layer, x0, x):
    return numpy(layer(np.asarray(x0, layer.compute_dtype), np.asarray(x, layer.compute_dtype)))


KINDS = pytest.mark.parametrize("kind", LAYERS)
POLYNOMIAL = pytest.mark.parametrize("kind", ["vector", "matrix", "low_rank"])
MIXTURES = [
    {"gate": gate, "expert_activation": activation}
    for gate, activation in itertools.product(["softmax", "sigmoid"], ["identity", "tanh"])
]


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def test_row_of_the_matrix_is_the_feature_of_x0_that_is_multiplied():
    layer = make("matrix", 3)
    layer.W.assign([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    layer.b.assign([0.0, 0, 0])
    out = call(layer, [[0.1, 0.2, 0.3]], [[0.4, 0.5, 0.6]])
    np.testing.assert_allclose(out, [[0.72, 2.04, 4.26]], rtol=1e-6)  # a transposed W gives 1.06, 2.12, 3.48


def test_vector_cross_has_its_bias_outside_the_product():
    layer = make("vector", 3)
    layer.w.assign([1.0, 2, 3])
    layer.b.assign([10.0, 20, 30])
    out = call(layer, [[0.1, 0.2, 0.3]], [[0.4, 0.5, 0.6]])  # x·w = 3.2
    np.testing.assert_allclose(out, [[0.32 + 10 + 0.4, 0.64 + 20 + 0.5, 0.96 + 30 + 0.6]], rtol=1e-6)


def test_matrix_cross_has_its_bias_inside_the_product():
    layer = make("matrix", 3)
    layer.W.assign(np.zeros((3, 3)))
    layer.b.assign([10.0, 20, 30])
    out = call(layer, [[0.1, 0.2, 0.3]], [[0.4, 0.5, 0.6]])
    np.testing.assert_allclose(out, [[1 + 0.4, 4 + 0.5, 9 + 0.6]], rtol=1e-6)


def test_gated_cross_multiplies_product_and_bias_by_the_gate_of_the_row():
    layer = make("gated", 3)
    layer.W.assign([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    layer.b.assign([10.0, 20, 30])
    layer.Wg.assign([[0.0, 0, 0], [0, 0, 0], [0, 0, 100]])  # the third number's gate is open, the others are half so
    out = call(layer, [[0.1, 0.2, 0.3]], [[0.4, 0.5, 0.6]])
    np.testing.assert_allclose(out, [[0.1 * 13.2 / 2 + 0.4, 0.2 * 27.7 / 2 + 0.5, 0.3 * 42.2 + 0.6]], rtol=1e-6)


@POLYNOMIAL
def test_layer_computes_its_equation(kind):
    layer = make(kind, 5)
    x0, x = RNG.normal(size=(7, 5)), RNG.normal(size=(7, 5))
    b = numpy(layer.b)
    expected = np.empty((7, 5))
    for n in range(7):
        if kind == "vector":
            expected[n] = x0[n] * np.dot(x[n], numpy(layer.w)) + b + x[n]
        else:
            W = numpy(layer.W) if kind == "matrix" else numpy(layer.U) @ numpy(layer.V).T
            expected[n] = x0[n] * (W @ x[n] + b) + x[n]
    np.testing.assert_allclose(call(layer, x0, x), expected, atol=1e-5)


@pytest.mark.parametrize("settings", MIXTURES, ids=str)
def test_mixture_cross_computes_its_equation_expert_by_expert(settings):
    layer = make("mixture", 5, **settings)
    g = np.tanh if settings["expert_activation"] == "tanh" else lambda values: values
    U, V, C, G, b = (numpy(getattr(layer, name)) for name in "UVCGb")
    x0, x = RNG.normal(size=(7, 5)), RNG.normal(size=(7, 5))
    expected = np.empty((7, 5))
    for n in range(7):
        logits = np.array([np.dot(G[i], x[n]) for i in range(3)])
        gates = np.exp(logits) / np.exp(logits).sum() if settings["gate"] == "softmax" else sigmoid(logits)
        expected[n] = x[n]
        for i in range(3):
            expected[n] += gates[i] * x0[n] * (U[i] @ g(C[i] @ g(V[i].T @ x[n])) + b)
    np.testing.assert_allclose(call(layer, x0, x), expected, rtol=1e-5, atol=1e-5)


def test_gated_cross_computes_its_equation():
    layer = make("gated", 5)
    W, Wg, b = (numpy(getattr(layer, name)) for name in ("W", "Wg", "b"))
    x0, x = RNG.normal(size=(7, 5)), RNG.normal(size=(7, 5))
    expected = [x0[n] * (W @ x[n] + b) * sigmoid(Wg @ x[n]) + x[n] for n in range(7)]
    np.testing.assert_allclose(call(layer, x0, x), expected, rtol=1e-5, atol=1e-5)


@KINDS
def test_layer_with_zero_kernel_and_bias_is_the_identity(kind):
    layer = make(kind, 4)
    for weight in layer.weights:
        weight.assign(np.zeros(weight.shape))
    x0, x = RNG.normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_array_equal(call(layer, x0, x), x)


def test_low_rank_cross_equals_the_matrix_cross_of_its_product():
    low_rank, matrix = make("low_rank", 5, projection_dim=3), make("matrix", 5)
    matrix.W.assign(numpy(low_rank.U) @ numpy(low_rank.V).T)
    matrix.b.assign(low_rank.b)
    x0, x = RNG.normal(size=(2, 6, 5))
    np.testing.assert_allclose(call(low_rank, x0, x), call(matrix, x0, x), atol=1e-5)


@pytest.mark.parametrize("gate", ["softmax", "sigmoid"])
def test_one_plain_expert_behind_an_open_gate_is_the_low_rank_cross(gate):
    mixture, low_rank = make("mixture", 5, num_experts=1, gate=gate), make("low_rank", 5)
    mixture.C.assign(np.eye(2)[None])
    x0, x = RNG.normal(size=(2, 6, 5))
    x[:, 0] = 1.0
    mixture.G.assign([[100.0, 0, 0, 0, 0]])  # open: a single softmax gate is, whatever its weights
    for name in "UV":
        getattr(low_rank, name).assign(numpy(getattr(mixture, name))[0])
    low_rank.b.assign(mixture.b)
    np.testing.assert_allclose(call(mixture, x0, x), call(low_rank, x0, x), atol=1e-5)


def test_equal_softmax_gates_give_the_mean_of_the_experts():
    mixture, matrix = make("mixture", 5), make("matrix", 5)
    mixture.G.assign(np.zeros((3, 5)))
    U, C, V = (numpy(getattr(mixture, name)) for name in "UCV")
    matrix.W.assign(np.mean([U[i] @ C[i] @ V[i].T for i in range(3)], axis=0))
    matrix.b.assign(mixture.b)
    x0, x = RNG.normal(size=(2, 6, 5))
    np.testing.assert_allclose(call(mixture, x0, x), call(matrix, x0, x), atol=1e-5)


def test_a_gate_without_weights_lets_half_of_the_matrix_cross_through():
    gated, matrix = make("gated", 5), make("matrix", 5)
    gated.Wg.assign(np.zeros((5, 5)))
    matrix.W.assign(gated.W)
    matrix.b.assign(gated.b)
    x0, x = RNG.normal(size=(2, 6, 5))
    np.testing.assert_allclose(call(gated, x0, x) - x, (call(matrix, x0, x) - x) / 2, atol=1e-5)


def test_vector_cross_equals_the_matrix_cross_of_equal_rows():
    vector, matrix = make("vector", 5), make("matrix", 5)
    matrix.W.assign(np.outer(np.ones(5), numpy(vector.w)))
    vector.b.assign(np.zeros(5))
    matrix.b.assign(np.zeros(5))
    x0, x = RNG.normal(size=(2, 6, 5))
    np.testing.assert_allclose(call(vector, x0, x), call(matrix, x0, x), atol=1e-5)


@KINDS
def test_permuted_features_give_permuted_crosses(kind):
    layer, permuted = make(kind, 5), make(kind, 5)
    order = np.array([3, 0, 4, 1, 2])
    axes = {"W": (0, 1), "Wg": (0, 1), "G": (1,), "C": ()}  # of the others, a mixture's have one more in front
    for ours, theirs in zip(layer.weights, permuted.weights, strict=True):
        value = numpy(ours)
        for axis in axes.get(ours.name, (value.ndim - 2,) if value.ndim > 1 else (0,)):
            value = np.take(value, order, axis)
        theirs.assign(value)
    x0, x = RNG.normal(size=(2, 6, 5))
    np.testing.assert_allclose(call(permuted, x0[:, order], x[:, order]), call(layer, x0, x)[:, order], atol=1e-5)


@KINDS
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_each_layer_raises_the_degree_by_one_where_gates_do_not_depend_on_x(kind, num_layers):
    layers = [make(kind, 4, dtype="float64") for _ in range(num_layers)]
    for layer in layers:
        for weight in layer.weights:
            if weight.name in ("G", "Wg"):
                weight.assign(np.zeros(weight.shape))
    direction = RNG.normal(size=4)

    def cross(t):
        x0 = x = (t * direction)[None]
        for layer in layers:
            x = call(layer, x0, x)
        return x[0]

    values = np.array([cross(t) for t in np.linspace(-1, 1, num_layers + 3)])
    degree = num_layers + 1
    assert np.abs(np.diff(values, degree, axis=0)).max() > 1e-3
    np.testing.assert_allclose(np.diff(values, degree + 1, axis=0), 0, atol=1e-11)


@pytest.mark.parametrize(
    ("kind", "shapes"),
    [
        ("vector", {"w": (6,), "b": (6,)}),
        ("matrix", {"W": (6, 6), "b": (6,)}),
        ("low_rank", {"U": (6, 2), "V": (6, 2), "b": (6,)}),
        ("mixture", {"U": (3, 6, 2), "V": (3, 6, 2), "C": (3, 2, 2), "G": (3, 6), "b": (6,)}),
        ("gated", {"W": (6, 6), "Wg": (6, 6), "b": (6,)}),
    ],
)
def test_weights_have_the_papers_shapes_and_names(kind, shapes):
    assert {weight.name: tuple(weight.shape) for weight in make(kind, 6).weights} == shapes


@KINDS
def test_batch_of_one_keeps_its_batch(kind):
    layer = make(kind, 4)
    x0, x = RNG.normal(size=(2, 3, 4))
    out = call(layer, x0[:1], x[:1])
    assert out.shape == (1, 4)
    np.testing.assert_allclose(out, call(layer, x0, x)[:1], atol=1e-6)


@pytest.mark.parametrize("rank", [0, 8, 40])
def test_rank_that_is_not_low_is_an_error(rank):
    message = f"`projection_dim` must be between 1 and 7 for `input_dim=8`. Received: {rank}. Choose the matrix"
    for layer in (LowRankCross(rank), MixtureCross(2, rank)):
        with pytest.raises(ConfigError, match=message):
            layer.build((None, 8), (None, 8))


def test_a_mixture_of_no_experts_is_an_error():
    with pytest.raises(ConfigError, match=r"at least 1 expert. Received: `num_experts=0`"):
        MixtureCross(0, 2).build((None, 8), (None, 8))


def test_inputs_of_unequal_length_are_an_error():
    with pytest.raises(ConfigError, match=r"same known last dimension. Received: shapes \(None, 8\) and \(None, 7\)"):
        MatrixCross().build((None, 8), (None, 7))


@KINDS
def test_penalty_counts_kernels_and_not_the_bias(kind):
    layer = make(kind, 4, l2=0.5)
    kernels = [numpy(weight) for weight in layer.weights if weight.name != "b"]
    np.testing.assert_allclose(float(sum(layer.losses)), 0.5 * sum((kernel**2).sum() for kernel in kernels), rtol=1e-5)
    assert not make(kind, 4).losses


@KINDS
def test_config_makes_an_equal_layer(kind):
    layer = make(kind, 4, l2=0.5, seed=3, name="cross_7")
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    copy.build((None, 4), (None, 4))
    twin = type(layer).from_config(layer.get_config())
    twin.build((None, 4), (None, 4))
    for ours, theirs in zip(copy.weights, twin.weights, strict=True):
        np.testing.assert_array_equal(numpy(ours), numpy(theirs))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras 3.15 against NumPy 2
@KINDS
def test_saved_layer_loads_as_it_was(kind, tmp_path):
    settings = {"gate": "sigmoid", "expert_activation": "tanh"} if kind == "mixture" else {}
    layer = make(kind, 4, **settings)
    inputs = [keras.Input((4,)), keras.Input((4,))]
    keras.Model(inputs, layer(*inputs)).save(tmp_path / "layer.keras")
    loaded = keras.saving.load_model(tmp_path / "layer.keras")
    x0, x = RNG.normal(size=(2, 6, 4)).astype("float32")
    np.testing.assert_array_equal(numpy(loaded([x0, x])), call(layer, x0, x))


def test_low_rank_factors_start_differently():
    layer = LowRankCross(2, seed=1)
    layer.build((None, 6), (None, 6))
    assert np.abs(numpy(layer.U) - numpy(layer.V)).max() > 0.1


def test_experts_start_differently_and_as_wide_as_single_matrices_do():
    layer = MixtureCross(3, 20, seed=1)
    layer.build((None, 60), (None, 60))
    for letter, fans in (("U", 80), ("V", 80), ("C", 40)):
        experts = numpy(getattr(layer, letter))
        assert np.abs(experts[0] - experts[1]).max() > 0.1
        assert np.abs(experts).max() == pytest.approx((6 / fans) ** 0.5, rel=0.05)
    gated = GatedCross(seed=1)
    gated.build((None, 6), (None, 6))
    assert np.abs(numpy(gated.W) - numpy(gated.Wg)).max() > 0.1
