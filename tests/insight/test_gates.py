"""Gates of networks whose gates are known, and gates by the formula, rating by rating."""

import numpy as np
import pytest

from dcn_core.config.model import ModelConfig
from dcn_core.errors import PredictionError
from dcn_core.insight import gates as room
from dcn_core.insight.forward import forward
from dcn_core.insight.gates import (
    even_gate,
    gate_names,
    gate_sentence,
    gate_spread,
    gate_table,
    gates,
    gates_by_category,
)
from tests.insight.networks import SPECS, permuted, random_indices, random_network

INDICES = random_indices(n=400)
NAMES = {spec.name: [f"{spec.name} {row}" for row in range(spec.vocabulary_size)] for spec in SPECS}


def everything(network, indices=INDICES):
    """The table, the spread and the sentence of a network."""
    values = gates(network, indices)
    tables = {
        (layer, name): gates_by_category(own, indices[name])
        for layer, own in enumerate(values, start=1)
        for name in network.feature_names
    }
    table, spread = gate_table(network, values), gate_spread(network, tables, NAMES)
    return table, spread, gate_sentence(network, table, spread)


@pytest.mark.parametrize("gate", ["softmax", "sigmoid"])
def test_gates_of_a_mixture_are_the_formula_of_each_rating(gate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHUNK", 7)
    network = random_network(cross_kind="mixture", gate=gate)
    found, values = gates(network, INDICES), forward(*network, INDICES)
    assert found.shape == (2, 400, 3)
    for layer in range(2):
        for n in (0, 6, 7, 399):
            logits = network.weights[f"cross_{layer + 1}/G"] @ values.cross_inputs[layer][n]
            shares = np.exp(logits) / np.exp(logits).sum()
            np.testing.assert_allclose(found[layer, n], shares if gate == "softmax" else 1 / (1 + np.exp(-logits)))


def test_gates_of_a_gated_network_are_means_over_each_features_part_of_x0() -> None:
    network = random_network(cross_kind="gated")
    found, values = gates(network, INDICES), forward(*network, INDICES)
    x = values.cross_inputs[1][5]
    gate = 1 / (1 + np.exp(-network.weights["cross_2/Wg"] @ x))
    np.testing.assert_allclose(found[1, 5], gate.reshape(4, 3).mean(axis=1))
    assert gate_names(network) == ("genres", "gender", "age", "user_id")
    shared = random_network(cross_kind="gated", combination="token_mean")
    x = forward(*shared, INDICES).x0[5]
    assert gates(shared, INDICES).shape == (2, 400, 1)
    expected = np.mean(1 / (1 + np.exp(-shared.weights["cross_1/Wg"] @ x)))
    np.testing.assert_allclose(gates(shared, INDICES)[0, 5, 0], expected)
    assert gate_names(shared) == ("x0",)


def test_permuted_features_permute_the_gates_of_a_gated_network_and_leave_those_of_a_mixture() -> None:
    order = [2, 0, 3, 1]
    for kind in ("gated", "mixture"):
        network = random_network(cross_kind=kind)
        one, two = gates(network, INDICES), gates(permuted(network, order), INDICES)
        np.testing.assert_allclose(two, one[:, :, order] if kind == "gated" else one)


def test_means_by_category_are_those_of_the_ratings_with_it() -> None:
    values = np.random.default_rng(0).random((400, 3))
    ages = gates_by_category(values, INDICES["age"])
    genres = gates_by_category(values, INDICES["genres"])
    assert 0 not in ages.rows and (np.diff(ages.count) <= 0).all()
    for table, index in ((ages, INDICES["age"][:, None]), (genres, INDICES["genres"])):
        for mean, count, row in zip(table.mean, table.count, table.rows, strict=True):
            slots = (index == row).sum(axis=1)  # a repeated genre counts twice, as in the mean of the embeddings
            np.testing.assert_allclose(mean, (slots[:, None] * values).sum(axis=0) / slots.sum())
            assert count == slots.sum()


def test_only_the_most_frequent_categories_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_CATEGORIES", 2)
    found = gates_by_category(np.ones((6, 1)), np.array([3, 3, 1, 2, 2, 2]))
    assert found.rows.tolist() == [2, 3] and found.count.tolist() == [3, 2]
    assert gates_by_category(np.ones((2, 1)), np.array([0, 0])).mean.shape == (0, 1)


def test_an_expert_that_no_rating_opens_has_collapsed_and_is_named() -> None:
    network = random_network(cross_kind="mixture", num_cross_layers=1, seed=1)
    steady = {f"embedding/{spec.name}": np.ones((spec.vocabulary_size, 3)) for spec in SPECS[1:]}
    G = np.zeros((3, 12))
    G[1, 3:] = -1.0  # e^-9 against 1 and 1, whatever the rating is
    network = network.with_weights({**steady, "cross_1/G": G})
    table, _, text = everything(network)
    assert table["collapsed"].tolist() == [False, True, False]
    assert table["mean"].tolist() == pytest.approx([0.5, np.exp(-9) / 2, 0.5], abs=1e-4)
    assert "1 of 3 experts has collapsed: the smallest mean gate is 0.000, that of expert 2 in layer 1." in text


def test_a_gate_that_reads_one_feature_follows_it_and_its_categories_are_named() -> None:
    network = random_network(cross_kind="mixture", num_cross_layers=1, gate="sigmoid", seed=2)
    table = np.zeros((3, 3))
    table[1, 0], table[2, 0] = 2.0, -2.0
    G = np.zeros((3, 12))
    G[0, 3] = 1.0  # the first expert opens for gender 1
    network = network.with_weights({"embedding/gender": table, "cross_1/G": G})
    _, spread, text = everything(network)
    top = spread.iloc[0]
    assert (top["gate"], top["feature"], top["highest"], top["lowest"]) == (
        "expert 1",
        "gender",
        "gender 1",
        "gender 2",
    )
    assert (top["high"], top["low"]) == pytest.approx((1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2))))
    assert (spread["spread"].iloc[1:] < top["spread"] / 3).all()
    assert "no expert has collapsed" in text.lower()
    assert (
        "gates follow gender most: that of expert 1 in layer 1 is open 0.88 for gender 1 and 0.12 for gender 2" in text
    )


def test_spread_is_the_weighted_deviation_over_categories_with_enough_ratings() -> None:
    network = random_network(cross_kind="mixture")
    values = gates(network, INDICES)[0]
    ages = gates_by_category(values, INDICES["age"])
    spread = gate_spread(network, {(1, "age"): ages}, NAMES).set_index("gate")
    enough = ages.count >= room.FEWEST_RATINGS
    mean, count = ages.mean[enough, 1], ages.count[enough]
    centre = np.sum(mean * count) / count.sum()
    expected = np.sqrt(np.sum(count * (mean - centre) ** 2) / count.sum())
    assert spread.loc["expert 2", "spread"] == pytest.approx(expected)
    assert gate_spread(network, {(1, "age"): gates_by_category(values[:20], INDICES["age"][:20])}, NAMES).empty


def test_ids_are_not_named_and_gates_that_read_nothing_follow_nothing() -> None:
    network = random_network(cross_kind="gated", num_cross_layers=1)
    network = network.with_weights({"cross_1/Wg": np.zeros((12, 12))})
    table, _, text = everything(network)
    assert table["mean"].tolist() == [0.5] * 4 and table["std"].tolist() == [0] * 4
    assert text == "No gate has collapsed: the smallest mean gate is 0.50, that of genres in layer 1."
    only_ids = {"user_id": INDICES["user_id"]}
    alone = random_network(SPECS[3:], cross_kind="mixture")
    assert "follow" not in everything(alone, only_ids)[2]


def test_an_even_gate_is_where_gates_stand_without_weights() -> None:
    assert even_gate(ModelConfig(cross_kind="mixture", num_experts=5)) == 0.2
    assert even_gate(ModelConfig(cross_kind="mixture", gate="sigmoid")) == 0.5
    assert even_gate(ModelConfig(cross_kind="gated")) == 0.5


def test_a_network_without_gates_is_refused() -> None:
    for settings in (
        {},
        {"cross_kind": "gated", "structure": "deep"},
        {"cross_kind": "mixture", "num_cross_layers": 0},
    ):
        with pytest.raises(PredictionError, match=r"mixture and gated cross layers\. Received"):
            gates(random_network(**settings), INDICES)
