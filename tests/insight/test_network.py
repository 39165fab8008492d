"""The network as insight takes it."""

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight import network as room
from dcn_core.insight.forward import forward
from dcn_core.insight.network import check_rows
from tests.insight.networks import KINDS, permuted, random_indices, random_network


def test_rating_in_chunks_is_the_forward_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHUNK", 7)
    network, indices = random_network(user_bias=True), random_indices()
    np.testing.assert_allclose(network.rating(indices), forward(*network, indices).rating)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("combination", ["concat", "token_mean"])
def test_full_kernels_are_the_same_function(kind: str, combination: str) -> None:
    network, indices = random_network(cross_kind=kind, combination=combination, num_cross_layers=3), random_indices()
    np.testing.assert_allclose(network.full_kernels().rating(indices), network.rating(indices))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", [{"structure": "cross"}, {}, {"head": "sum"}, {"structure": "stacked"}], ids=str)
def test_permuted_features_are_the_same_function_where_x_last_is_read_in_the_same_order(
    kind: str, settings: dict
) -> None:
    network, indices = random_network(cross_kind=kind, **settings), random_indices()
    np.testing.assert_allclose(permuted(network, [2, 0, 3, 1]).rating(indices), network.rating(indices))


def test_rows_without_labels_are_refused() -> None:
    with pytest.raises(PredictionError, match="40 inputs and 3 labels"):
        check_rows(random_indices(), np.ones(3))
    with pytest.raises(PredictionError, match="at least one rating"):
        check_rows(random_indices(n=1) | {"genres": np.zeros((0, 3))}, np.ones(0))
