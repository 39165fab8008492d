"""A knock-out is the forward pass with zeroed weights, written out once more by hand."""

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight import knockouts as room
from dcn_core.insight.forward import combine, dense, forward
from dcn_core.insight.interactions import effective_kernel
from dcn_core.insight.knockouts import (
    block_changes,
    knockouts,
    without_block,
    without_feature,
    without_head,
    without_layer,
)
from tests.insight.networks import KINDS, permuted, random_indices, random_network, random_rating

SLICES = {"genres": slice(0, 3), "gender": slice(3, 6), "age": slice(6, 9), "user_id": slice(9, 12)}


def matrices(network, number, x):
    """The matrix, `(n, d, d)`, that each rating meets in a layer, its gates included, and what the bias is multiplied by."""
    weights, name = network.weights, f"cross_{number}"
    if network.config.cross_kind == "mixture":
        logits = x @ weights[f"{name}/G"].T
        gates = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        experts = np.einsum("kdr,krs,kes->kde", *(weights[f"{name}/{letter}"] for letter in "UCV"))
        return np.einsum("nk,kde->nde", gates, experts), np.ones_like(x)
    gates = 1 / (1 + np.exp(-x @ weights[f"{name}/Wg"].T)) if network.config.cross_kind == "gated" else np.ones_like(x)
    return gates[:, :, None] * effective_kernel(weights, number), gates


def retraced(network, indices, feature, other, layers):
    """The rating of a parallel network with one head, each block product on its own."""
    x0 = combine(*network, indices)
    x = x0
    for number in range(1, network.config.num_cross_layers + 1):
        (W, scale), b = matrices(network, number, x), network.weights[f"cross_{number}/b"]
        product = np.zeros_like(x0)
        for a, rows in SLICES.items():
            for c, columns in SLICES.items():
                if (a, c) != (feature, other) or number not in layers:
                    product[:, rows] += np.einsum("nde,ne->nd", W[:, rows, columns], x[:, columns])
        x = x0 * product + b + x if network.config.cross_kind == "vector" else x0 * (product + b * scale) + x
    deep = dense(network.config, network.weights, 2, dense(network.config, network.weights, 1, x0))
    return np.concatenate([x, deep], axis=1) @ network.weights["head/kernel"][:, 0] + network.weights["head/bias"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [(1, 2), (2,)])
def test_a_block_knock_out_is_the_retraced_forward_pass(kind: str, layers: tuple) -> None:
    network, indices, rating = random_network(cross_kind=kind), random_indices(), random_rating()
    expected = retraced(network, indices, "gender", "age", layers)
    if kind != "mixture":
        np.testing.assert_allclose(without_block(network, "gender", "age", layers).rating(indices), expected)
    changes = block_changes(network, indices, rating, layers)
    mse = np.mean((forward(*network, indices).rating - rating) ** 2)
    assert changes[1, 2] == pytest.approx(np.mean((expected - rating) ** 2) - mse)
    assert changes[1, 2] != pytest.approx(changes[2, 1])


def test_a_block_of_a_bent_mixture_is_what_its_feature_adds_while_slopes_and_gates_stay() -> None:
    network, indices, rating = random_network(cross_kind="mixture", num_cross_layers=1, structure="cross", gate="sigmoid",
        expert_activation="tanh"), random_indices(), random_rating()  # fmt: skip
    U, C, V, G, b = (network.weights[f"cross_1/{letter}"] for letter in "UCVGb")
    predictions = []
    for x in combine(*network, indices):
        product = np.zeros(12)
        for i in range(3):
            inner, gate = V[i].T @ x, 1 / (1 + np.exp(-G[i] @ x))
            outer = C[i] @ np.tanh(inner)
            kernel = U[i] @ np.diag(np.tanh(outer) / outer) @ C[i] @ np.diag(np.tanh(inner) / inner) @ V[i].T
            np.testing.assert_allclose(kernel @ x, U[i] @ np.tanh(outer))
            kernel[SLICES["gender"], SLICES["age"]] = 0
            product += gate * (kernel @ x + b)
        predictions.append((x * product + x) @ network.weights["head/kernel"][:, 0] + network.weights["head/bias"][0])
    known = np.linalg.norm(combine(*network, indices), axis=1) > 0
    assert known.all()
    changes = block_changes(network, indices, rating)
    expected = np.mean((np.array(predictions) - rating) ** 2) - network.mse(indices, rating)
    assert changes[1, 2] == pytest.approx(expected)


def test_a_mixture_has_no_block_of_weights() -> None:
    with pytest.raises(PredictionError, match="Received: a mixture"):
        without_block(random_network(cross_kind="mixture"), "gender", "age", [1])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mixture"])
@pytest.mark.parametrize("settings", [{"structure": "cross"}, {"structure": "stacked"}, {"head": "average"}], ids=str)
def test_every_cell_of_the_map_is_a_network_with_zeroed_weights(kind: str, settings: dict, monkeypatch) -> None:
    monkeypatch.setattr(room, "CHUNK", 7)
    network = random_network(cross_kind=kind, num_cross_layers=3, user_bias=True, **settings)
    indices, rating = random_indices(), random_rating()
    for layers in ([1, 2, 3], [2]):
        changes = block_changes(network, indices, rating, layers)
        for i, feature in enumerate(network.feature_names):
            for j, other in enumerate(network.feature_names):
                expected = without_block(network, feature, other, layers).mse(indices, rating)
                assert changes[i, j] == pytest.approx(expected - network.mse(indices, rating), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_all_blocks_of_a_layer_and_its_bias_are_the_layer(kind: str) -> None:
    network, indices = random_network(cross_kind=kind, num_cross_layers=2), random_indices()
    values = forward(*without_layer(network, 1), indices)
    np.testing.assert_array_equal(values.crosses[0], values.x0)
    np.testing.assert_allclose(
        forward(*without_layer(network, 2), indices).crosses[1], forward(*network, indices).crosses[0]
    )


def test_a_feature_without_its_tables_says_nothing() -> None:
    network, indices = random_network(user_bias=True), random_indices()
    silent = without_feature(network, "user_id")
    others = {**indices, "user_id": np.roll(indices["user_id"], 1)}
    np.testing.assert_allclose(silent.rating(indices), silent.rating(others))
    assert not np.allclose(network.rating(indices), network.rating(others))


@pytest.mark.parametrize("head", ["concat", "sum", "average"])
@pytest.mark.parametrize("part", ["cross", "deep", "user_bias"])
def test_a_head_without_a_part_loses_exactly_what_the_part_adds(head: str, part: str) -> None:
    network, indices = random_network(head=head, user_bias=True), random_indices()
    values = forward(*network, indices)
    np.testing.assert_allclose(without_head(network, part).rating(indices), values.rating - values.contributions[part])


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_is_measured_and_sorted(kind: str) -> None:
    network, indices, rating = random_network(cross_kind=kind, user_bias=True), random_indices(), random_rating()
    found = knockouts(network, indices, rating)
    assert found.mse == pytest.approx(np.mean((network.rating(indices) - rating) ** 2))
    assert sorted(found.parts["kind"]) == ["feature"] * 4 + ["head"] * 3 + ["layer"] * 2
    assert found.parts["change_beside_shift"].is_monotonic_decreasing
    row = found.parts.set_index(["kind", "name"]).loc[("feature", "age")]
    error = without_feature(network, "age").rating(indices) - rating
    assert row["mse"] == pytest.approx(np.mean(error**2))
    assert row["change_beside_shift"] == pytest.approx(np.var(error) - np.var(network.rating(indices) - rating))
    assert found.pairs()[0, 1] == pytest.approx(found.blocks[0, 1] + found.blocks[1, 0])
    assert "MSE" in found.sentence()


def test_the_whole_network_is_left_as_it_was() -> None:
    network, indices = random_network(), random_indices()
    before = {name: weight.copy() for name, weight in network.weights.items()}
    knockouts(network, indices, random_rating())
    for name, weight in before.items():
        np.testing.assert_array_equal(network.weights[name], weight)


@pytest.mark.parametrize("kind", KINDS)
def test_permuted_features_permute_the_map(kind: str) -> None:
    network, indices, rating, order = random_network(cross_kind=kind), random_indices(), random_rating(), [2, 0, 3, 1]
    one, two = (block_changes(each, indices, rating) for each in (network, permuted(network, order)))
    np.testing.assert_allclose(two, one[np.ix_(order, order)], atol=1e-12)


@pytest.mark.parametrize(
    "settings", [{"combination": "token_mean"}, {"structure": "deep"}, {"num_cross_layers": 0}], ids=str
)
def test_where_there_are_no_blocks_the_map_is_empty_and_the_parts_are_not(settings: dict) -> None:
    found = knockouts(random_network(**settings), random_indices(), random_rating())
    assert np.isnan(found.blocks).all()
    assert len(found.parts) > 4
    assert "crosses" not in found.sentence()


def test_a_part_that_is_not_in_the_head_is_refused() -> None:
    with pytest.raises(PredictionError, match=r"reads deep\. Received: 'cross'"):
        without_head(random_network(structure="stacked"), "cross")
