"""Which features a trained cross network crosses, and how strongly.

Row i is always the feature of `x0` that is multiplied, column j the feature of `x` that it is crossed with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.insight.forward import forward, lookup
from dcn_core.model.shapes import feature_slices, has_cross, num_tokens

SAMPLE_ROWS = 4096
"""Ratings over which the strength on data is averaged: enough for two digits, quick in NumPy."""


@dataclass(frozen=True)
class Interactions:
    """Feature-by-feature matrices of every cross layer, `L` layers and `F` features.

    Attributes:
        feature_names: `F` names, in the order of both axes.
        block_sizes: `F` widths of the features' parts of `x0`.
        block_norm: `(L, F, F)`, the Frobenius norm of the block W_ij. It compares features only where their embeddings
            have equal scale. NaN where features share one block (`token_mean`).
        strength: `(L, F, F)`, E‖x0_i * (W_ij x_j)‖ over a sample of ratings. Under `token_mean`, where `x0` is the mean of the
            embeddings e, each feature's share of the mean takes the place of its block, in every layer.
    """

    feature_names: tuple[str, ...]
    block_sizes: np.ndarray
    block_norm: np.ndarray
    strength: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """The same as named arrays, as stored in a run's `insight.npz`."""
        return {
            "feature_names": np.array(self.feature_names),
            "block_sizes": self.block_sizes,
            "block_norm": self.block_norm,
            "strength": self.strength,
        }


def interactions(
    config: ModelConfig,
    specs: Sequence[FeatureSpec],
    weights: Mapping[str, np.ndarray],
    indices: Mapping[str, np.ndarray],
) -> Interactions:
    """Returns the feature-by-feature matrices of a trained network.

    Args:
        config: The architecture.
        specs: The input features, in the order in which they stand in x0.
        weights: As of `named_weights` or `weights.npz`.
        indices: Encoded features of a sample of ratings by name, `(n,)` or `(n, slots)`.
    """
    names = tuple(spec.name for spec in specs)
    slices = [feature_slices(config, specs)[name] for name in names]
    kernels = [effective_kernel(weights, number) for number in range(1, num_cross_layers(config) + 1)]
    shape = (len(kernels), len(names), len(names))
    block_norm, strength = np.full(shape, np.nan), np.zeros(shape)
    values = forward(config, specs, weights, indices)
    shared = config.combination == "token_mean"
    shares = _shares_of_mean(specs, weights, indices) if shared else []
    for layer, W in enumerate(kernels):
        x = values.cross_inputs[layer]
        for j, columns in enumerate(slices):
            x_j = shares[j] if shared else x[:, columns]
            product = x_j @ W[:, columns].T  # (n, d)
            for i, rows in enumerate(slices):
                x0_i = shares[i] if shared else values.x0[:, rows]
                strength[layer, i, j] = np.linalg.norm(x0_i * product[:, rows], axis=1).mean()
                if not shared:
                    block_norm[layer, i, j] = np.linalg.norm(W[rows, columns])
    sizes = np.array([rows.stop - rows.start for rows in slices])
    return Interactions(names, sizes, block_norm, strength)


def num_cross_layers(config: ModelConfig) -> int:
    """Number of cross layers that the network really has."""
    return config.num_cross_layers if has_cross(config) else 0


def effective_kernel(weights: Mapping[str, np.ndarray], number: int) -> np.ndarray:
    """The matrix W, `(d, d)`, of cross layer `number` (from 1), whatever its kind.

    1wᵀ for a vector layer (each row the same: it weighs what a feature is crossed with, not which one is), UVᵀ for a
    low-rank one.
    """
    name = f"cross_{number}"
    if f"{name}/w" in weights:
        w = weights[f"{name}/w"]
        return np.tile(w, (len(w), 1))
    if f"{name}/U" in weights:
        return weights[f"{name}/U"] @ weights[f"{name}/V"].T
    return weights[f"{name}/W"]


def _shares_of_mean(
    specs: Sequence[FeatureSpec], weights: Mapping[str, np.ndarray], indices: Mapping[str, np.ndarray]
) -> list[np.ndarray]:
    """What each feature adds to the mean of all tokens, `(n, d)` each; their sum is x0."""
    return [
        lookup(weights[f"embedding/{spec.name}"], indices[spec.name].reshape(-1, spec.slots)).sum(axis=1)
        / num_tokens(specs)
        for spec in specs
    ]
