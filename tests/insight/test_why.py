"""The terms of a prediction add up to it, for every kind of network, and are those of the definition."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight import why
from dcn_core.insight.wording import decimal, label, pair_words, signed
from dcn_core.pictures.waterfall import waterfall
from tests.insight.networks import KINDS, random_indices, random_network

STRUCTURES = ("parallel", "stacked", "cross", "deep")


def one(indices, row):
    """A single example."""
    return {name: index[row : row + 1] for name, index in indices.items()}


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_split_adds_up_to_the_prediction(kind: str, structure: str) -> None:
    network = random_network(cross_kind=kind, structure=structure)
    indices = random_indices(n=30)
    example, rating = one(indices, 7), network.rating(one(indices, 7))[0]
    splits = [why.by_features(network.rating, example, indices), why.by_parts(network, example, indices)]
    assert why.has_orders(network) == (structure in ("parallel", "cross") and kind in ("vector", "matrix", "low_rank"))
    if why.has_orders(network):
        splits.append(why.by_orders(network, example, indices))
    else:
        with pytest.raises(PredictionError):
            why.by_orders(network, example, indices)
    for split in splits:
        assert split.rating == pytest.approx(rating, abs=1e-9)
        assert split.average == pytest.approx(network.rating(indices).mean(), abs=1e-9)
        assert split.average + split.terms["stars"].sum() == pytest.approx(rating, abs=1e-9)
        assert split.average + split.largest(2)["stars"].sum() == pytest.approx(rating, abs=1e-9)


def test_biases_are_terms_of_their_own() -> None:
    network, indices = random_network(user_bias=True, head="sum"), random_indices(n=20)
    found = why.by_parts(network, one(indices, 3), indices).terms.set_index("name")["stars"]
    table = network.weights["user_bias/table"][:, 0]
    expected = table[indices["user_id"][3]] - table[indices["user_id"]].mean()
    assert found["Bias of the user"] == pytest.approx(expected)


def test_features_and_pairs_are_those_of_a_function_that_is_known() -> None:
    indices = random_indices(n=50)

    def rate(inputs):
        a, b, c = (inputs[name].astype(float) for name in ("gender", "age", "user_id"))
        return 3 + a + 2 * b * c

    example = one(indices, 11)
    found = why.by_features(rate, example, indices).terms.set_index("name")["stars"]
    a, b, c = (float(example[name][0]) for name in ("gender", "age", "user_id"))
    mean = {name: indices[name].mean() for name in ("gender", "age", "user_id")}
    both = (indices["age"] * indices["user_id"]).mean()
    assert found["Gender"] == pytest.approx(a - mean["gender"])
    assert found["Age"] == pytest.approx(2 * (b * mean["user_id"] - both))
    assert found[label(pair_words("age", "user_id"))] == pytest.approx(
        2 * (b * c - b * mean["user_id"] - c * mean["age"] + both)
    )
    others = [label(pair_words(*pair)) for pair in combinations(indices, 2) if set(pair) != {"age", "user_id"}]
    assert np.allclose(found[[*others, "Genres", label(why.REST)]], 0)


def test_the_sentence_and_the_picture_tell_the_same_numbers() -> None:
    network, indices = random_network(), random_indices(n=30)
    found = why.by_features(network.rating, one(indices, 2), indices)
    top = found.largest(3).iloc[0]
    text = found.sentence({"gender": "<b>", "age": "old", "genres": "none"})
    assert signed(top["stars"], 2) in text and f"{decimal(found.rating, 2)}." in text
    drawn = waterfall(found, "features", text, "w")
    assert sum(drawn.figure.data[0].x[:-1]) == pytest.approx(found.rating)
    constant = why.by_features(lambda inputs: np.full(len(inputs["age"]), 3.0), one(indices, 2), indices)
    assert "average one, 3.00 stars" in constant.sentence()


def test_no_background_is_said_so() -> None:
    indices = random_indices(n=3)
    nothing = {name: index[:0] for name, index in indices.items()}
    with pytest.raises(PredictionError, match="at least one rating"):
        why.by_features(random_network().rating, one(indices, 0), nothing)


def test_terms_that_come_to_nothing_are_not_named() -> None:
    terms = pd.DataFrame({"name": ["Age", "Year"], "features": [("age",), ("year",)], "stars": [0.02, -0.003]})
    found = why.Waterfall(3.5, terms, 3.517)
    assert found.sentence() == "From 3.50 stars, the average prediction, age +0.02 leads to 3.52."
    none = why.Waterfall(3.5, terms.assign(stars=[0.002, -0.003]), 3.499)
    assert none.sentence() == "The prediction is the average one, 3.50 stars: nothing here moves it."
