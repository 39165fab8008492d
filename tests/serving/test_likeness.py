"""Who is alike to a network, on tables small enough to reckon by hand."""

import numpy as np
import pytest

from dcn_core.serving.likeness import correlation, cosine, nearest, responses, vectors
from dcn_core.serving.neighbours import neighbours
from tests.insight.networks import SPECS, random_indices, random_network


def test_vectors_are_the_embeddings_side_by_side_with_slots_averaged() -> None:
    network, indices = random_network(), random_indices(n=6)
    found = vectors(network, {name: indices[name] for name in ("genres", "gender")})
    tables = network.weights
    for row in range(6):
        slots = [slot for slot in indices["genres"][row] if slot >= 0]
        genres = np.mean([tables["embedding/genres"][slot] for slot in slots], axis=0) if slots else np.zeros(3)
        np.testing.assert_allclose(found[row], [*genres, *tables["embedding/gender"][indices["gender"][row]]])
    assert vectors(network, {}).shape == (0, 0)


def test_cosine_is_of_what_differs_from_the_mean() -> None:
    table = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]]) + 7
    np.testing.assert_allclose(cosine(table, table[0]), [1, 0, -1, 0], atol=1e-12)
    np.testing.assert_array_equal(cosine(np.ones((3, 2)), np.ones(2)), 0)


def test_answers_are_those_of_the_network() -> None:
    network, indices = random_network(), random_indices(n=5)
    users = {name: indices[name] for name in ("gender", "age", "user_id")}
    found = responses(network.rating, {"genres": indices["genres"]}, users)
    assert found.shape == (5, 5)
    one = {name: index[2:3] for name, index in users.items()} | {"genres": indices["genres"][4:5]}
    assert found[4, 2] == pytest.approx(network.rating(one)[0], abs=1e-5)
    assert {spec.name for spec in SPECS} == {"genres", *users}


def test_correlation_leaves_out_what_all_answer() -> None:
    common = np.array([5.0, 1, 3, 2])
    table = np.array([[1.0, 0, 0, -1], [-1, 0, 0, 1], [2, 0, 0, -2], [0, 1, -1, 0]]) * 0.1 + common
    found = correlation(table, table[0])
    assert found[0] == pytest.approx(1) and nearest(found, 1, without=0).tolist() == [2] and found[1] < 0


def test_what_cannot_be_compared_is_no_neighbour() -> None:
    assert nearest(np.array([0.1, -np.inf, 0.9, 0.5]), 3, without=2).tolist() == [3, 0]


def test_neighbours_are_the_most_alike_of_those_who_rated() -> None:
    table = np.array([[0.0, 0], [1, 0.1], [1, 0.2], [-1, 0], [0, -1], [1, 0]])
    found = neighbours(np.array([1, 2, 3, 5]), np.array([5.0, 4, 1, 2]), table, table[5], without=5, most=2)
    assert found.rows.tolist() == [1, 2] and found.mean == 4.5 and found.asked == 3
    nobody = neighbours(np.array([], int), np.array([]), table, table[5], None)
    assert nobody.mean is None and nobody.asked == 0
