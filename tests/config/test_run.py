"""The experiment as one value: bounds, cross-field rules, text overrides, fingerprints."""

import pytest

from dcn_core.config.presets import PRESETS, SECTIONS, preset_config
from dcn_core.config.run import RunConfig, override, parse_config
from dcn_core.errors import ConfigError


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("model.num_cross_layers=9", "model.num_cross_layers: .*less than or equal to 8. Received: 9"),
        ("model.num_cross_layers=-1", "greater than or equal to 0"),
        ("model.num_experts=17", "model.num_experts: .*less than or equal to 16. Received: 17"),
        ("model.num_experts=0", "greater than or equal to 1"),
        ("model.gate=hard", "model.gate: .*'softmax' or 'sigmoid'. Received: 'hard'"),
        ("model.expert_activation=relu", "'identity' or 'tanh'"),
        ("model.cross_kind=moe", "'mixture' or 'gated'"),
        ("model.layers=3", "unknown setting 'model.layers'"),
        ("train.learning_rate=fast", "train.learning_rate: .*number.*Received: 'fast'"),
        ("train.learning_rate=NaN", "finite"),
        ("train.epochs=2.5", "train.epochs"),
        ("train.epochs=true", "train.epochs"),
        ("train.optimizer=adamw", "'adam'"),
        ("data.features=[]", "data.features"),
        ("data.features=gender,gender", "each feature at most once"),
        ("data.features=gender,shoe_size", r"data.features may name genres, .*Received: shoe_size"),
        ("data.validation_fraction=0.5", None),
        ("data.validation_fraction=0", "greater than 0"),
        ("model.deep_layer_sizes=[64,0]", "model.deep_layer_sizes.1"),
        ("model.deep_layer_sizes=[]", "needs at least one deep layer"),
        ("epochs=3", "section.field=value"),
        ("train.epochs", "section.field=value"),
        ("training.epochs=3", "section one of data, model, train"),
    ],
)
def test_a_setting_is_checked_and_the_error_names_it(assignment: str, message: str | None) -> None:
    if message is None:
        assert override(RunConfig(), [assignment]) != RunConfig()
    else:
        with pytest.raises(ConfigError, match=message):
            override(RunConfig(), [assignment])


def test_validation_and_test_leave_rows_to_train_on() -> None:
    with pytest.raises(ConfigError, match=r"at most 0\.8"):
        override(RunConfig(), ["data.validation_fraction=0.5", "data.test_fraction=0.5"])


def test_a_bias_needs_its_id() -> None:
    with pytest.raises(ConfigError, match="user_bias needs 'user_id'"):
        override(RunConfig(), ["model.user_bias=true", "data.features=gender,age"])


def test_features_stand_in_one_order_however_they_are_given() -> None:
    config = override(RunConfig(), ["data.features=age,gender,genres"])
    assert config.data.features == ("genres", "gender", "age")


def test_values_may_be_json_or_plain_text() -> None:
    config = override(RunConfig(), ["model.deep_layer_sizes=[8,4]", "model.embedding_dim=auto", "data.source=a=b.zip"])
    assert config.model.deep_layer_sizes == (8, 4)
    assert config.model.embedding_dim == "auto"
    assert config.data.source == "a=b.zip"


def test_a_config_survives_json() -> None:
    config = preset_config("notebook")
    assert parse_config(config.model_dump(mode="json")) == config


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_valid_and_says_what_it_is(name: str) -> None:
    assert preset_config(name, "generated").data.source == "generated"
    assert PRESETS[name].about


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(ConfigError, match=r"preset must be one of .*notebook.*Received: 'nonsense'"):
        preset_config("nonsense")


@pytest.mark.parametrize(("section", "name"), [(s, n) for s, c in SECTIONS.items() for n in c.model_fields])
def test_every_setting_has_a_label_a_group_and_a_help_text(section: str, name: str) -> None:
    field = SECTIONS[section].model_fields[name]
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    assert extra["label"]
    assert extra["group"]
    assert field.description
    assert len(field.description) > 20


def test_equal_experiments_have_equal_fingerprints_and_others_do_not() -> None:
    config = RunConfig()
    assert config.fingerprint("data") == RunConfig().fingerprint("data")
    assert config.fingerprint("data") != config.fingerprint("other data")
    assert config.fingerprint("data") != override(config, ["train.seed=2"]).fingerprint("data")


def test_runs_of_earlier_versions_keep_their_fingerprint() -> None:
    assert RunConfig().fingerprint("abc") == "e395256e5e1b1046"  # as it was before there were likes
    for later in ("data.target=like", "model.id_l2=0.1", "model.deep_initializer=he_uniform", "train.monitor=mae"):
        assert override(RunConfig(), [later]).fingerprint("abc") != "e395256e5e1b1046"


def test_the_path_of_the_data_does_not_change_the_fingerprint() -> None:
    one, other = (override(RunConfig(), [f"data.source=/{place}/ml-1m.zip"]) for place in ("here", "there"))
    assert one.fingerprint("checksum") == other.fingerprint("checksum")
