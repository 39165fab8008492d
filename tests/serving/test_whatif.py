"""What-if answers are the network's own with the features changed, and support is counted by hand."""

import numpy as np
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.data.encoder import EncodedData
from dcn_core.errors import PredictionError
from dcn_core.serving import support, whatif
from tests.insight.networks import SPECS, random_indices, random_network

GENDER, GENRES = FeatureSpec("gender", 3), FeatureSpec("genres", 4, slots=2)
SPEC = {spec.name: spec for spec in SPECS}
NETWORK = random_network()
ONE = {name: index[4:5] for name, index in random_indices().items()}


def test_a_curve_and_a_board_are_single_predictions() -> None:
    ages = np.array([1, 3, 4])
    curve = whatif.curve(NETWORK.rating, ONE, SPEC["age"], ages)
    genres = np.array([2, 5])
    board = whatif.board(NETWORK.rating, ONE, (SPEC["genres"], SPEC["age"]), genres, ages)
    for column, age in enumerate(ages):
        alone = NETWORK.rating(whatif.changed(ONE, SPEC, {"age": [int(age)]}))[0]
        assert curve[column] == pytest.approx(alone)
        for row, genre in enumerate(genres):
            both = whatif.changed(ONE, SPEC, {"age": [int(age)], "genres": [int(genre)]})
            assert both["genres"].tolist() == [[genre, -1, -1]]
            assert board[row, column] == pytest.approx(NETWORK.rating(both)[0])


def test_changes_that_fit_no_network_are_refused() -> None:
    assert whatif.changed(ONE, SPEC, {"genres": []})["genres"].tolist() == [[-1, -1, -1]]
    for changes, said in (
        ({"shoe": [1]}, "Received: 'shoe'"),
        ({"age": []}, "age has one value"),
        ({"genres": [1, 2, 3, 4]}, "at most 3 values"),
    ):
        with pytest.raises(PredictionError, match=said):
            whatif.changed(ONE, SPEC, changes)
    with pytest.raises(PredictionError, match="two different features"):
        whatif.board(NETWORK.rating, ONE, (SPEC["age"], SPEC["age"]), np.array([1]), np.array([1]))


def test_a_number_is_changed_to_the_value_that_stands_for_its_category() -> None:
    spec = FeatureSpec("price", 4, knots=(-1.0, 0.0, 2.0))
    inputs = {"price": np.array([0.3], np.float32), "age": np.array([2], np.int32)}
    assert whatif.changed(inputs, {"price": spec}, {"price": [3]})["price"].tolist() == [2.0]
    assert np.isnan(whatif.changed(inputs, {"price": spec}, {"price": [0]})["price"][0])
    curve = whatif.curve(lambda trial: trial["price"] * 2 + trial["age"], inputs, spec, np.array([1, 2, 3]))
    assert curve.tolist() == [0.0, 2.0, 6.0]
    data = EncodedData(
        {},
        {},
        np.array([0, 0, 0]),
        np.array([0, 0, 0]),
        np.ones(3, np.float32),
        {"price": np.array([-0.9, 1.9, np.nan])},
    )
    assert support.counts(data, spec, np.arange(3)).tolist() == [1, 1, 0, 1]


def test_support_counts_the_given_ratings_only() -> None:
    users = {"gender": np.array([1, 2, 1], np.int32)}
    movies = {"genres": np.array([[1, 2], [2, -1]], np.int32)}
    data = EncodedData(users, movies, np.array([0, 1, 2, 0]), np.array([0, 0, 1, 1]), np.ones(4, np.float32))
    rows = np.array([0, 1, 2])
    assert support.counts(data, GENDER, rows).tolist() == [0, 2, 1]
    assert support.counts(data, GENRES, rows).tolist() == [0, 2, 3, 0]
    joint = support.pair_counts(data, (GENDER, GENRES), rows)
    assert joint.tolist() == [[0, 0, 0, 0], [0, 1, 2, 0], [0, 1, 1, 0]]
