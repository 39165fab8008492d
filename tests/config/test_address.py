"""An experiment in an address: there and back, and whatever an address may say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcn_core.config.address import MOST_LETTERS, differ, from_query, names, to_query
from dcn_core.config.presets import PRESETS, preset_config
from dcn_core.config.run import override
from tests.fuzz import fuzz


def there_and_back(assignments: list[str], preset: str = "default") -> dict[str, str]:
    """The query of a preset with some settings changed, after it has been seen to give the same values again."""
    values = override(preset_config(preset), assignments).model_dump(mode="json")
    query = to_query(values, preset)
    name, settings, problems = from_query(query)
    base = preset_config(name).model_dump(mode="json")
    for section, fields in values.items():
        for field, value in fields.items():
            assert not differ(settings.get((section, field), base[section][field]), value), (section, field)
    assert name == preset and problems == []
    return query


def test_an_address_names_only_what_differs() -> None:
    assert there_and_back([]) == {}
    assert there_and_back(["train.epochs=4", "model.user_bias=true"]) == {"epochs": "4", "user_bias": "true"}
    assert there_and_back(["model.deep_layer_sizes=[32]", 'data.features=["age"]']) == {
        "deep_layer_sizes": "32",
        "features": "age",
    }
    changed = ["model.structure=cross", "model.deep_layer_sizes=[]", "model.embedding_dim=auto", "model.cross_l2=1e-6"]
    assert there_and_back(changed)["deep_layer_sizes"] == ""
    assert there_and_back(["train.seed=9"], "notebook") == {"preset": "notebook", "seed": "9"}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_written_as_differences_from_another_is_the_same_again(name: str) -> None:
    values = preset_config(name).model_dump(mode="json")
    _, settings, problems = from_query(to_query(values, "default"))
    read = preset_config("default").model_dump(mode="json")
    for (section, field), value in settings.items():
        read[section][field] = value
    assert problems == []
    assert all(not differ(read[s][f], values[s][f]) for s, fields in values.items() for f in fields)


def test_the_order_of_features_says_nothing_and_that_of_layers_does() -> None:
    assert not differ(["age", "gender"], ("gender", "age"))
    assert differ((64, 32), [32, 64])


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"epochs": "0"}, "epochs: Input should be greater than or equal to 1. Received: 0"),
        ({"epochs": "many"}, "epochs: Input should be a valid integer. Received: 'many'"),
        ({"optimizer": "adamw"}, "optimizer: Input should be 'adam'"),
        ({"deep_layer_sizes": "64,0"}, "deep_layer_sizes.1: .*greater than or equal to 1"),
        ({"depth": "4"}, "there is no setting 'depth'"),
        ({"preset": "best"}, "preset must be one of default.*Received: 'best'"),
        ({"source": "x" * (MOST_LETTERS + 1)}, "at most 4,096 letters"),
        ({"learning_rate": "NaN"}, "learning_rate"),
        ({"features": "[" * 4000}, "features"),
    ],
)
def test_a_wrong_entry_is_named_and_the_others_are_kept(query: dict[str, str], problem: str) -> None:
    preset, settings, problems = from_query(query | {"dropout": "0.25"})
    assert preset == "default" and settings == {("model", "dropout"): 0.25}
    assert len(problems) == 1 and re.search(problem, problems[0])


@fuzz(60)
@given(st.dictionaries(st.sampled_from([*names(), "preset"]) | st.text(max_size=5), st.text(max_size=30)))
def test_any_address_gives_valid_values_or_a_sentence(query: dict[str, str]) -> None:
    preset, settings, problems = from_query(query)
    assert preset in PRESETS
    assert len(settings) + len(problems) == len(query) - ("preset" in query and preset == query["preset"])
    assert all(isinstance(problem, str) and problem for problem in problems)
