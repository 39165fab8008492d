"""Saves a trained network in the three forms that others read."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import onnx
import tensorflow as tf

from dcn_core.config.features import FeatureSpec
from dcn_core.config.run import RunConfig
from dcn_core.model.background import in_background
from dcn_core.model.builder import build_model  # importing it registers the layers that `load_model` finds by name
from dcn_core.model.weights import load_named_weights, named_variables, named_weights

KERAS_FILE, ONNX_FILE, WEIGHTS_FILE = "model.keras", "model.onnx", "weights.npz"


class Exporter:
    """Exports one network. Its ONNX graph does not depend on the weights, so it can be made while they are trained."""

    def __init__(self) -> None:
        self._graph: Future[onnx.ModelProto] | None = None

    def begin(self, model: keras.Model) -> None:
        """Begins to make the graph of a model in a thread of its own."""
        self._graph = in_background(onnx_graph, model)

    def finish(self, model: keras.Model, folder: Path) -> None:
        """Writes `model.keras` (to go on training), `model.onnx` (to predict) and `weights.npz` (to look inside).

        The ONNX file takes one input per feature by its name, int32 `(batch,)` or `(batch, slots)`, float32 of a number,
        and returns `rating`, `(batch, 1)`. Prints nothing; takes half a second more if `begin` was not called.
        """
        weights = named_weights(model)
        with _quiet():
            model.save(folder / KERAS_FILE)
        write_onnx(self._graph.result() if self._graph else onnx_graph(model), weights, folder / ONNX_FILE)
        np.savez_compressed(folder / WEIGHTS_FILE, allow_pickle=False, **weights)


def rebuilt(config: RunConfig, specs: Sequence[FeatureSpec], weights: Mapping[str, np.ndarray]) -> keras.Model:
    """Returns the network of a run of its config and its weights by name, without reading code from a file."""
    model = build_model(config.model, specs, 0.0, config.train.seed, config.data.target)
    load_named_weights(model, weights)
    return model


def export_keras(
    config: RunConfig, specs: Sequence[FeatureSpec], weights: Mapping[str, np.ndarray], path: Path
) -> None:
    """Writes a run's network as Keras saves it."""
    with _quiet():
        rebuilt(config, specs, weights).save(path)


def export_saved_model(
    config: RunConfig, specs: Sequence[FeatureSpec], weights: Mapping[str, np.ndarray], folder: Path
) -> None:
    """Writes a run's network as a SavedModel, whose endpoint `serve` takes a dict of indices by feature."""
    model = rebuilt(config, specs, weights)
    with _quiet():
        model.export(folder, format="tf_saved_model", verbose=False)


def load_model(path: Path) -> keras.Model:
    """Returns the network of a `model.keras`. It has no optimiser."""
    return keras.saving.load_model(path, compile=False)


def load_weights_file(path: Path) -> dict[str, np.ndarray]:
    """Returns the named weights of a `weights.npz`."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def onnx_graph(model: keras.Model) -> onnx.ModelProto:
    """Returns the network in inference as ONNX, whose weights are inputs too, by their names of `named_weights`."""
    import tf2onnx  # here, for it can be loaded while a network trains

    weights = named_variables(model)
    features = [tf.TensorSpec(tensor.shape, tensor.dtype, tensor.name) for tensor in model.inputs]

    @tf.function(autograph=False)
    def output(inputs: Sequence[tf.Tensor], values: Sequence[tf.Tensor]) -> tf.Tensor:
        by_variable = dict(zip(map(id, weights.values()), values, strict=True))
        trained, state = (
            [by_variable.get(id(variable), variable.value) for variable in variables]
            for variables in (model.trainable_variables, model.non_trainable_variables)
        )
        by_name = {feature.name: tensor for feature, tensor in zip(features, inputs, strict=True)}
        return model.stateless_call(trained, state, by_name, training=False)[0]

    places = [tf.TensorSpec(weight.shape, weight.dtype, f"weight_{at}") for at, weight in enumerate(weights.values())]
    proto, _ = tf2onnx.convert.from_function(output, [features, places])
    graph = proto.graph
    _rename(graph, {f"weight_{at}": name for at, name in enumerate(weights)} | {graph.output[0].name: "rating"})
    for value in (*graph.input, *graph.output):
        if value.name not in weights:
            value.type.tensor_type.shape.dim[0].dim_param = "batch"
    return proto


def write_onnx(graph: onnx.ModelProto, weights: Mapping[str, np.ndarray], path: Path) -> None:
    """Writes an `onnx_graph` with its weights inside, and checks it."""
    proto = onnx.ModelProto()
    proto.CopyFrom(graph)
    features = [value for value in proto.graph.input if value.name not in weights]
    del proto.graph.input[:]
    proto.graph.input.extend(features)
    proto.graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in weights.items())
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def _rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Gives inputs and outputs of a graph other names."""
    for node in graph.node:
        for own in (node.input, node.output):
            own[:] = [names.get(old, old) for old in own]
    for value in (*graph.input, *graph.output):
        value.name = names.get(value.name, value.name)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences what Keras 3.15 itself does against NumPy 2: `__array__` without `copy`."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"__array__ implementation doesn't accept a copy", DeprecationWarning)
        yield
