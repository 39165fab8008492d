"""Pair effects of networks whose function is known."""

import numpy as np
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.errors import PredictionError
from dcn_core.insight.pair_effects import pair_effects
from tests.insight.networks import KINDS, permuted, random_indices, random_network

SPECS = (FeatureSpec("gender", 3), FeatureSpec("age", 8), FeatureSpec("occupation", 9))
N = 6000
INDICES = random_indices(SPECS, N)


def one_cross(strength=1.0):
    """Gender crossed with age, and nothing else beside main effects."""
    network = random_network(SPECS, structure="cross", num_cross_layers=1)
    W = np.zeros((9, 9))
    W[0:3, 3:6] = strength * network.weights["cross_1/W"][0:3, 3:6]
    return network.with_weights({"cross_1/W": W})


def pure(table, i, j):
    """The part of a table that only its rows and columns together explain, at given cells."""
    centred = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    return centred[i, j]


def table_of(network):
    gender, age = (network.weights[f"embedding/{name}"] for name in ("gender", "age"))
    return (gender * network.weights["head/kernel"][0:3, 0]) @ network.weights["cross_1/W"][0:3, 3:6] @ age.T


def test_the_effect_of_a_planted_pair_is_its_standard_deviation_in_stars() -> None:
    network = one_cross()
    found = pair_effects(network, INDICES, network.rating(INDICES))
    expected = table_of(network)
    spread = pure(expected, *np.indices(expected.shape)).std()  # categories are equally frequent here
    assert found.effect[0, 1] == found.effect[1, 0] == pytest.approx(spread, rel=0.06)
    assert found.total[0, 1] == pytest.approx(spread, rel=0.06)
    assert found.effect[0, 2] == pytest.approx(0, abs=1e-7)
    assert found.total[1, 2] == pytest.approx(0, abs=1e-7)
    assert np.isnan(np.diag(found.effect)).all()


def test_worth_is_what_the_error_gains_by_the_pair() -> None:
    network = one_cross()
    term = pure(table_of(network), INDICES["gender"], INDICES["age"])
    prediction = network.rating(INDICES)
    right = pair_effects(network, INDICES, prediction).worth[0, 1]
    assert right == pytest.approx(term.var(), rel=0.1)
    wrong = pair_effects(network, INDICES, prediction - term)
    assert wrong.worth[0, 1] == pytest.approx(-term.var(), rel=0.1)
    assert wrong.worth_in_stars[0, 1] == pytest.approx(-term.std(), rel=0.1)


def test_a_network_that_only_adds_has_no_pairs() -> None:
    network = one_cross(0.0)
    found = pair_effects(network, INDICES, network.rating(INDICES))
    np.testing.assert_allclose(found.total[~np.eye(3, dtype=bool)], 0, atol=1e-7)
    assert "only adds up" in found.sentence()


def test_a_cross_of_three_counts_in_the_total_and_not_in_the_effect() -> None:
    """x0 with embeddings of mean zero, and a polynomial whose only cross is gender · age · occupation."""
    specs = (FeatureSpec("gender", 3), FeatureSpec("age", 3), FeatureSpec("occupation", 3))
    network = random_network(specs, structure="cross", num_cross_layers=2, embedding_dim=1)
    signs = {f"embedding/{spec.name}": np.array([[0.0], [1.0], [-1.0]]) for spec in specs}
    first, second = np.zeros((2, 3, 3))
    first[1, 2] = second[0, 1] = 1.0  # age := age + age · occupation; gender := gender + gender · age
    zeros = {f"cross_{number}/b": np.zeros(3) for number in (1, 2)}
    network = network.with_weights(
        {**signs, **zeros, "cross_1/W": first, "cross_2/W": second, "head/kernel": np.array([[1.0], [0], [0]])}
    )
    indices = {spec.name: np.random.default_rng(k).integers(1, 3, N) for k, spec in enumerate(specs)}
    found = pair_effects(network, indices, network.rating(indices))
    assert found.effect[0, 1] == pytest.approx(1, abs=0.08)  # gender · age
    assert found.total[0, 1] == pytest.approx(2**0.5, abs=0.08)  # and gender · age · occupation
    assert found.effect[0, 2] < 0.2
    assert found.total[0, 2] == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("kind", KINDS)
def test_permuted_features_permute_the_map(kind: str) -> None:
    network, order = random_network(SPECS, cross_kind=kind), [2, 0, 1]
    one, two = (pair_effects(each, INDICES, np.ones(N)) for each in (network, permuted(network, order)))
    for name in ("effect", "total", "worth"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name)[np.ix_(order, order)], atol=1e-9)


def test_every_architecture_has_pair_effects_and_a_sentence() -> None:
    kinds = [{"cross_kind": kind} for kind in KINDS]
    for settings in (*kinds, {"structure": "stacked"}, {"structure": "deep"}, {"combination": "token_mean"}):
        network = random_network(**settings)
        found = pair_effects(network, random_indices(), network.rating(random_indices()))
        frame = found.frame()
        assert len(frame) == 6
        assert frame["effect"].is_monotonic_decreasing
        assert frame["share"].sum() == pytest.approx(1)
        assert "interact most" in found.sentence()


def test_one_feature_has_no_pairs_and_no_ratings_are_refused() -> None:
    specs = SPECS[:1]
    found = pair_effects(random_network(specs), random_indices(specs), np.ones(40))
    assert found.frame().empty
    assert "nothing to cross" in found.sentence()
    with pytest.raises(PredictionError, match="at least one rating"):
        pair_effects(one_cross(), random_indices(SPECS, 0), np.ones(0))
