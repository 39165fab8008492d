"""A run as a script and a notebook in plain Keras, with the encoded ratings and the weights that they read."""

import io
import pprint
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.config.run import RunConfig
from dcn_core.data.encoder import EncodedData, encode
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import Split, split_rows
from dcn_core.errors import RunError
from dcn_core.export.blocks import Block, as_notebook, as_script, read_blocks
from dcn_core.model.shapes import embedding_dims, has_cross, has_deep
from dcn_core.runs.folder import RunFolder
from dcn_core.serving.predictor import Predictor

TEMPLATE = Path(__file__).resolve().parents[2] / "assets" / "standalone" / "reproduce.py"
MOST_EXPECTED = 2_000
"""Validation ratings whose predictions are compared."""
_WIDTH = 110
_WRITTEN_OUT = ("cross_kind", "embedding_dim", "embedding_dims")
"""Settings that the script does not read: they are the choice of its blocks, and the sizes among its features."""
_PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy")


def bundle(run: RunFolder) -> dict[str, bytes]:
    """Returns the files by name: script, notebook, what they read, and what to install.

    Raises:
        RunError: The run has not finished, has a setting that the script does not know, or learned from other ratings.
        DataError: Its ratings are not there any more.
    """
    config, encoder = run.config(), run.encoder()
    blocks = standalone(config, encoder.specs, run)
    dataset = load_dataset(config.data)
    run.check_ratings(dataset.fingerprint)
    data, split = encode(dataset, encoder, config.data), split_rows(dataset, config.data)
    asked = np.sort(np.random.default_rng(0).permutation(split.validation)[:MOST_EXPECTED])
    expected = Predictor.open(run.path).score(data.inputs(asked))
    return {
        "reproduce.py": as_script(blocks).encode(),
        "reproduce.ipynb": as_notebook(blocks).encode(),
        "ratings.npz": _arrays(_ratings(data, split, encoder.specs)),
        "weights.npz": _arrays(run.weights()),
        "expected.npz": _arrays({"rows": asked, "prediction": expected}),
        "requirements.txt": _requirements().encode(),
    }


def standalone(config: RunConfig, specs: tuple[FeatureSpec, ...], run: RunFolder | None = None) -> list[Block]:
    """Returns the blocks of the script: those of the template that the config needs, with its settings.

    Raises:
        RunError: A setting that the template does not know is not at its default.
    """
    source = TEMPLATE.read_text(encoding="utf-8")
    _check_known(config, source)
    settings = {
        "FEATURES": _features(config, specs),
        "MODEL": config.model.model_dump(mode="json"),
        "TRAIN": config.train.model_dump(mode="json"),
        "TARGET": config.data.target,
    }
    blocks = []
    for block in read_blocks(source):
        if not _is_needed(block, config):
            continue
        if block == Block("code", "settings", block.text):
            block = block._replace(text="\n".join(_assignment(*item) for item in settings.items()))
        if block.name == "about" and run is not None:
            block = block._replace(text=f"{block.text}\n\n{_about(run)}")
        blocks.append(block)
    return blocks


def _is_needed(block: Block, config: RunConfig) -> bool:
    model, train = config.model, config.train
    crosses = has_cross(model) and model.num_cross_layers > 0
    if block.name.startswith("cross"):
        return crosses and block.name in ("cross", f"cross {model.cross_kind}")
    if block.name.startswith("scores"):
        return block.name == f"scores {config.data.target}"
    if block.name == "dropout":
        return bool(model.dropout) and has_deep(model)
    if block.name == "deep":
        return has_deep(model)
    if block.name == "statistics":
        return model.batch_normalization
    if block.name == "schedule":
        return train.warmup_steps > 0 or train.learning_rate_schedule != "constant"
    return True


def _check_known(config: RunConfig, source: str) -> None:
    """Checks that every setting that matters is read somewhere in the template."""
    for part in (config.model, config.train):
        for name, field in type(part).model_fields.items():
            value = getattr(part, name)
            read = name in _WRITTEN_OUT or f'"{name}"' in source or f"'{name}'" in source
            if not read and value != field.default:
                raise RunError(
                    f"a script in plain Keras cannot be written for a run with {name} = {value}. "
                    f"Expected: {field.default}. Export the network itself, as .keras, ONNX or SavedModel."
                )


def _features(config: RunConfig, specs: tuple[FeatureSpec, ...]) -> dict[str, Any]:
    dims = embedding_dims(config.model, specs)
    return {
        spec.name: {
            "categories": 0 if spec.is_number else spec.vocabulary_size,
            "slots": spec.slots,
            "size": dims[spec.name],
            "number": spec.is_number,
        }
        for spec in specs
    }


def _assignment(name: str, value: Any) -> str:
    return f"{name} = {pprint.pformat(value, width=_WIDTH, sort_dicts=False)}"


def _about(run: RunFolder) -> str:
    """What the run was and what may be expected. Nothing that a person typed: it would be read as Markdown."""
    result, status = run.result() or {}, run.status()
    scores = ", ".join(
        f"{part} {metric.upper()} {value:.4f}"
        for part, values in result.get("scores", {}).items()
        if values
        for metric, value in values.items()
    )
    lines = [f"Run `{run.id}`: {scores}."]
    if status.state == "stopped" or run.record().get("continues"):
        lines.append(
            "It was stopped by hand or went on from another run, so training from the start ends at other weights; with the "
            "weights of the run, predictions are the same."
        )
    model = run.config().model
    if model.batch_normalization and model.normalization_position == "before_activation":
        lines.append(
            "Batch normalisation takes out the bias before it, whose gradient is then nothing but rounding: trained from the start, "
            "predictions come close but not within rounding."
        )
    lines.append(
        "`ratings.npz` comes from the run's ratings and is under their licence: MovieLens data may not be passed on."
    )
    return "\n\n".join(lines)


def _ratings(data: EncodedData, split: Split, specs: tuple[FeatureSpec, ...]) -> dict[str, np.ndarray]:
    found = data.inputs(np.arange(len(data.rating)))
    arrays = {f"input/{spec.name}": _small(found[spec.name]) for spec in specs}
    rows = {f"rows/{part}": chosen.astype(np.int32) for part, chosen in zip(Split._fields, split, strict=True)}
    return arrays | rows | {"label": data.rating}


def _small(values: np.ndarray) -> np.ndarray:
    """Whole numbers in as few bytes as they need."""
    if not np.issubdtype(values.dtype, np.integer) or not values.size:
        return values
    low, high = values.min(), values.max()
    return values.astype(
        next(kind for kind in (np.int8, np.int16, np.int32) if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
    )


def _arrays(arrays: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _requirements() -> str:
    lines = []
    for name in _PACKAGES:
        try:
            lines.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            continue
    return "\n".join(lines) + "\n"
