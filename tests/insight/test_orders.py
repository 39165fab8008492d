"""The polynomial of the cross part, order by order, adds up to what the network says."""

import itertools

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight.forward import forward
from dcn_core.insight.orders import cross_head, layer_lengths, order_terms, orders, pair_terms
from tests.insight.networks import POLYNOMIAL, permuted, random_indices, random_network

EXACT = [
    *itertools.product(["parallel"], ["concat", "sum", "average"], POLYNOMIAL, ["concat", "token_mean"], [3]),
    *itertools.product(["cross"], ["concat"], POLYNOMIAL, ["concat", "token_mean"], [0, 1, 4]),
]


@pytest.mark.parametrize(("structure", "head", "kind", "combination", "layers"), EXACT)
def test_orders_sum_to_the_prediction(structure, head, kind, combination, layers) -> None:
    network = random_network(
        structure=structure, head=head, cross_kind=kind, combination=combination, num_cross_layers=layers,
        user_bias=True, dtype="float32",
    )  # fmt: skip
    indices = random_indices()
    values = forward(*network, indices)
    added = [term @ cross_head(network) for term in order_terms(network, indices)]
    assert len(added) == layers + 2
    rest = sum(part for name, part in values.contributions.items() if name != "cross")
    np.testing.assert_allclose(sum(added) + rest, values.rating, atol=1e-4)
    if layers:
        np.testing.assert_allclose(sum(pair_terms(network, indices).values()), added[2], atol=1e-4)


@pytest.mark.parametrize("kind", POLYNOMIAL)
def test_orders_of_a_stacked_network_sum_to_the_cross_output(kind: str) -> None:
    network, indices = random_network(structure="stacked", cross_kind=kind, num_cross_layers=3), random_indices()
    np.testing.assert_allclose(sum(order_terms(network, indices)), forward(*network, indices).crosses[-1])
    found = orders(network, indices)
    assert not found.exact
    assert found.orders["share"].isna().all()
    assert (found.orders["norm"] >= 0).all()
    assert "not defined" in found.sentence()


@pytest.mark.parametrize("kind", POLYNOMIAL)
def test_an_order_grows_with_its_power_of_the_embeddings(kind: str) -> None:
    network, indices = random_network(cross_kind=kind, num_cross_layers=3), random_indices()
    scaled = network.with_weights({name: 2 * w for name, w in network.weights.items() if name.startswith("embedding")})
    for k, (one, two) in enumerate(zip(order_terms(network, indices), order_terms(scaled, indices), strict=True)):
        np.testing.assert_allclose(two, 2**k * one, atol=1e-9)


def test_pairs_of_order_two_are_the_formula_with_an_asymmetric_matrix() -> None:
    network, indices = random_network(structure="cross", num_cross_layers=1), random_indices()
    x0 = forward(*network, indices).x0
    W, h = network.weights["cross_1/W"], network.weights["head/kernel"][:, 0]
    gender, age = slice(3, 6), slice(6, 9)
    expected = [
        h[gender] * x[gender] @ W[gender, age] @ x[age] + h[age] * x[age] @ W[age, gender] @ x[gender] for x in x0
    ]
    np.testing.assert_allclose(pair_terms(network, indices)["gender", "age"], expected)


def test_shares_sum_to_one_and_are_sorted() -> None:
    found = orders(random_network(num_cross_layers=2), random_indices())
    assert found.exact
    assert found.orders["share"].sum() == pytest.approx(1)
    assert found.pairs["share"].sum() == pytest.approx(1)
    assert found.pairs["share"].is_monotonic_decreasing
    assert len(found.pairs) == 10
    assert found.layers["layer"].tolist() == [0, 1, 2]
    assert "what the cross part says" in found.sentence()


def test_permuted_features_permute_the_pairs() -> None:
    network, indices = random_network(), random_indices()
    one, two = pair_terms(network, indices), pair_terms(permuted(network, [2, 0, 3, 1]), indices)
    for (a, b), term in one.items():
        np.testing.assert_allclose(two.get((a, b), two.get((b, a))), term)


def test_a_deep_network_has_nothing_to_decompose() -> None:
    with pytest.raises(PredictionError, match="deep only"):
        orders(random_network(structure="deep"), random_indices())
    with pytest.raises(PredictionError, match="'stacked'"):
        pair_terms(random_network(structure="stacked"), random_indices())


@pytest.mark.parametrize("kind", ["mixture", "gated"])
def test_a_network_with_gates_has_layer_lengths_and_no_orders(kind: str) -> None:
    network, indices = random_network(cross_kind=kind), random_indices()
    for decompose in (orders, order_terms, pair_terms):
        with pytest.raises(PredictionError, match=f"without gates.*Received: {kind}"):
            decompose(network, indices)
    values = forward(*network, indices)
    found = layer_lengths(network, indices)
    expected = [np.linalg.norm(x, axis=1).mean() for x in (values.x0, *values.crosses)]
    np.testing.assert_allclose(found["norm"], expected)
    np.testing.assert_allclose(found["growth"][1:], np.divide(expected[1:], expected[:-1]))
    assert len(orders(random_network(cross_kind=kind, num_cross_layers=0), indices).orders) == 2  # no layer, no gate
