"""Which features a trained cross network crosses, and how strongly.

Row i is always the feature of `x0` that is multiplied, column j the feature of `x` that it is crossed with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.errors import PredictionError
from dcn_core.insight.forward import Forward, cross_gate, cross_product, forward, token_sums
from dcn_core.insight.wording import pair_words, percent, sentence
from dcn_core.model.shapes import feature_slices, has_cross, num_tokens

SAMPLE_ROWS = 4096
"""Ratings over which the strength on data is averaged: enough for two digits, quick in NumPy."""


def sample_rows(rows: np.ndarray) -> np.ndarray:
    """At most `SAMPLE_ROWS` of some rows, spread evenly over them."""
    return rows[:: max(1, len(rows) // SAMPLE_ROWS)][:SAMPLE_ROWS]


@dataclass(frozen=True)
class Interactions:
    """Feature-by-feature matrices of every cross layer, `L` layers and `F` features.

    Attributes:
        feature_names: `F` names, in the order of both axes.
        block_sizes: `F` widths of the features' parts of `x0`.
        block_norm: `(L, F, F)`, the Frobenius norm of the block W_ij of `effective_kernel`. It compares features only where
            their embeddings have equal scale. NaN where features share one block (`token_mean`).
        strength: `(L, F, F)`, E‖x0_i * (W_ij x_j)‖ over a sample of ratings. Where a layer has gates, each rating's own gates
            count, and so do the slopes of an expert's activation: `cross_product`. Under `token_mean`, where `x0` is the mean
            of the embeddings e, each feature's share of the mean takes the place of its block, in every layer.
        gates: `(L, K)`, mean gate of each expert over the sample; `(L, 0)` where layers have no experts.
    """

    feature_names: tuple[str, ...]
    block_sizes: np.ndarray
    block_norm: np.ndarray
    strength: np.ndarray
    gates: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def norm_per_size(self) -> np.ndarray:
        """`(L, F, F)`, the block norm divided by √(rows · columns): a wide embedding is not strong for its width alone."""
        return self.block_norm / np.sqrt(np.outer(self.block_sizes, self.block_sizes))

    def summary(self) -> pd.DataFrame:
        """The whole network's pairs of features, strongest first.

        Returns:
            `feature`, `other` (in the order of `feature_names`; the same for a feature crossed with itself), `strength` (of
            both directions in all layers, in units of x), `share` of the sum of all strengths, `block_norm` and
            `norm_per_size` (root of the sum of squares over directions and layers).
        """
        strength = symmetrised(self.strength.sum(axis=0))
        norms = [np.sqrt(symmetrised((norm**2).sum(axis=0))) for norm in (self.block_norm, self.norm_per_size)]
        frame = pair_frame(self.feature_names, strength=strength, block_norm=norms[0], norm_per_size=norms[1])
        frame.insert(3, "share", frame["strength"] / max(frame["strength"].sum(), 1e-300))
        return frame.sort_values("strength", ascending=False, ignore_index=True, kind="stable")

    def sentence(self) -> str:
        """What the summary says first."""
        if len(self.strength) == 0:
            return "This network has no cross layers, so it crosses nothing explicitly."
        top = self.summary().iloc[0]
        return sentence(
            f"{pair_words(top['feature'], top['other'])} are crossed most: {percent(top['share'])} of the strength of all "
            f"pairs, over {len(self.strength)} cross layer{'s' if len(self.strength) > 1 else ''}."
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """The same as named arrays, as stored in a run's `insight.npz`."""
        return {
            "feature_names": np.array(self.feature_names),
            "block_sizes": self.block_sizes,
            "block_norm": self.block_norm,
            "strength": self.strength,
            "gates": self.gates,
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
    values = forward(config, specs, weights, indices)
    gates = mean_gates(config, weights, values)
    shape = (len(gates), len(names), len(names))
    block_norm, strength = np.full(shape, np.nan), np.zeros(shape)
    shared = config.combination == "token_mean"
    shares = shares_of_mean(specs, weights, indices) if shared else []
    for layer, x in enumerate(values.cross_inputs):
        W = effective_kernel(weights, layer + 1, gates[layer])
        for j, columns in enumerate(slices):
            x_j = shares[j] if shared else x[:, columns]
            product = cross_product(config, weights, layer + 1, x, x_j, columns=columns)
            product = np.broadcast_to(product, x.shape)  # a vector layer has one number for all rows
            for i, rows in enumerate(slices):
                x0_i = shares[i] if shared else values.x0[:, rows]
                strength[layer, i, j] = np.linalg.norm(x0_i * product[:, rows], axis=1).mean()
                if not shared:
                    block_norm[layer, i, j] = np.linalg.norm(W[rows, columns])
    sizes = np.array([rows.stop - rows.start for rows in slices])
    return Interactions(names, sizes, block_norm, strength, gates)


def symmetrised(matrix: np.ndarray) -> np.ndarray:
    """Both directions of each pair added, `(F, F)`; the diagonal, which has one direction, stays."""
    return matrix + matrix.T - np.diag(np.diag(matrix))


def pair_frame(feature_names: Sequence[str], *, itself: bool = True, **matrices: np.ndarray) -> pd.DataFrame:
    """Returns symmetric matrices `(F, F)` as one row per pair: `feature`, `other`, and one column per matrix.

    Args:
        feature_names: `F` names; in a pair they keep this order.
        itself: Whether a feature's pair with itself has a row.
        **matrices: Columns by name.
    """
    i, j = np.triu_indices(len(feature_names), 0 if itself else 1)
    names = np.array(feature_names, dtype=object)
    return pd.DataFrame(
        {"feature": names[i], "other": names[j]} | {name: matrix[i, j] for name, matrix in matrices.items()}
    )


def num_cross_layers(config: ModelConfig) -> int:
    """Number of cross layers that the network really has."""
    return config.num_cross_layers if has_cross(config) else 0


def mean_gates(config: ModelConfig, weights: Mapping[str, np.ndarray], values: Forward) -> np.ndarray:
    """The mean gate of each expert over the ratings of a forward pass, `(L, K)`; `(L, 0)` where layers have no experts."""
    if config.cross_kind != "mixture" or not values.crosses:
        return np.zeros((len(values.crosses), 0))
    layers = enumerate(values.cross_inputs, start=1)
    return np.array([cross_gate(config, weights, number, x).mean(axis=0) for number, x in layers])


def effective_kernel(weights: Mapping[str, np.ndarray], number: int, gates: np.ndarray | None = None) -> np.ndarray:
    """The matrix W, `(d, d)`, of cross layer `number` (from 1), whatever its kind.

    1wᵀ for a vector layer (each row the same: it weighs what a feature is crossed with, not which one is), UVᵀ for a
    low-rank one, and W before its gate for a gated one. A mixture has no single matrix: this is the mean of its experts,
    Σ_i E[G_i] U_i C_i V_iᵀ. It stands for them as far as gates hardly vary, and only where the experts' activation is the
    identity.

    Args:
        weights: As of `named_weights` or `weights.npz`.
        number: The layer.
        gates: E[G], `(K,)`, as of `mean_gates`; read for a mixture only.

    Raises:
        PredictionError: A mixture came without its mean gates.
    """
    name = f"cross_{number}"
    if f"{name}/C" in weights:
        if gates is None:
            raise PredictionError(
                "the experts of a mixture are weighed by their mean gates. Received: none. Give those of `mean_gates`."
            )
        U, C, V = (weights[f"{name}/{letter}"] for letter in "UCV")
        return (gates[:, None, None] * U @ C @ V.swapaxes(1, 2)).sum(axis=0)
    if f"{name}/W" in weights:
        return weights[f"{name}/W"]
    if f"{name}/w" in weights:
        w = weights[f"{name}/w"]
        return np.tile(w, (len(w), 1))
    return weights[f"{name}/U"] @ weights[f"{name}/V"].T


def shares_of_mean(
    specs: Sequence[FeatureSpec], weights: Mapping[str, np.ndarray], indices: Mapping[str, np.ndarray]
) -> list[np.ndarray]:
    """What each feature adds to the mean of all tokens, `(n, d)` each; their sum is x0."""
    return [total / num_tokens(specs) for total in token_sums(specs, weights, indices)]
