"""The picture of a network says what the config says."""

import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.model.cost import parameter_counts
from ui import network

SPECS = (FeatureSpec("genres", 19, 6), FeatureSpec("age", 8))


@pytest.mark.parametrize(
    ("values", "cross", "deep", "head"),
    [
        ({"structure": "parallel", "head": "sum"}, 2, 2, True),
        ({"structure": "stacked"}, 2, 2, False),
        ({"structure": "cross", "num_cross_layers": 3}, 3, 0, False),
        ({"structure": "deep", "deep_layer_sizes": [8]}, 0, 1, False),
        ({"structure": "parallel", "num_cross_layers": 0}, 0, 2, True),
    ],
)
def test_each_layer_is_a_box(values: dict[str, object], cross: int, deep: int, head: bool) -> None:
    config = ModelConfig(**values)  # type: ignore[arg-type]
    picture = network.picture(config, SPECS)
    assert picture.count('class="box cross"') == cross
    assert picture.count('class="box deep"') == deep
    assert (f">{config.head}<" in picture) == head


def test_an_activation_is_called_as_in_the_form() -> None:
    assert "<small>ReLU</small>" in network.picture(ModelConfig(), SPECS)


def test_a_feature_carries_its_embedding_size() -> None:
    assert "Genres</span><small>16<" in network.picture(ModelConfig(), SPECS)
    assert "<small>32</small>" in network.picture(ModelConfig(), SPECS)  # x0


def test_parts_without_weights_are_left_out_of_the_bar() -> None:
    bar = network.weights_by_part(parameter_counts(ModelConfig(structure="deep"), SPECS))
    assert "Cross" not in bar and "Biases" not in bar and "Deep" in bar
