"""What insight says of the start is what Keras draws."""

import numpy as np
import pytest

from dcn_core.config.model import ModelConfig
from dcn_core.insight.forward import forward
from dcn_core.insight.interactions import mean_gates
from dcn_core.insight.network import Network
from dcn_core.insight.spectra import beside_start, spectrum
from dcn_core.model.builder import build_model
from dcn_core.model.weights import named_weights
from tests.model.examples import SPECS, random_indices


@pytest.mark.parametrize("kind", ["vector", "matrix", "low_rank", "mixture", "gated"])
def test_an_untrained_network_lies_on_the_line_of_the_start(kind: str) -> None:
    config = ModelConfig(cross_kind=kind, num_cross_layers=2, embedding_dim=16, projection_dim=16)
    network = Network(config, SPECS, named_weights(build_model(config, SPECS, 3.5, seed=7)))
    indices = random_indices(SPECS, 200)
    gates = mean_gates(config, network.weights, forward(*network, indices))
    frame = beside_start(network, spectrum(network.without_experts(indices)), gates)
    frame = frame[frame["start"] > 0.2 * frame["start"].max()]
    np.testing.assert_allclose(frame["value"], frame["start"], rtol=0.2 if kind != "vector" else 0.5)
