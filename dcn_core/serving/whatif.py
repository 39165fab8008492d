"""One question with some of its features changed: the rating as a function of one feature, or of two."""

from collections.abc import Mapping

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.errors import PredictionError
from dcn_core.serving.intervals import Score

Inputs = Mapping[str, np.ndarray]
"""One example: encoded features by name, `(1,)` or `(1, slots)`."""


def changed(
    inputs: Inputs, specs: Mapping[str, FeatureSpec], changes: Mapping[str, list[int]]
) -> dict[str, np.ndarray]:
    """The example with other values: of each changed feature, the indices of its categories; none at all for no genres.

    Raises:
        PredictionError: The network has no such feature, or more values were given than it reads.
    """
    result = dict(inputs)
    for name, values in changes.items():
        if name not in specs:
            raise PredictionError(f"a feature of this network is one of {', '.join(specs)}. Received: '{name}'.")
        spec = specs[name]
        if spec.slots == 1 and len(values) != 1:
            raise PredictionError(f"{name} has one value. Received: {len(values)}.")
        if len(values) > spec.slots:
            raise PredictionError(f"this network reads at most {spec.slots} values of {name}. Received: {len(values)}.")
        if spec.slots == 1:
            result[name] = spec.values(np.array(values))
        else:
            index = np.full((1, spec.slots), -1, np.int32)
            index[0, : len(values)] = values
            result[name] = index
    return result


def curve(score: Score, inputs: Inputs, spec: FeatureSpec, categories: np.ndarray) -> np.ndarray:
    """The raw rating with each of some categories of a feature, all else the same, `(len(categories),)`.

    A category of a multi-valued feature stands for itself alone.
    """
    size = len(categories)
    trial = {name: np.broadcast_to(index, (size, *index.shape[1:])) for name, index in inputs.items()}
    return score({**trial, spec.name: spec.values(categories)})


def board(
    score: Score,
    inputs: Inputs,
    specs: tuple[FeatureSpec, FeatureSpec],
    rows: np.ndarray,
    columns: np.ndarray,
) -> np.ndarray:
    """The raw rating with each combination of some categories of two features, `(rows, columns)`.

    Raises:
        PredictionError: Both are the same feature.
    """
    if specs[0].name == specs[1].name:
        raise PredictionError(f"a board needs two different features. Received: '{specs[0].name}' twice.")
    size = len(rows) * len(columns)
    trial = {name: np.broadcast_to(index, (size, *index.shape[1:])) for name, index in inputs.items()}
    a, b = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    trial |= {specs[0].name: specs[0].values(a), specs[1].name: specs[1].values(b)}
    return score(trial).reshape(len(rows), len(columns))
