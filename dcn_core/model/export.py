"""Saves a trained network in the three forms that others read."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import onnx

import dcn_core.model.builder  # noqa: F401 - registers the layers that `load_model` finds by name
from dcn_core.model.weights import named_weights

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
