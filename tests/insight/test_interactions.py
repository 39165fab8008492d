"""Interaction matrices against the formula, written out once more by hand."""

import numpy as np
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.errors import PredictionError
from dcn_core.insight.forward import forward
from dcn_core.insight.interactions import Interactions, effective_kernel, interactions, pair_frame, symmetrised
from tests.insight.networks import KINDS, POLYNOMIAL, permuted, random_indices, random_network

SPECS = (FeatureSpec("gender", 3), FeatureSpec("age", 8))
INDICES = {"gender": np.array([1, 2, 1, 0]), "age": np.array([1, 7, 3, 2])}
DIM = 2


def random_weights(config: ModelConfig, seed: int = 0) -> dict[str, np.ndarray]:
    """Weights of a cross-only network with two features of size 2, so that d = 4."""
    rng = np.random.default_rng(seed)
    d = 2 * DIM if config.combination == "concat" else DIM
    weights = {f"embedding/{spec.name}": rng.normal(size=(spec.vocabulary_size, DIM)) for spec in SPECS}
    for number in range(1, config.num_cross_layers + 1):
        shapes = {
            "vector": {"w": (d,)},
            "matrix": {"W": (d, d)},
            "low_rank": {"U": (d, 1), "V": (d, 1)},
            "mixture": {"U": (3, d, 1), "V": (3, d, 1), "C": (3, 1, 1), "G": (3, d)},
            "gated": {"W": (d, d), "Wg": (d, d)},
        }[config.cross_kind]
        for name, shape in ({**shapes, "b": (d,)}).items():
            weights[f"cross_{number}/{name}"] = rng.normal(size=shape)
    return weights | {"head/kernel": rng.normal(size=(d, 1)), "head/bias": rng.normal(size=1)}


@pytest.mark.parametrize("kind", POLYNOMIAL)
def test_strength_is_the_mean_norm_of_what_a_pair_adds(kind: str) -> None:
    config = ModelConfig(structure="cross", cross_kind=kind, num_cross_layers=2, embedding_dim=DIM, projection_dim=1)
    weights = random_weights(config)
    found = interactions(config, SPECS, weights, INDICES)
    values = forward(config, SPECS, weights, INDICES)
    assert found.feature_names == ("gender", "age")
    assert found.strength.shape == (2, 2, 2)
    for layer in range(2):
        W = effective_kernel(weights, layer + 1)
        x = values.cross_inputs[layer]
        for i in range(2):
            for j in range(2):
                rows, columns = slice(2 * i, 2 * i + 2), slice(2 * j, 2 * j + 2)
                norms = [np.linalg.norm(values.x0[n, rows] * (W[rows, columns] @ x[n, columns])) for n in range(4)]
                assert found.strength[layer, i, j] == pytest.approx(np.mean(norms))
                assert found.block_norm[layer, i, j] == pytest.approx(np.linalg.norm(W[rows, columns]))


def gates_by_hand(config: ModelConfig, weights: dict[str, np.ndarray], layer: int, x: np.ndarray) -> np.ndarray:
    """Gates of one rating: one an expert, or one a number."""
    if config.cross_kind == "gated":
        return 1 / (1 + np.exp(-weights[f"cross_{layer}/Wg"] @ x))
    logits = weights[f"cross_{layer}/G"] @ x
    return np.exp(logits) / np.exp(logits).sum() if config.gate == "softmax" else 1 / (1 + np.exp(-logits))


@pytest.mark.parametrize("gate", ["softmax", "sigmoid"])
def test_strength_of_a_mixture_counts_the_gates_of_each_rating_and_its_norm_their_mean(gate: str) -> None:
    config = ModelConfig(structure="cross", cross_kind="mixture", gate=gate, num_experts=3, embedding_dim=DIM)  # type: ignore[arg-type]
    weights = random_weights(config)
    found, values = interactions(config, SPECS, weights, INDICES), forward(config, SPECS, weights, INDICES)
    for layer in (1, 2):
        x = values.cross_inputs[layer - 1]
        gates = np.array([gates_by_hand(config, weights, layer, x[n]) for n in range(4)])
        experts = [
            weights[f"cross_{layer}/U"][i] @ weights[f"cross_{layer}/C"][i] @ weights[f"cross_{layer}/V"][i].T
            for i in range(3)
        ]
        mean = sum(gates[:, i].mean() * experts[i] for i in range(3))
        np.testing.assert_allclose(found.gates[layer - 1], gates.mean(axis=0))
        np.testing.assert_allclose(effective_kernel(weights, layer, found.gates[layer - 1]), mean)
        for i, rows in enumerate((slice(0, 2), slice(2, 4))):
            for j, columns in enumerate((slice(0, 2), slice(2, 4))):
                norms = []
                for n in range(4):
                    W = sum(gates[n, e] * experts[e] for e in range(3))
                    norms.append(np.linalg.norm(values.x0[n, rows] * (W[rows, columns] @ x[n, columns])))
                assert found.strength[layer - 1, i, j] == pytest.approx(np.mean(norms))
                assert found.block_norm[layer - 1, i, j] == pytest.approx(np.linalg.norm(mean[rows, columns]))


def test_strength_of_a_gated_network_counts_its_gates_and_its_norm_does_not() -> None:
    config = ModelConfig(structure="cross", cross_kind="gated", num_cross_layers=1, embedding_dim=DIM)
    weights = random_weights(config)
    W, rows, columns = weights["cross_1/W"], slice(0, 2), slice(2, 4)
    found, values = interactions(config, SPECS, weights, INDICES), forward(config, SPECS, weights, INDICES)
    norms = [
        np.linalg.norm(x[rows] * (W[rows, columns] @ x[columns]) * gates_by_hand(config, weights, 1, x)[rows])
        for x in values.x0
    ]
    assert found.strength[0, 0, 1] == pytest.approx(np.mean(norms))
    assert found.block_norm[0, 0, 1] == pytest.approx(np.linalg.norm(W[rows, columns]))
    closed = weights | {"cross_1/Wg": -1e6 * np.ones((4, 4)) * np.sign(values.x0[0])}
    assert (
        interactions(config, SPECS, closed, {name: index[:1] for name, index in INDICES.items()}).strength.max() < 1e-9
    )


def test_the_mean_of_the_experts_acts_as_a_plain_mixture_whose_gates_do_not_vary() -> None:
    plain = {"structure": "cross", "cross_kind": "mixture", "gate": "sigmoid"}
    steady, indices = random_network(**plain), random_indices()
    steady = steady.with_weights({f"cross_{number}/G": np.zeros((3, 12)) for number in (1, 2)})
    np.testing.assert_allclose(steady.without_experts(indices).rating(indices), steady.rating(indices))
    for settings in ({}, {"expert_activation": "tanh"}):
        network = random_network(**plain, **settings)
        if settings:
            network = network.with_weights({f"cross_{number}/G": np.zeros((3, 12)) for number in (1, 2)})
        assert np.abs(network.without_experts(indices).rating(indices) - network.rating(indices)).max() > 1e-3


def test_the_kernel_of_a_mixture_needs_its_mean_gates() -> None:
    with pytest.raises(PredictionError, match=r"mean gates\. Received: none"):
        effective_kernel(random_network(cross_kind="mixture").weights, 1)


def test_rows_are_the_feature_of_x0_and_columns_the_feature_it_is_crossed_with() -> None:
    config = ModelConfig(structure="cross", num_cross_layers=1, embedding_dim=DIM)
    weights = random_weights(config)
    W = np.zeros((4, 4))
    W[0:2, 2:4] = 1.0  # gender of x0 times age of x
    weights["cross_1/W"] = W
    strength = interactions(config, SPECS, weights, INDICES).strength[0]
    assert strength[0, 1] > 0
    assert strength[0, 0] == strength[1, 0] == strength[1, 1] == 0


def test_the_effective_kernel_acts_as_its_layer_does() -> None:
    for kind in POLYNOMIAL:
        config = ModelConfig(
            structure="cross", cross_kind=kind, num_cross_layers=1, embedding_dim=DIM, projection_dim=1
        )
        weights = random_weights(config) | {"cross_1/b": np.zeros(4)}
        values = forward(config, SPECS, weights, INDICES)
        expected = values.x0 * (values.x0 @ effective_kernel(weights, 1).T) + values.x0
        np.testing.assert_allclose(values.crosses[0], expected)


def test_under_token_mean_the_features_shares_take_the_place_of_blocks() -> None:
    config = ModelConfig(structure="cross", combination="token_mean", num_cross_layers=1, embedding_dim=DIM)
    weights = random_weights(config)
    found = interactions(config, SPECS, weights, INDICES)
    gender, age = (weights[f"embedding/{name}"][INDICES[name]] / 2 for name in ("gender", "age"))
    np.testing.assert_allclose(forward(config, SPECS, weights, INDICES).x0, gender + age)
    expected = np.linalg.norm(gender * (age @ weights["cross_1/W"].T), axis=1).mean()
    assert found.strength[0, 0, 1] == pytest.approx(expected)
    assert np.isnan(found.block_norm).all()


def test_a_network_without_cross_layers_has_no_matrices() -> None:
    config = ModelConfig(structure="cross", num_cross_layers=0, embedding_dim=DIM)
    found = interactions(config, SPECS, random_weights(config), INDICES)
    assert found.strength.shape == (0, 2, 2)


def test_the_norm_per_size_is_the_root_mean_square_weight() -> None:
    config = ModelConfig(structure="cross", num_cross_layers=1, embedding_dim=DIM)
    weights = random_weights(config)
    norm = interactions(config, SPECS, weights, INDICES).norm_per_size[0, 0, 1]
    assert norm == pytest.approx(np.sqrt(np.mean(weights["cross_1/W"][0:2, 2:4] ** 2)))


def test_the_summary_adds_both_directions_and_all_layers() -> None:
    strength = np.array([[[1.0, 2.0], [4.0, 8.0]], [[0.0, 3.0], [5.0, 0.0]]])
    found = Interactions(("gender", "age"), np.array([2, 2]), strength, strength)
    summary = found.summary()
    assert summary[["feature", "other"]].to_numpy().tolist() == [
        ["gender", "age"],
        ["age", "age"],
        ["gender", "gender"],
    ]
    assert summary["strength"].tolist() == [14, 8, 1]
    assert summary["share"].tolist() == pytest.approx([14 / 23, 8 / 23, 1 / 23])
    assert summary["block_norm"][0] == pytest.approx(np.sqrt(2**2 + 4**2 + 3**2 + 5**2))
    assert (
        found.sentence() == "Gender and age are crossed most: 61 % of the strength of all pairs, over 2 cross layers."
    )
    assert "no cross layers" in Interactions(("age",), np.ones(1), np.ones((0, 1, 1)), np.ones((0, 1, 1))).sentence()


def test_a_pair_stands_once_in_a_symmetrised_matrix() -> None:
    matrix = symmetrised(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert matrix.tolist() == [[1, 5], [5, 4]]
    frame = pair_frame(("gender", "age"), itself=False, strength=matrix)
    assert frame.to_numpy().tolist() == [["gender", "age", 5]]


@pytest.mark.parametrize("kind", KINDS)
def test_permuted_features_permute_the_maps(kind: str) -> None:
    network, indices, order = random_network(cross_kind=kind), random_indices(), [2, 0, 3, 1]
    one, two = interactions(*network, indices), interactions(*permuted(network, order), indices)
    for name in ("block_norm", "strength", "norm_per_size"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name)[np.ix_([0, 1], order, order)])
