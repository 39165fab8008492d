import keras
import numpy as np
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.config.presets import PRESETS, preset_config
from dcn_core.errors import ConfigError
from dcn_core.model.builder import build_model, split_model
from dcn_core.model.weights import named_weights
from tests.model.examples import SPECS, numpy, predict, random_indices, randomize

SMALL = ModelConfig(embedding_dim=4, deep_layer_sizes=(6, 5), projection_dim=3)
NOTEBOOK_SPECS = (
    FeatureSpec("genres", 19, 6),
    FeatureSpec("gender", 3),
    FeatureSpec("age", 8),
    FeatureSpec("occupation", 22),
)


def build(config=SMALL, seed=1, mean_rating=3.5, **settings):
    return build_model(ModelConfig(**{**config.model_dump(), **settings}), SPECS, mean_rating, seed)


def test_inputs_are_int32_by_feature_and_the_output_is_a_column():
    model = build()
    assert {tensor.name: (tensor.shape, tensor.dtype) for tensor in model.inputs} == {
        "genres": ((None, 4), "int32"),
        "gender": ((None,), "int32"),
        "age": ((None,), "int32"),
        "user_id": ((None,), "int32"),
        "movie_id": ((None,), "int32"),
    }
    assert model.output.shape == (None, 1)
    assert model.output.dtype == "float32"
    assert model.output_names == ["rating"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_builds(name):
    run = preset_config(name)
    specs = [spec for spec in (*SPECS, FeatureSpec("occupation", 22)) if spec.name in run.data.features]
    assert build_model(run.model, specs, 3.5, 1).output.shape == (None, 1)


@pytest.mark.parametrize("spec", [SPECS[0], SPECS[1]])
@pytest.mark.parametrize("combination", ["concat", "token_mean"])
def test_one_feature_is_enough(spec, combination):
    model = build_model(ModelConfig(combination=combination), (spec,), 3.5, 1)
    assert predict(model, random_indices((spec,))).shape == (32,)


def test_batch_of_one_is_a_row_of_the_batch():
    model = build(batch_normalization=True, user_bias=True)
    randomize(model)
    indices = random_indices()
    one = {name: index[3:4] for name, index in indices.items()}
    np.testing.assert_allclose(predict(model, one), predict(model, indices)[3:4], rtol=1e-5)


def test_same_seed_gives_the_same_weights_whatever_came_before():
    first = named_weights(build(user_bias=True))
    keras.utils.set_random_seed(99)
    keras.random.normal((3,))
    build(num_cross_layers=5)
    second = named_weights(build(user_bias=True))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_another_seed_gives_other_weights():
    first, second = named_weights(build(seed=1)), named_weights(build(seed=2))
    for name in first:
        assert np.array_equal(first[name], second[name]) == name.endswith(("/b", "bias")), name


def test_layers_start_differently_and_independently_of_each_other():
    weights = named_weights(build(num_cross_layers=3))
    assert np.abs(weights["cross_1/W"] - weights["cross_2/W"]).max() > 0.1
    np.testing.assert_array_equal(weights["cross_1/W"], named_weights(build(num_cross_layers=1))["cross_1/W"])


def test_dropout_repeats_with_the_seed_and_is_off_in_inference():
    indices = random_indices()
    first, second = build(dropout=0.5), build(dropout=0.5)
    np.testing.assert_array_equal(predict(first, indices, training=True), predict(second, indices, training=True))
    assert np.abs(predict(first, indices, training=True) - predict(first, indices)).max() > 1e-4
    np.testing.assert_array_equal(predict(first, indices), predict(build(), indices))


def test_unknown_row_is_zero_except_where_it_is_a_token():
    for name, table in named_weights(build()).items():
        assert not name.startswith("embedding") or (not table[0].any() and table[1:].all()), name
    for name, table in named_weights(build(combination="token_mean")).items():
        assert not name.startswith("embedding") or table[0].all(), name


@pytest.mark.parametrize("head", ["concat", "sum", "average"])
@pytest.mark.parametrize("structure", ["parallel", "stacked", "cross", "deep"])
def test_output_starts_at_the_mean_rating(structure, head):
    indices = random_indices()
    centred = build(structure=structure, head=head, mean_rating=3.58)
    free = build(structure=structure, head=head, mean_rating=3.58, center_output=False)
    np.testing.assert_allclose(predict(centred, indices), predict(free, indices) + 3.58, atol=1e-5)
    assert np.abs(predict(free, indices)).max() < 1


@pytest.mark.parametrize("kind", ["low_rank", "mixture", "gated"])
def test_penalties_are_those_of_the_config(kind):
    own = {"id_l2": 0.2, "bias_l2": 0.3}
    model = build(embedding_l2=0.1, cross_l2=0.01, deep_l2=0.001, cross_kind=kind, user_bias=True, **own)
    expected = 0.0
    for name, weight in randomize(model).items():
        strengths = {
            "embedding/user_id": 0.2,
            "embedding/movie_id": 0.2,
            "embedding": 0.1,
            "user_bias": 0.3,
            "cross": 0.01,
        }
        strength = next((value for start, value in strengths.items() if name.startswith(start)), 0.001)
        counted = not name.startswith("head") and not name.endswith(("/b", "/bias"))
        expected += counted * strength * (weight.astype(float) ** 2).sum()
    np.testing.assert_allclose(float(sum(model.losses)), expected, rtol=1e-5)


CHANGES = {
    "structure": ({}, "stacked"),
    "head": ({}, "average"),
    "embedding_dim": ({}, 5),
    "embedding_dims": ({}, "gender=3, user_id=7"),
    "genre_pooling": ({}, "sum"),
    "combination": ({}, "token_mean"),
    "cross_kind": ({}, "vector"),
    "num_cross_layers": ({}, 3),
    "projection_dim": ({"cross_kind": "low_rank"}, 2),
    "num_experts": ({"cross_kind": "mixture"}, 3),
    "gate": ({"cross_kind": "mixture"}, "sigmoid"),
    "expert_activation": ({"cross_kind": "mixture"}, "tanh"),
    "deep_layer_sizes": ({}, (6, 4)),
    "activation": ({}, "gelu"),
    "batch_normalization": ({}, True),
    "deep_initializer": ({}, "glorot_uniform"),
    "normalization_position": ({"batch_normalization": True}, "after_activation"),
    "dropout": ({}, 0.5),
    "embedding_l2": ({}, 0.1),
    "id_l2": ({}, 0.1),
    "cross_l2": ({}, 0.1),
    "deep_l2": ({}, 0.1),
    "user_bias": ({}, True),
    "movie_bias": ({}, True),
    "center_output": ({}, False),
}
"""A value for every field that the network obeys, and the settings under which it counts."""
ELSEWHERE = ("id_dropout", "bias_l2")
"""Fields whose effect a fresh network does not show: the trainer's, and a penalty on what starts at zero (tested above)."""


@pytest.mark.parametrize("field", [name for name in ModelConfig.model_fields if name not in ELSEWHERE])
def test_every_setting_matters(field):
    base, value = CHANGES[field]
    indices = random_indices()
    results = []
    for settings in (base, {**base, field: value}):
        model = build(**settings)
        outputs = predict(model, indices), predict(model, indices, training=True)
        results.append((model.count_params(), float(sum(model.losses)), *np.round(np.concatenate(outputs), 5)))
    assert results[0] != results[1]


@pytest.mark.parametrize("kind", ["mixture", "gated"])
def test_the_settings_of_every_cross_layer_matter_to_gated_ones_too(kind):
    indices, outputs = random_indices(), []
    for settings in ({}, {"num_cross_layers": 1}, {"cross_l2": 0.1}, {"projection_dim": 2}):
        model = build(cross_kind=kind, **settings)
        outputs.append((float(sum(model.losses)), *np.round(predict(model, indices), 5)))
    assert len(set(outputs)) == (4 if kind == "mixture" else 3)  # a gated layer has no rank


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu", "tanh"])
def test_activations_are_those_of_keras(activation):
    model = build(activation=activation)
    x = np.linspace(-4, 4, 6, dtype="float32")[None]
    expected = numpy(getattr(keras.activations, activation)(x))
    np.testing.assert_allclose(numpy(model.get_layer("deep_1_activation")(x)), expected, atol=1e-6)


def test_lookups_and_tower_compose_to_the_model():
    model = build(user_bias=True, movie_bias=True, dropout=0.3, embedding_l2=0.1, cross_l2=0.1)
    randomize(model)
    indices = random_indices()
    lookups, tower = split_model(model)
    assert list(lookups) == [*(f"embedding_{spec.name}" for spec in SPECS), "user_bias", "movie_bias"]
    vectors = {name: lookup.layer(indices[lookup.feature]) for name, lookup in lookups.items()}
    np.testing.assert_array_equal(predict(tower, vectors), predict(model, indices))
    assert len(model.losses) == len(tower.losses) + len(lookups)
    tables = {id(lookup.layer.table) for lookup in lookups.values()}
    assert not tables & {id(weight) for weight in tower.weights}
    assert len(tower.weights) + len(tables) == len(model.weights)


@pytest.mark.parametrize("kind", ["low_rank", "mixture"])
def test_rank_is_checked_against_the_input_size(kind):
    with pytest.raises(ConfigError, match=r"between 1 and 15 for `input_dim=16`. Received: 16"):
        build_model(ModelConfig(cross_kind=kind, combination="token_mean"), SPECS, 3.5, 1)


def test_notebook_preset_is_the_notebooks_network():
    model = build_model(preset_config("notebook").model, NOTEBOOK_SPECS, 3.58, seed=1)
    weights = {name: value.astype(float) for name, value in randomize(model).items()}
    indices = random_indices(NOTEBOOK_SPECS)
    expected = []
    for n in range(32):
        tokens = []  # nine: six genre slots, padded with the unknown row, and one of each other feature
        for name in ("genres", "gender", "age", "occupation"):
            tokens += [weights[f"embedding/{name}"][max(index, 0)] for index in np.atleast_1d(indices[name][n])]
        assert len(tokens) == 9
        x0 = x = np.mean(tokens, axis=0)
        for number in range(1, 5):
            x = x0 * (x @ weights[f"cross_{number}/w"]) + weights[f"cross_{number}/b"] + x
        h = x0
        for name, size in (("deep_1", 64), ("deep_2", 32)):
            h = np.maximum(h @ weights[f"{name}/kernel"] + weights[f"{name}/bias"], 0)
            h = (h - weights[f"{name}/moving_mean"]) / np.sqrt(weights[f"{name}/moving_variance"] + 1e-3)
            h = h * weights[f"{name}/gamma"] + weights[f"{name}/beta"]
            assert h.shape == (size,)
        cross = x @ weights["cross_head/kernel"] + weights["cross_head/bias"]
        deep = h @ weights["deep_head/kernel"] + weights["deep_head/bias"]
        expected.append((cross[0] + deep[0]) / 2)
    np.testing.assert_allclose(predict(model, indices), expected, atol=1e-5)
    assert model.count_params() == 4562
    penalty = 0.001 * sum((weights[f"cross_{number}/w"] ** 2).sum() for number in range(1, 5))
    np.testing.assert_allclose(float(sum(model.losses)), penalty, rtol=1e-5)
