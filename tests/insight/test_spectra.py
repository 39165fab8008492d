"""Singular values and truncation of kernels whose rank is known."""

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight.interactions import effective_kernel
from dcn_core.insight.spectra import (
    beside_start,
    layer_sentence,
    rank_errors,
    rank_errors_sentence,
    rank_sentence,
    ranks,
    spectrum,
    sufficient_rank,
    truncated,
)
from tests.insight.networks import random_indices, random_network

INDICES = random_indices()


def rank_two_network():
    """Two layers of exact rank 2 in a matrix of 12 by 12."""
    low = random_network(cross_kind="low_rank", projection_dim=2, structure="cross")
    kernels = {f"cross_{number}/W": effective_kernel(low.weights, number) for number in (1, 2)}
    return random_network(structure="cross").with_weights({**low.weights, **kernels})


def test_spectrum_is_that_of_the_effective_kernel() -> None:
    network = random_network(cross_kind="low_rank")
    values = spectrum(network)
    expected = np.linalg.svd(network.weights["cross_2/U"] @ network.weights["cross_2/V"].T, compute_uv=False)
    np.testing.assert_allclose(values.loc[values["layer"] == 2, "value"], expected, atol=1e-12)
    assert values.groupby("layer")["energy"].last().tolist() == pytest.approx([1, 1])


def test_ranks_of_a_kind_are_those_it_can_have() -> None:
    assert ranks(random_network(cross_kind="vector"))["numerical_rank"].tolist() == [1, 1]
    assert ranks(random_network(cross_kind="low_rank"))["numerical_rank"].tolist() == [2, 2]
    full = ranks(random_network())
    assert full["numerical_rank"].tolist() == full["size"].tolist() == [12, 12]
    assert (full["energy_rank_90"] < full["energy_rank_99"]).all()
    zero = random_network().with_weights({"cross_1/W": np.zeros((12, 12)), "cross_2/W": np.eye(12)})
    assert ranks(zero)["numerical_rank"].tolist() == [0, 12]
    assert ranks(zero)["energy_rank_90"].tolist() == [0, 11]


def test_truncation_takes_the_closest_matrix_of_the_rank() -> None:
    network = random_network()
    W = network.weights["cross_1/W"]
    cut = truncated(network, 3, [1])
    values = np.linalg.svd(W, compute_uv=False)
    assert np.linalg.norm(W - cut.weights["cross_1/W"]) == pytest.approx(np.sqrt(np.sum(values[3:] ** 2)))
    np.testing.assert_array_equal(cut.weights["cross_2/W"], network.weights["cross_2/W"])
    np.testing.assert_allclose(truncated(network, 12, [1, 2]).rating(INDICES), network.rating(INDICES))


def test_the_sufficient_rank_of_a_low_rank_network_is_its_rank() -> None:
    network = rank_two_network()
    rating = network.rating(INDICES) + np.random.default_rng(0).normal(0, 0.1, 40)
    errors = rank_errors(network, INDICES, rating)
    assert set(errors["layer"]) == {0, 1, 2}
    assert [sufficient_rank(errors, layer) for layer in (0, 1, 2)] == [2, 2, 2]
    assert "Rank 2 of 12 is enough" in rank_sentence(network, errors)
    whole = errors[errors["rank"] == 2]
    np.testing.assert_allclose(whole["mse"], network.mse(INDICES, rating))


@pytest.mark.parametrize("kind", ["matrix", "gated"])
def test_errors_by_rank_are_those_of_truncated_networks_and_end_within_the_tolerance(kind: str) -> None:
    network, rating = random_network(num_cross_layers=3, cross_kind=kind), np.full(40, 3.0)
    errors = rank_errors(network, INDICES, rating)
    for row in errors[errors["layer"] == 0].itertuples():
        assert row.mse == pytest.approx(truncated(network, row.rank, [1, 2, 3]).mse(INDICES, rating))
    own = errors[errors["layer"] == 2]
    rank = sufficient_rank(errors, 2)
    assert own.loc[own["rank"] >= rank, "within"].all()
    assert rank == 0 or not own.loc[own["rank"] == rank - 1, "within"].item()


def test_truncating_a_gated_layer_leaves_its_gate() -> None:
    network = random_network(cross_kind="gated")
    cut = truncated(network, 3, [1])
    assert np.linalg.matrix_rank(cut.weights["cross_1/W"]) == 3
    np.testing.assert_array_equal(cut.weights["cross_1/Wg"], network.weights["cross_1/Wg"])
    np.testing.assert_allclose(truncated(network, 12, [1, 2]).rating(INDICES), network.rating(INDICES))


def test_the_rank_of_a_mixture_is_that_of_the_mean_of_its_experts() -> None:
    network, rating = random_network(cross_kind="mixture"), random_network(cross_kind="mixture").rating(INDICES) + 0.3
    plain = network.without_experts(INDICES)
    assert ranks(plain)["numerical_rank"].tolist() == [6, 6]  # three experts of rank two
    errors = rank_errors(network, INDICES, rating)
    for row in errors[errors["layer"] == 0].itertuples():
        assert row.mse == pytest.approx(truncated(plain, row.rank, [1, 2]).mse(INDICES, rating))
        assert row.change == pytest.approx(row.mse / network.mse(INDICES, rating) - 1)
    assert errors["rank"].max() == 6


def test_a_mixture_that_needs_its_gates_has_no_sufficient_rank() -> None:
    network = random_network(cross_kind="mixture", structure="cross")
    network = network.with_weights({name: 4 * w for name, w in network.weights.items() if name.endswith("/G")})
    errors = rank_errors(network, INDICES, network.rating(INDICES) + np.random.default_rng(0).normal(0, 0.01, 40))
    assert sufficient_rank(errors) is None
    assert "No single matrix does what the experts do" in rank_sentence(network, errors)
    steady = network.with_weights({name: 0 * w for name, w in network.weights.items() if name.endswith("/G")})
    rating = steady.rating(INDICES) + np.random.default_rng(0).normal(0, 0.1, 40)
    errors = rank_errors(steady, INDICES, rating)
    assert sufficient_rank(errors) == 6
    assert "Rank 6 of 12 is enough: with each layer's experts replaced by their mean" in rank_sentence(steady, errors)


def test_crosses_that_are_not_needed_are_said_to_be_so() -> None:
    network = random_network(num_cross_layers=1).with_weights({"cross_1/W": np.zeros((12, 12))})
    errors = rank_errors(network, INDICES, np.ones(40))
    assert sufficient_rank(errors) == 0
    assert "does not need" in rank_sentence(network, errors)


def test_a_network_without_layers_has_no_spectrum() -> None:
    network = random_network(structure="deep")
    assert spectrum(network).empty
    assert ranks(network).empty
    with pytest.raises(PredictionError, match="no cross layers"):
        rank_errors(network, INDICES, np.ones(40))


@pytest.mark.parametrize("kind", ["vector", "matrix", "low_rank"])
def test_what_training_began_with_stands_beside_the_values(kind: str) -> None:
    network = random_network(cross_kind=kind)
    frame = beside_start(network, spectrum(network))
    assert (frame["start_low"] <= frame["start"]).all() and (frame["start"] <= frame["start_high"]).all()
    own = frame[frame["layer"] == 1]
    rank = {"vector": 1, "matrix": 12, "low_rank": 2}[kind]
    assert (own["start"].to_numpy()[:rank] > 1e-3).all() and (own["start"].to_numpy()[rank:] < 1e-9).all()
    beyond = int((own["value"] > own["start_high"].max()).sum())
    assert layer_sentence(own, ranks(network).loc[0]).startswith(f"{beyond} of 12 directions")


def test_a_network_without_cross_layers_began_with_nothing() -> None:
    network = random_network(structure="deep")
    assert beside_start(network, spectrum(network)).empty


def test_the_cost_of_cutting_is_told_with_what_no_matrices_cost() -> None:
    network = rank_two_network()
    errors = rank_errors(network, INDICES, network.rating(INDICES) + 1)
    together = errors[errors["layer"] == 0]
    assert "Cut to rank 2 the error changes by 0.00 %" in rank_errors_sentence(together, 2)
