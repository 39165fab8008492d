"""Combinations of categories, against tables written out by hand."""

import numpy as np
import pytest

from dcn_core.config.features import PADDING, FeatureSpec
from dcn_core.errors import PredictionError
from dcn_core.insight import category_pairs as room
from dcn_core.insight.category_pairs import category_grid, category_pairs, category_sentence
from tests.insight.networks import random_indices, random_network

SPECS = (FeatureSpec("genres", 4, slots=2), FeatureSpec("gender", 3), FeatureSpec("age", 5))
CATEGORIES = {"genres": ["unknown", "Action", "Drama", "War"], "gender": ["unknown", "F", "M"], "age": list("u1234")}


def test_effects_are_what_the_pair_adds_to_both_margins() -> None:
    network = random_network(SPECS, structure="cross", num_cross_layers=1)
    indices = random_indices(SPECS, 3000)
    grid = category_grid(network, indices, "gender", "age")
    assert grid.rows.tolist() == [1, 2]
    assert grid.columns.tolist() == [1, 2, 3, 4]
    weights = [grid.count.sum(axis=axis) / grid.count.sum() for axis in (1, 0)]
    np.testing.assert_allclose(weights[0] @ grid.effect, 0, atol=1e-12)
    np.testing.assert_allclose(grid.effect @ weights[1], 0, atol=1e-12)
    W, h = network.weights["cross_1/W"], network.weights["head/kernel"][:, 0]
    gender, age = network.weights["embedding/gender"][1:], network.weights["embedding/age"][1:]
    g, a = slice(3, 6), slice(6, 9)
    table = (h[g] * gender) @ W[g, a] @ age.T + gender @ W[a, g].T @ (h[a] * age).T
    table = table - (table @ weights[1])[:, None]
    np.testing.assert_allclose(grid.effect, table - weights[0] @ table)


def test_a_film_counts_for_each_of_its_genres_and_is_tried_with_one() -> None:
    indices = {
        "genres": np.array([[1, 2], [1, PADDING], [PADDING, PADDING], [0, 2]]),
        "gender": np.array([1, 2, 1, 2]),
        "age": np.array([1, 1, 1, 0]),
    }
    grid = category_grid(random_network(SPECS), indices, "genres", "gender")
    assert grid.rows.tolist() == [1, 2]
    np.testing.assert_array_equal(grid.count, [[1, 1], [1, 1]])


def test_only_the_most_frequent_categories_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_CATEGORIES", 2)
    indices = random_indices(SPECS, 100) | {"age": np.repeat([1, 2, 3, 4], [10, 40, 5, 45])}
    assert category_grid(random_network(SPECS), indices, "gender", "age").columns.tolist() == [2, 4]


def test_the_largest_effects_come_first_with_names_and_counts() -> None:
    network, indices = random_network(SPECS), random_indices(SPECS, 1000)
    frame = category_pairs(network, indices, [("genres", "gender"), ("gender", "age")], CATEGORIES, most=5)
    assert len(frame) == 5
    assert frame["effect"].abs().is_monotonic_decreasing
    top = frame.iloc[0]
    grid = category_grid(network, indices, top["feature"], top["other"])
    cell = np.argwhere(grid.effect == top["effect"])[0]
    assert grid.count[tuple(cell)] == top["count"]
    assert CATEGORIES[top["feature"]][grid.rows[cell[0]]] == top["category"]
    assert "than the two alone would say" in category_sentence(frame)


def test_rare_combinations_are_left_out() -> None:
    frame = category_pairs(random_network(SPECS), random_indices(SPECS, 20), [("gender", "age")], CATEGORIES)
    assert frame.empty
    assert "enough ratings" in category_sentence(frame)


def test_a_feature_is_not_paired_with_itself_or_a_stranger() -> None:
    for pair in (("age", "age"), ("age", "year")):
        with pytest.raises(PredictionError, match="two different features"):
            category_grid(random_network(SPECS), random_indices(SPECS), *pair)
