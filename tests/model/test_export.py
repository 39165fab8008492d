import json
import warnings

import numpy as np
import onnx
import onnxruntime
import pytest

from dcn_core.config.model import ModelConfig
from dcn_core.config.presets import preset_config
from dcn_core.model.builder import build_model, split_model
from dcn_core.model.export import Exporter, load_model, load_weights_file
from dcn_core.model.weights import named_weights
from tests.model.examples import SPECS, predict, random_indices, randomize
from tests.model.test_builder import NOTEBOOK_SPECS

CASES = {
    "default": (ModelConfig(embedding_dim=4), SPECS),
    "notebook": (preset_config("notebook").model, NOTEBOOK_SPECS),
    "everything": (
        ModelConfig(
            embedding_dim="auto",
            head="sum",
            genre_pooling="sum",
            cross_kind="low_rank",
            activation="gelu",
            batch_normalization=True,
            dropout=0.2,
            embedding_l2=0.1,
            cross_l2=0.1,
            deep_l2=0.1,
            user_bias=True,
            movie_bias=True,
        ),
        SPECS,
    ),
    "mixture": (ModelConfig(embedding_dim=4, cross_kind="mixture", projection_dim=3), SPECS),
    "mixture, sigmoid gates, tanh": (
        ModelConfig(
            structure="stacked",
            combination="token_mean",
            cross_kind="mixture",
            projection_dim=3,
            num_experts=2,
            gate="sigmoid",
            expert_activation="tanh",
        ),
        SPECS,
    ),
    "gated": (ModelConfig(embedding_dim=4, cross_kind="gated", head="average"), SPECS),
    "stacked silu": (ModelConfig(structure="stacked", activation="silu"), SPECS[:2]),
    "one feature": (ModelConfig(structure="cross", activation="tanh"), SPECS[1:2]),
}


@pytest.fixture(scope="module", params=list(CASES))
def exported(request, tmp_path_factory):
    config, specs = CASES[request.param]
    model = build_model(config, specs, 3.5, seed=1)
    randomize(model)
    split_model(model)  # as the trainer does; it must leave the model whole
    folder = tmp_path_factory.mktemp("run")
    Exporter().finish(model, folder)
    return model, specs, folder


def test_onnx_agrees_with_keras_on_any_batch(exported):
    model, specs, folder = exported
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    for n in (1, 32, 500):
        indices = random_indices(specs, n)
        (rating,) = session.run(["rating"], indices)
        assert rating.shape == (n, 1)
        np.testing.assert_allclose(rating[:, 0], predict(model, indices), rtol=1e-6, atol=2e-6)


def test_onnx_takes_int32_by_feature_name(exported):
    _, specs, folder = exported
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    inputs = {value.name: (value.type, value.shape) for value in session.get_inputs()}
    assert inputs == {
        spec.name: ("tensor(int32)", ["batch", spec.slots] if spec.slots > 1 else ["batch"]) for spec in specs
    }
    assert [(value.name, value.shape) for value in session.get_outputs()] == [("rating", ["batch", 1])]


def test_onnx_reads_the_unknown_row_for_an_index_out_of_range(exported):
    _, specs, folder = exported
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    indices = random_indices(specs, 1)
    results = []
    for index in (0, 2**31 - 1):
        indices[specs[-1].name] = (
            np.array([index], np.int32) if specs[-1].slots == 1 else np.full((1, specs[-1].slots), index, np.int32)
        )
        results.append(session.run(["rating"], indices)[0])
    np.testing.assert_array_equal(*results)


def test_onnx_holds_the_weights_by_their_names(exported):
    model, _, folder = exported
    weights = named_weights(model)
    held = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(folder / "model.onnx").graph.initializer}
    for name in weights:
        np.testing.assert_array_equal(held[name], weights[name])


def test_onnx_of_a_graph_that_was_begun_before_the_weights_were_trained(tmp_path):
    config, specs = CASES["everything"]
    model = build_model(config, specs, 3.5, seed=1)
    exporter = Exporter()
    exporter.begin(model)
    randomize(model)
    exporter.finish(model, tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    indices = random_indices(specs, 32)
    np.testing.assert_allclose(session.run(None, indices)[0][:, 0], predict(model, indices), rtol=1e-6, atol=2e-6)


def test_saved_model_loads_as_it_was(exported):
    model, specs, folder = exported
    loaded = load_model(folder / "model.keras")
    indices = random_indices(specs)
    np.testing.assert_array_equal(predict(loaded, indices), predict(model, indices))
    assert len(loaded.losses) == len(model.losses)
    assert json.loads(loaded.to_json()) == json.loads(model.to_json())


def test_weights_file_holds_the_named_weights(exported):
    model, _, folder = exported
    weights, saved = named_weights(model), load_weights_file(folder / "weights.npz")
    assert list(saved) == list(weights)
    for name in weights:
        np.testing.assert_array_equal(saved[name], weights[name])


def test_export_prints_and_warns_nothing(tmp_path, capfd):
    model = build_model(ModelConfig(structure="deep"), SPECS[1:2], 3.5, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Exporter().finish(model, tmp_path)
    printed = capfd.readouterr()
    assert printed.out == ""
    # TensorFlow's own start-up lines depend on TF_CPP_MIN_LOG_LEVEL, which is the process's business.
    assert [line for line in printed.err.splitlines() if not line.startswith(("I0000", "W0000"))] == []
