"""Weights read category by category are the products of the embeddings through them."""

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight.block import block_values, has_blocks
from dcn_core.insight.interactions import effective_kernel
from dcn_core.insight.orders import cross_head, pair_terms
from dcn_core.model.shapes import feature_slices
from tests.insight.networks import POLYNOMIAL, random_indices, random_network


@pytest.mark.parametrize("kind", POLYNOMIAL)
def test_the_values_of_one_layer_are_its_pair_terms(kind: str) -> None:
    network = random_network(cross_kind=kind, num_cross_layers=1)
    indices = random_indices()
    expected = pair_terms(network, indices)[("gender", "age")]
    values = block_values(network, "gender", "age", 1, np.arange(3), np.arange(5))
    np.testing.assert_allclose(values[indices["gender"], indices["age"]], expected)


def test_the_experts_of_a_mixture_are_read_as_their_mean() -> None:
    network = random_network(cross_kind="mixture", num_cross_layers=1)
    gates, indices = np.array([0.5, 0.3, 0.2]), (np.arange(3), np.arange(5))
    one = network.with_weights({"cross_1/W": effective_kernel(network.weights, 1, gates)})
    plain = one._replace(
        config=one.config.model_copy(update={"cross_kind": "matrix"}),
        weights={name: w for name, w in one.weights.items() if name[-1] not in "UVCG"},
    )
    np.testing.assert_allclose(
        block_values(network, "gender", "age", 1, *indices, gates), block_values(plain, "gender", "age", 1, *indices)
    )


def test_rows_and_columns_choose_the_categories() -> None:
    network = random_network()
    every = block_values(network, "age", "user_id", 2, np.arange(5), np.arange(12))
    some = block_values(network, "age", "user_id", 2, np.array([4, 1]), np.array([0, 7, 3]))
    np.testing.assert_allclose(some, every[np.ix_([4, 1], [0, 7, 3])])


def test_below_a_deep_part_it_is_the_length_of_both_products() -> None:
    network = random_network(structure="stacked")
    slices, kernel = feature_slices(network.config, network.specs), effective_kernel(network.weights, 1)
    a, b = network.weights["embedding/gender"][2], network.weights["embedding/age"][3]
    i, j = slices["gender"], slices["age"]
    expected = np.linalg.norm(a * (kernel[i, j] @ b)) + np.linalg.norm(b * (kernel[j, i] @ a))
    assert block_values(network, "gender", "age", 1, np.array([2]), np.array([3]))[0, 0] == pytest.approx(expected)
    with pytest.raises(PredictionError):
        cross_head(network)


def test_a_network_without_blocks_says_so() -> None:
    network = random_network(structure="deep")
    assert not has_blocks(network)
    with pytest.raises(PredictionError, match="a block needs a cross layer"):
        block_values(network, "gender", "age", 1, np.arange(3), np.arange(5))
