import subprocess
import sys

import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.errors import ConfigError
from dcn_core.model.shapes import auto_embedding_dim, check_model, embedding_dims, feature_slices, has_gates, input_dim
from tests.model.examples import SPECS


@pytest.mark.parametrize(("vocabulary_size", "dim"), [(1, 6), (3, 8), (22, 13), (3707, 47), (6041, 53), (10**8, 256)])
def test_auto_embedding_dim_is_six_times_the_fourth_root(vocabulary_size, dim):
    assert auto_embedding_dim(vocabulary_size) == dim


def test_features_stand_side_by_side_in_x0():
    config = ModelConfig(embedding_dim="auto")
    assert embedding_dims(config, SPECS) == {"genres": 9, "gender": 8, "age": 9, "user_id": 11, "movie_id": 10}
    assert feature_slices(config, SPECS)["age"] == slice(17, 26)
    assert feature_slices(config, SPECS)["movie_id"].stop == input_dim(config, SPECS) == 47


def test_token_mean_gives_all_features_the_whole_of_x0():
    config = ModelConfig(embedding_dim="auto", combination="token_mean")
    assert set(embedding_dims(config, SPECS).values()) == {11}
    assert feature_slices(config, SPECS) == {spec.name: slice(0, 11) for spec in SPECS}
    assert input_dim(config, SPECS) == 11


@pytest.mark.parametrize("kind", ["low_rank", "mixture"])
def test_rank_is_checked_only_where_it_is_used(kind):
    config = ModelConfig(cross_kind=kind, embedding_dim=4, projection_dim=20)
    with pytest.raises(
        ConfigError, match=r"must be between 1 and 19 for `input_dim=20`. Received: 20. Choose the matrix"
    ):
        check_model(config, SPECS)
    check_model(config.model_copy(update={"projection_dim": 19}), SPECS)
    check_model(config.model_copy(update={"cross_kind": "gated"}), SPECS)
    check_model(config.model_copy(update={"structure": "deep"}), SPECS)
    check_model(config.model_copy(update={"num_cross_layers": 0}), SPECS)
    with pytest.raises(ConfigError, match=r"at least 2. Received: 1. Choose a larger embedding size"):
        check_model(config.model_copy(update={"embedding_dim": 1}), SPECS[:1])


def test_gates_are_where_a_mixture_or_gated_layer_is():
    gated = ModelConfig(cross_kind="gated")
    assert has_gates(gated) and has_gates(ModelConfig(cross_kind="mixture"))
    assert not has_gates(gated.model_copy(update={"structure": "deep"}))
    assert not has_gates(gated.model_copy(update={"num_cross_layers": 0}))
    assert not has_gates(ModelConfig())


def test_bias_without_its_id_is_an_error():
    with pytest.raises(ConfigError, match=r"user_bias needs the feature 'user_id'. Received: \['genres'\]. Add"):
        check_model(ModelConfig(user_bias=True), SPECS[:1])


def test_model_needs_each_feature_once():
    with pytest.raises(ConfigError, match=r"at least one feature.*Received: \[\]"):
        check_model(ModelConfig(), ())
    with pytest.raises(ConfigError, match="at most once"):
        check_model(ModelConfig(), (FeatureSpec("age", 8), FeatureSpec("age", 8)))


def test_sizes_costs_and_the_numpy_twin_need_no_tensorflow():
    code = "import sys, dcn_core.model.cost, dcn_core.insight.forward; assert not {'keras', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_features_may_have_embedding_sizes_of_their_own():
    specs = (FeatureSpec("gender", 3), FeatureSpec("user_id", 100), FeatureSpec("movie_id", 50))
    config = ModelConfig(embedding_dim=8, embedding_dims=" user_id = 32,gender=2, height=9 ")
    assert config.embedding_dims == "user_id=32, gender=2, height=9"
    assert embedding_dims(config, specs) == {"gender": 2, "user_id": 32, "movie_id": 8}
    averaged = config.model_copy(update={"combination": "token_mean"})
    assert set(embedding_dims(averaged, specs).values()) == {8}


@pytest.mark.parametrize(
    "text", ["user_id", "user_id=0", "user_id=257", "user_id=99999999999", "a b=3", "x=1, x=2", "x=²"]
)
def test_sizes_that_cannot_be_read_are_errors(text):
    with pytest.raises(ValueError, match=r"feature=size, each feature once, with sizes from 1 to 256"):
        ModelConfig(embedding_dims=text)
