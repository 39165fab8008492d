"""Insight into networks with numeric features: a number is looked at by its knots."""

import numpy as np
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.insight.block import block_values
from dcn_core.insight.category_pairs import category_grid
from dcn_core.insight.cells import Codes
from dcn_core.insight.film import film
from dcn_core.insight.interactions import interactions
from dcn_core.insight.knockouts import knockouts
from dcn_core.insight.ladder import ladder
from dcn_core.insight.orders import orders
from dcn_core.insight.pair_effects import pair_effects
from dcn_core.insight.path import path
from tests.insight.networks import random_indices, random_network

PRICE = FeatureSpec("price", 4, knots=(-1.0, 0.0, 2.0))
SPECS = (PRICE, FeatureSpec("genres", 6, slots=3), FeatureSpec("gender", 3))
INDICES = random_indices(SPECS, 200)


def test_a_number_has_the_category_of_the_nearest_knot():
    assert PRICE.codes(np.array([-9, -0.4, 0.9, 1.1, np.nan], np.float32)).tolist() == [1, 2, 2, 3, 0]
    np.testing.assert_array_equal(PRICE.values(np.array([3, 0])), [2, np.nan])


@pytest.mark.parametrize("combination", ["concat", "token_mean"])
def test_every_view_takes_numbers(combination):
    network = random_network(SPECS, combination=combination)
    rating = network.rating(INDICES) + np.random.default_rng(0).normal(size=200)
    parts = knockouts(network, INDICES, rating).parts.set_index("name")
    without = {**INDICES, "price": np.where(np.isnan(INDICES["price"]), np.nan, 0).astype(np.float32)}
    if combination == "concat":
        assert parts.loc["price", "mse"] == pytest.approx(network.mse(without, rating))
    assert np.isfinite(pair_effects(network, INDICES, rating).effect[0, 1:]).all()
    assert np.isfinite(interactions(*network, INDICES).strength).all()
    found = orders(network, INDICES).pairs
    assert {"price"} <= set(found["feature"]) | set(found["other"])
    grid = category_grid(network, INDICES, "price", "gender")
    assert grid.rows.tolist() == [1, 2, 3]
    assert grid.count.sum() == ((PRICE.codes(INDICES["price"]) > 0) & (INDICES["gender"] > 0)).sum()
    one = {name: index[:1] for name, index in INDICES.items()}
    steps = path(network, one, {"price": ["unknown", "low", "mid", "high"], "genres": [*"uabcde"], "gender": [*"uab"]})
    assert steps.rating == pytest.approx(network.rating(one)[0])


def test_a_block_of_a_number_is_its_product_with_the_other_embedding():
    network = random_network(SPECS, structure="cross", num_cross_layers=1)
    values = block_values(network, "price", "gender", 1, np.array([1, 3]), np.array([1, 2]))
    kernel, head = network.weights["cross_1/W"], network.weights["head/kernel"][:, 0]
    gender, last = network.weights["embedding/gender"][[1, 2]], slice(4, 7)
    one = head[0] * (gender @ kernel[0, last]) + (head[last] * gender) @ kernel[last, 0]
    np.testing.assert_allclose(values, np.outer([-1, 2], one))


def test_film_and_ladder_take_numbers_of_every_level():
    rng = np.random.default_rng(1)
    nobody = np.zeros(200, np.int32)
    data = EncodedData(
        {},
        {"gender": np.array([1], np.int32)},
        nobody,
        nobody,
        rng.normal(size=200).astype(np.float32),
        {"price": INDICES["price"], "genres": INDICES["genres"]},
    )
    parts = Split(np.arange(150), np.arange(150, 200), np.arange(0))
    network = random_network(SPECS)
    frames = {epoch: dict(random_network(SPECS, seed=epoch).weights) for epoch in (0, 1)}
    found = film(network, frames, data, parts)
    assert set(found.places) == {"genres", "gender"}
    assert np.isfinite(found.effect[:, 0, 1]).all()
    assert Codes(data).size("price") == len(np.unique(INDICES["price"]))
    rungs = ladder(data, parts, ["price", "genres", "gender"], only=["mean", "boosted trees"])
    assert np.isfinite(rungs["validation_mse"]).all()
