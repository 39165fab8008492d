import numpy as np
import pytest

from dcn_core.errors import ConfigError
from dcn_core.model.cross import LowRankCross, MatrixCross, VectorCross
from tests.model.examples import numpy

RNG = np.random.default_rng(0)


def make(kind, d, **kwargs):
    layer = {"vector": VectorCross, "matrix": MatrixCross}.get(kind, LowRankCross)
    if kind == "low_rank":
        kwargs.setdefault("projection_dim", 2)
    layer = layer(**kwargs)
    layer.build((None, d), (None, d))
    for weight in layer.weights:
        weight.assign(RNG.normal(size=weight.shape))
    return layer


def call(layer, x0, x):
    return numpy(layer(np.asarray(x0, layer.compute_dtype), np.asarray(x, layer.compute_dtype)))


KINDS = pytest.mark.parametrize("kind", ["vector", "matrix", "low_rank"])


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


@KINDS
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
    for ours, theirs in zip(layer.weights, permuted.weights, strict=True):
        rows = numpy(ours)[order]
        theirs.assign(rows[:, order] if ours.name == "W" else rows)
    x0, x = RNG.normal(size=(2, 6, 5))
    np.testing.assert_allclose(call(permuted, x0[:, order], x[:, order]), call(layer, x0, x)[:, order], atol=1e-5)


@KINDS
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_each_layer_raises_the_degree_by_one(kind, num_layers):
    layers = [make(kind, 4, dtype="float64") for _ in range(num_layers)]
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
    with pytest.raises(ConfigError, match=message):
        LowRankCross(rank).build((None, 8), (None, 8))


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


def test_low_rank_factors_start_differently():
    layer = LowRankCross(2, seed=1)
    layer.build((None, 6), (None, 6))
    assert np.abs(numpy(layer.U) - numpy(layer.V)).max() > 0.1
