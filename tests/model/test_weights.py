from typing import get_args

import numpy as np
import pytest

from dcn_core.config.model import CrossKind, ModelConfig
from dcn_core.errors import RunError
from dcn_core.model.builder import build_model
from dcn_core.model.weights import load_named_weights, named_weights
from tests.model.examples import SPECS, predict, random_indices, randomize


def build(seed=1, **settings):
    return build_model(ModelConfig(embedding_dim=4, deep_layer_sizes=(5,), **settings), SPECS, 3.5, seed)


def shapes(model):
    return {name: weight.shape for name, weight in named_weights(model).items()}


def test_every_weight_has_the_name_and_shape_of_the_mathematics():
    model = build(batch_normalization=True, user_bias=True, movie_bias=True, num_cross_layers=1)
    assert shapes(model) == {
        "embedding/genres": (6, 4),
        "embedding/gender": (3, 4),
        "embedding/age": (5, 4),
        "embedding/user_id": (12, 4),
        "embedding/movie_id": (9, 4),
        "cross_1/W": (20, 20),
        "cross_1/b": (20,),
        "deep_1/kernel": (20, 5),
        "deep_1/bias": (5,),
        **{f"deep_1/{name}": (5,) for name in ("gamma", "beta", "moving_mean", "moving_variance")},
        "head/kernel": (25, 1),
        "head/bias": (1,),
        "user_bias/table": (12, 1),
        "movie_bias/table": (9, 1),
    }
    assert sum(weight.size for weight in named_weights(model).values()) == model.count_params()


def test_heads_and_cross_kinds_name_their_weights():
    two_heads = shapes(build(head="average", cross_kind="vector", num_cross_layers=1))
    assert {name: two_heads[name] for name in two_heads if "head" in name or "cross" in name} == {
        "cross_1/w": (20,),
        "cross_1/b": (20,),
        "cross_head/kernel": (20, 1),
        "cross_head/bias": (1,),
        "deep_head/kernel": (5, 1),
        "deep_head/bias": (1,),
    }
    low_rank = shapes(build(structure="cross", cross_kind="low_rank", projection_dim=3, num_cross_layers=1))
    assert {name: low_rank[name] for name in low_rank if "embedding" not in name} == {
        "cross_1/U": (20, 3),
        "cross_1/V": (20, 3),
        "cross_1/b": (20,),
        "head/kernel": (20, 1),
        "head/bias": (1,),
    }


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("mixture", {"U": (2, 20, 3), "V": (2, 20, 3), "C": (2, 3, 3), "G": (2, 20), "b": (20,)}),
        ("gated", {"W": (20, 20), "Wg": (20, 20), "b": (20,)}),
    ],
)
def test_gated_kinds_name_their_weights(kind, expected):
    model = build(structure="cross", cross_kind=kind, projection_dim=3, num_experts=2, num_cross_layers=1)
    found = {name: shape for name, shape in shapes(model).items() if name.startswith("cross_")}
    assert found == {f"cross_1/{name}": shape for name, shape in expected.items()}


@pytest.mark.parametrize("kind", get_args(CrossKind))
def test_loaded_weights_make_the_same_network(kind):
    model, other = (build(seed, batch_normalization=True, dropout=0.2, cross_kind=kind) for seed in (1, 2))
    weights = randomize(model)
    load_named_weights(other, weights)
    np.testing.assert_array_equal(predict(other, random_indices()), predict(model, random_indices()))


def test_named_weights_are_copies():
    model = build()
    weights = named_weights(model)
    weights["cross_1/b"][:] = 9
    assert named_weights(model)["cross_1/b"].max() == 0


def test_weights_of_another_network_are_an_error():
    model = build()
    weights = named_weights(model)
    with pytest.raises(RunError, match=r"Missing: \['head/bias'\], unknown: \['tail/bias'\]"):
        load_named_weights(model, {**{k: v for k, v in weights.items() if k != "head/bias"}, "tail/bias": np.zeros(1)})
    with pytest.raises(RunError, match=r"'cross_1/W' must have shape \(20, 20\). Received: \(3, 3\)"):
        load_named_weights(model, {**weights, "cross_1/W": np.zeros((3, 3))})
