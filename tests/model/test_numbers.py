"""Numeric features: a scaled number as it stands in x0, or an embedding scaled by it."""

import numpy as np
import onnxruntime
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.config.run import parse_config
from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.insight.forward import forward
from dcn_core.model.builder import build_model, split_model
from dcn_core.model.cost import parameter_counts
from dcn_core.model.export import Exporter, load_model
from dcn_core.model.weights import named_weights
from dcn_core.training.trainer import train
from tests.model.examples import SPECS, numpy, predict, random_indices, randomize

WITH_NUMBERS = (FeatureSpec("price", 3, knots=(-1.0, 1.0)), *SPECS, FeatureSpec("area", 2, knots=(0.0,)))


@pytest.mark.parametrize("combination", ["concat", "token_mean"])
def test_a_network_with_numbers_is_the_formula_and_survives_every_export(tmp_path, combination):
    config = ModelConfig(embedding_dim=4, combination=combination, deep_layer_sizes=(6,))
    model = build_model(config, WITH_NUMBERS, 3.5, seed=1)
    weights = randomize(model)
    indices = random_indices(WITH_NUMBERS)
    values = forward(config, WITH_NUMBERS, weights, indices)
    np.testing.assert_allclose(values.rating, predict(model, indices), atol=1e-5)
    if combination == "concat":
        assert values.x0.shape == (32, 1 + 4 * len(SPECS) + 1)
        np.testing.assert_array_equal(values.x0[:, 0], np.nan_to_num(indices["price"], nan=0))
    assert parameter_counts(config, WITH_NUMBERS)["total"] == model.count_params()
    split_model(model)
    Exporter().finish(model, tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    assert {value.name: value.type for value in session.get_inputs()}["price"] == "tensor(float)"
    np.testing.assert_allclose(session.run(["rating"], indices)[0][:, 0], predict(model, indices), atol=1e-5)
    np.testing.assert_array_equal(predict(load_model(tmp_path / "model.keras"), indices), predict(model, indices))


def test_a_missing_number_reads_a_row_of_its_own_and_others_scale_theirs():
    specs = (FeatureSpec("price", 3, knots=(-1.0, 1.0)), FeatureSpec("gender", 3))
    model = build_model(ModelConfig(combination="token_mean", embedding_dim=4), specs, 0.0, seed=1)
    table = randomize(model)["embedding/price"]
    layer = model.get_layer("embedding_price")
    expected = [-2 * table[1], 0 * table[1], table[0]]
    np.testing.assert_allclose(numpy(layer(np.array([-2, 0, np.nan], np.float32))), expected, rtol=1e-6)


def test_a_cross_of_two_numbers_is_learned():
    """A product of two numbers, one of the rating and one of the movie, and some missing values whose mean counts."""
    rng = np.random.default_rng(0)
    price, weather = rng.normal(size=(2, 1200)).astype(np.float32)
    movie_row = rng.integers(0, 1200, 1200, dtype=np.int32)
    rating = 3 + price[movie_row] * weather
    specs = (FeatureSpec("price", 3, knots=(-1.0, 1.0)), FeatureSpec("weather", 3, knots=(-1.0, 1.0)))
    nobody = np.zeros(1200, np.int32)
    data = EncodedData({}, {"price": price}, nobody, movie_row, rating.astype(np.float32), {"weather": weather})
    run = parse_config(
        {
            "data": {"features": ["age"]},
            "model": {"structure": "cross", "num_cross_layers": 1, "embedding_dim": 2},
            "train": {"epochs": 12, "batch_size": 32, "learning_rate": 0.03, "patience": 12},
        }
    )
    rows = np.arange(1200)
    result = train(run, data, Split(rows[:1000], rows[1000:], rows[:0]), specs, jit=False)
    assert result.scores["validation"]["mse"] < 0.02 * float(np.var(rating))
    assert "embedding/price" not in named_weights(result.model)
