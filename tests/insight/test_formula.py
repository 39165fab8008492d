"""The numbers of the formula are those of the network, and its parts add up, for every kind of cross layer."""

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight.formula import busiest_place, terms
from dcn_core.insight.forward import forward
from tests.insight.networks import random_indices, random_network
from tests.model.examples import SPECS

KINDS = [
    {"cross_kind": "vector"},
    {"cross_kind": "matrix"},
    {"cross_kind": "low_rank"},
    {"cross_kind": "mixture", "expert_activation": "tanh", "gate": "sigmoid"},
    {"cross_kind": "gated"},
    {"cross_kind": "matrix", "combination": "token_mean"},
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind.values()))
def test_the_formula_holds_at_every_place_of_every_layer(kind: dict[str, str]) -> None:
    network = random_network(SPECS, embedding_dim=3, num_cross_layers=2, projection_dim=2, num_experts=2, **kind)
    indices = random_indices(SPECS, 1)
    values = forward(*network, indices)
    for layer, (x, output) in enumerate(zip(values.cross_inputs, values.crosses, strict=True), start=1):
        for place in range(values.x0.shape[1]):
            found = terms(network, indices, layer, place)
            inside = found.product if kind["cross_kind"] == "vector" else found.product + found.bias
            outside = found.bias if kind["cross_kind"] == "vector" else 0.0
            assert found.x0 * inside + outside + found.x == pytest.approx(found.output)
            assert (found.x0, found.x, found.output) == (values.x0[0, place], x[0, place], output[0, place])
            assert found.parts["product"].sum() == pytest.approx(found.product)
            assert (found.gate is not None) == (kind["cross_kind"] == "gated")
        busiest = terms(network, indices, layer, busiest_place(network, indices, layer))
        assert abs(busiest.change) == pytest.approx(np.abs(output - x).max())


def test_a_place_is_named_by_its_feature_and_number() -> None:
    network = random_network(SPECS, embedding_dim=3, num_cross_layers=1)
    found = terms(network, random_indices(SPECS, 1), 1, 7)
    assert (found.feature, found.number) == (SPECS[2].name, 1)
    assert list(found.parts["feature"]) == [spec.name for spec in SPECS]


@pytest.mark.parametrize(("layer", "place"), [(0, 0), (2, 0), (1, -1), (1, 15)])
def test_what_is_not_there_is_a_clear_error(layer: int, place: int) -> None:
    network = random_network(SPECS, embedding_dim=3, num_cross_layers=1)
    with pytest.raises(PredictionError, match="from 1 to 1 at a place from 0 to 14"):
        terms(network, random_indices(SPECS, 1), layer, place)
