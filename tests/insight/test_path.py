"""One example's way through the network is the network itself, number by number."""

import numpy as np
import pytest

from dcn_core.insight.forward import forward
from dcn_core.insight.path import example_row, path
from tests.insight.networks import KINDS, SPECS, random_indices, random_network

NAMES = {spec.name: [f"{spec.name} {index}" for index in range(spec.vocabulary_size)] for spec in SPECS}
NETWORKS = [
    *({"cross_kind": kind} for kind in KINDS),
    {"structure": "stacked"},
    {"structure": "cross"},
    {"structure": "deep"},
    {"head": "average", "user_bias": True},
    {"head": "sum"},
    {"combination": "token_mean", "cross_kind": "vector"},
    {"num_cross_layers": 0},
]


@pytest.mark.parametrize("settings", NETWORKS, ids=str)
@pytest.mark.parametrize("example", [0, 7])
def test_every_number_on_the_way_is_that_of_the_network(settings: dict[str, object], example: int) -> None:
    network = random_network(**settings)
    indices = {name: index[example : example + 1] for name, index in random_indices().items()}
    found, values = path(network, indices, NAMES), forward(*network, indices)
    assert found.rating == pytest.approx(values.rating[0])
    assert sum(found.contributions.values()) == pytest.approx(found.rating)
    layers = found.layers.set_index(["part", "layer"])
    assert layers.loc[("x0", 0), "norm"] == pytest.approx(np.linalg.norm(values.x0))
    for number, x in enumerate(values.crosses, start=1):
        assert layers.loc[("cross", number), "norm"] == pytest.approx(np.linalg.norm(x))
    for number, x in enumerate(values.deep, start=1):
        assert layers.loc[("deep", number), "active"] == (x > 0).sum()
    if "cross" in found.contributions:  # x_L is x0 and what each layer adds
        assert found.layers["stars"].sum() == pytest.approx(found.contributions["cross"])
    else:
        assert found.layers["stars"].isna().all()


def test_the_categories_on_the_way_are_named_and_empty_slots_are_none() -> None:
    indices = {name: index[:1] for name, index in random_indices().items()}
    features = path(random_network(), indices, NAMES).features.set_index("feature")
    assert features.loc["genres", "categories"] == "none" and features.loc["genres", "norm"] == 0
    age = int(indices["age"][0])
    assert features.loc["age", "categories"] == f"age {age}" and features.loc["age", "indices"] == [age]


def test_the_sentence_tells_prediction_and_rating() -> None:
    indices = {name: index[1:2] for name, index in random_indices().items()}
    found = path(random_network(head="sum", user_bias=True), indices, NAMES)
    text = found.sentence(4.0)
    assert f"lead to {found.rating:.2f}" in text and "real rating is 4" in text and "user's bias" in text
    assert "has not rated" in found.sentence()


def test_another_number_is_another_example() -> None:
    rows = np.arange(100, 200)
    assert len({example_row(rows, number) for number in range(5)}) > 1
    assert example_row(rows, 3) == example_row(rows, 3) and example_row(rows) in rows
