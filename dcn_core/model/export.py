"""Saves a trained network in the three forms that others read."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import onnx

from dcn_core.config.features import FeatureSpec
from dcn_core.config.run import RunConfig
from dcn_core.model.builder import build_model  # importing it registers the layers that `load_model` finds by name
from dcn_core.model.weights import load_named_weights, named_weights

KERAS_FILE, ONNX_FILE, WEIGHTS_FILE = "model.keras", "model.onnx", "weights.npz"


def export_model(model: keras.Model, folder: Path) -> None:
    """Writes `model.keras` (to go on training), `model.onnx` (to predict) and `weights.npz` (to look inside).

    The ONNX file takes one input per feature by its name, int32 `(batch,)` or `(batch, slots)`, float32 of a number, and
    returns `rating`, `(batch, 1)`. Takes about a second and prints nothing.
    """
    with _quiet():
        model.save(folder / KERAS_FILE)
    export_onnx(model, folder / ONNX_FILE)
    np.savez_compressed(folder / WEIGHTS_FILE, allow_pickle=False, **named_weights(model))


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


def export_onnx(model: keras.Model, path: Path) -> None:
    """Writes the network in inference as ONNX, and checks the file."""
    model(
        {tensor.name: np.zeros((1, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs}
    )  # Keras wants a first call
    with _quiet():
        model.export(path, format="onnx", verbose=False)
    proto = onnx.load(path)
    _rename_output(proto.graph, "rating")
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def _rename_output(graph: onnx.GraphProto, name: str) -> None:
    """Gives the only output of a graph a name in place of the converter's "Identity:0"."""
    (output,) = graph.output
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [name if old == output.name else old for old in names]
    output.name = name


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences what Keras 3.15 itself does against NumPy 2: `np.object`, and `__array__` without `copy`."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"In the future `np\.object`", FutureWarning)
        warnings.filterwarnings("ignore", r"__array__ implementation doesn't accept a copy", DeprecationWarning)
        yield
