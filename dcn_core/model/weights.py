"""The weights of a network by name, in the orientation of the mathematics. The format of `weights.npz`."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from dcn_core.errors import RunError


def named_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns every weight of a built model as a NumPy array.

    The names are `embedding/<feature>`, `cross_<l>/w|W|U|V|C|G|Wg|b`, `deep_<k>/kernel|bias`, with batch normalisation
    `deep_<k>/gamma|beta|moving_mean|moving_variance`, `head/kernel|bias` or `cross_head/...` and `deep_head/...`,
    `user_bias/table`, `movie_bias/table`. Layers count from 1: `cross_<l>` makes x_l of x_(l-1).
    """
    return {name: np.array(variable.numpy()) for name, variable in named_variables(model).items()}


def load_named_weights(model: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    """Puts weights as of `named_weights` into a model of the same architecture.

    Raises:
        RunError: A name is missing or too many, or a shape differs.
    """
    variables = named_variables(model)
    if set(variables) != set(weights):
        raise RunError(
            f"the weights do not belong to this model. Missing: {sorted(set(variables) - set(weights))}, "
            f"unknown: {sorted(set(weights) - set(variables))}. Use the config of the run that saved them."
        )
    for name, variable in variables.items():
        if tuple(variable.shape) != tuple(weights[name].shape):
            raise RunError(
                f"weight '{name}' must have shape {tuple(variable.shape)}. Received: {tuple(weights[name].shape)}. "
                "Use the config of the run that saved it."
            )
    for name, variable in variables.items():
        variable.assign(weights[name])


def named_variables(model: keras.Model) -> dict[str, Any]:
    """The model's variables by the names of `named_weights`, without the state of random generators."""
    variables = {}
    for layer in model.layers:
        owner = layer.name.removesuffix("_normalization")
        for variable in layer.weights:
            if owner.startswith("embedding_"):
                variables[f"embedding/{owner.removeprefix('embedding_')}"] = variable
            else:
                variables[f"{owner}/{variable.name}"] = variable
    return variables
