"""The network once more in plain NumPy: every intermediate value, without TensorFlow.

It is the oracle of the model's tests, and what the app computes insight with. It runs in the precision of the weights it
is given: float64 weights make it a float64 network.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.model.shapes import has_cross, has_deep, has_two_heads, num_tokens

BATCH_NORMALIZATION_EPSILON = 1e-3
"""Keras's default, added to the variance."""

WHOLE = slice(None)

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Forward:
    """The values of a network on n examples.

    Attributes:
        x0: Input of cross and deep part, `(n, d)`.
        crosses: Outputs x_1 ... x_L of the cross layers, each `(n, d)`; empty without cross layers.
        deep: Outputs of the deep layers, first to last, each `(n, size)`; empty without a deep part.
        contributions: What adds up to the rating, each `(n,)`: `cross` and `deep` (the parts' weighted sums in the head),
            `bias` (of the head), `user_bias`, `movie_bias`; only those the network has. A stacked network has no `cross`.
        rating: The raw, unclipped output, `(n,)`.
    """

    x0: np.ndarray
    crosses: tuple[np.ndarray, ...]
    deep: tuple[np.ndarray, ...]
    contributions: dict[str, np.ndarray]
    rating: np.ndarray

    @property
    def cross_inputs(self) -> tuple[np.ndarray, ...]:
        """The input x of each cross layer: x0, x_1, ... x_(L-1), each `(n, d)`."""
        return (self.x0, *self.crosses)[: len(self.crosses)]


def forward(
    config: ModelConfig, specs: Sequence[FeatureSpec], weights: Weights, indices: Mapping[str, np.ndarray]
) -> Forward:
    """Returns all values of the network in inference.

    Args:
        config: The architecture.
        specs: The input features, in the order in which they stand in x0.
        weights: As of `named_weights` or `weights.npz`.
        indices: Encoded features by name, `(n,)` or `(n, slots)`.
    """
    x0 = combine(config, specs, weights, indices)
    crosses: list[np.ndarray] = []
    if has_cross(config):
        for number in range(1, config.num_cross_layers + 1):
            crosses.append(cross(config, weights, number, x0, crosses[-1] if crosses else x0))
    x_last = crosses[-1] if crosses else x0
    deep: list[np.ndarray] = []
    if has_deep(config):
        x = x_last if config.structure == "stacked" else x0
        for number in range(1, len(config.deep_layer_sizes) + 1):
            x = dense(config, weights, number, x)
            deep.append(x)
    parts = {}
    if config.structure in ("parallel", "cross"):
        parts["cross"] = x_last
    if has_deep(config):
        parts["deep"] = deep[-1]
    contributions = head(config, weights, parts)
    for bias, feature in (("user_bias", "user_id"), ("movie_bias", "movie_id")):
        if getattr(config, bias):
            contributions[bias] = lookup(weights[f"{bias}/table"], indices[feature])[:, 0]
    return Forward(x0, tuple(crosses), tuple(deep), contributions, np.sum(list(contributions.values()), axis=0))


def combine(
    config: ModelConfig, specs: Sequence[FeatureSpec], weights: Weights, indices: Mapping[str, np.ndarray]
) -> np.ndarray:
    """x0, `(n, d)`: the features' embeddings side by side, or the mean of all tokens with empty slots as unknown."""
    if config.combination == "token_mean":
        tokens = token_sums(specs, weights, indices)
        return np.sum(tokens, axis=0) / weights[f"embedding/{specs[0].name}"].dtype.type(num_tokens(specs))
    vectors = []
    for spec in specs:
        if spec.is_number:
            vectors.append(number_vectors(spec, weights, indices[spec.name]))
            continue
        table, index = weights[f"embedding/{spec.name}"], indices[spec.name]
        vector = lookup(table, index)
        if index.ndim == 2:
            filled = (index >= 0).astype(table.dtype)[:, :, None]  # (n, slots, 1)
            vector = (vector * filled).sum(axis=1)
            if config.genre_pooling == "mean":
                vector = vector / np.maximum(filled.sum(axis=1), 1)
        vectors.append(vector)
    return np.concatenate(vectors, axis=1)


def token_sums(specs: Sequence[FeatureSpec], weights: Weights, indices: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The sum of each feature's tokens, `(n, d)` each."""
    return [
        number_vectors(spec, weights, indices[spec.name])
        if spec.is_number
        else lookup(weights[f"embedding/{spec.name}"], indices[spec.name].reshape(-1, spec.slots)).sum(axis=1)
        for spec in specs
    ]


def number_vectors(spec: FeatureSpec, weights: Weights, numbers: np.ndarray) -> np.ndarray:
    """The part of x0 of a numeric feature, `(n, e)`: its embedding scaled by the number, or the number itself."""
    missing = np.isnan(numbers)[:, None]
    table = weights.get(f"embedding/{spec.name}", np.array([[0], [1]], weights[next(iter(weights))].dtype))
    return np.where(missing, table[0], numbers[:, None].astype(table.dtype) * table[1])


def lookup(table: np.ndarray, index: np.ndarray) -> np.ndarray:
    """The table's row of each index, `index.shape + (e,)`; row 0 where the table has no such row."""
    return table[np.where((index >= 0) & (index < len(table)), index, 0)]


def cross(config: ModelConfig, weights: Weights, number: int, x0: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Output x_l, `(n, d)`, of cross layer l = `number`, counted from 1. Eq. (1) to (4) of arXiv:2008.13535, and GDCN's.

    A layer without gates may be given by its matrix W alone, as `full_kernels` does; its bias stays where its kind has it.
    """
    b = weights[f"cross_{number}/b"]
    product = cross_product(config, weights, number, x, x)
    if config.cross_kind == "vector":
        return x0 * product + b + x
    if config.cross_kind == "mixture":
        b = b * cross_gate(config, weights, number, x).sum(axis=1, keepdims=True)
    if config.cross_kind == "gated":
        b = b * cross_gate(config, weights, number, x)
    return x0 * (product + b) + x


def cross_product(
    config: ModelConfig,
    weights: Weights,
    number: int,
    x: np.ndarray,
    part: np.ndarray,
    rows: slice = WHOLE,
    columns: slice = WHOLE,
) -> np.ndarray:
    """What a part of x adds to W x of cross layer `number`, counted from 1, or to what stands in its place.

    The gates, and the slopes g(z) / z of an expert's activation, are those that the whole x sets. So parts that sum to x
    have products that sum to the layer's, whatever its kind.

    Args:
        config: The architecture.
        weights: As of `forward`.
        number: The layer.
        x: Its input, `(n, d)`.
        part: `(n, columns)`; x itself for the whole product.
        rows: Rows of W, those of a feature of x0 for instance.
        columns: Columns of W that read `part`.

    Returns:
        `(n, rows)`; for a vector layer, where all rows of W are w, `(n, 1)`.
    """
    name = f"cross_{number}"
    if config.cross_kind == "mixture":
        return _mixture_product(config, weights, number, x, part, rows, columns)
    if f"{name}/W" in weights:
        product = part @ weights[f"{name}/W"][rows, columns].T
        return product * cross_gate(config, weights, number, x, rows) if config.cross_kind == "gated" else product
    if f"{name}/w" in weights:
        return (part @ weights[f"{name}/w"][columns])[:, None]
    return part @ weights[f"{name}/V"][columns] @ weights[f"{name}/U"][rows].T


def cross_gate(config: ModelConfig, weights: Weights, number: int, x: np.ndarray, rows: slice = WHOLE) -> np.ndarray:
    """The gates of a mixture layer's experts, `(n, K)`, or of some of a gated layer's numbers, `(n, rows)`; from 0 to 1."""
    if config.cross_kind == "gated":
        return _sigmoid(x @ weights[f"cross_{number}/Wg"][rows].T)
    logits = x @ weights[f"cross_{number}/G"].T
    if config.gate == "sigmoid":
        return _sigmoid(logits)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def _mixture_product(
    config: ModelConfig, weights: Weights, number: int, x: np.ndarray, part: np.ndarray, rows: slice, columns: slice
) -> np.ndarray:
    """Σ_i G_i(x) U_i S' C_i S V_iᵀ `part`, where S and S' are the slopes that x sets: `cross_product` of a mixture."""
    U, C, V = (weights[f"cross_{number}/{letter}"] for letter in "UCV")  # (K, d, r), (K, r, r), (K, d, r)
    turned = C.swapaxes(1, 2)
    hidden = part @ V[:, columns]  # (K, n, r)
    if config.expert_activation == "tanh":
        inner = x @ V
        hidden = hidden * _tanh_slope(inner) @ turned * _tanh_slope(np.tanh(inner) @ turned)
    else:
        hidden = hidden @ turned
    gates = cross_gate(config, weights, number, x).T[:, :, None]  # (K, n, 1)
    return (gates * hidden @ U[:, rows].swapaxes(1, 2)).sum(axis=0)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(x / 2)) / 2  # without overflow


def _tanh_slope(x: np.ndarray) -> np.ndarray:
    """tanh(x) / x, which is 1 at 0."""
    return np.divide(np.tanh(x), x, out=np.ones_like(x), where=x != 0)


def dense(config: ModelConfig, weights: Weights, number: int, x: np.ndarray) -> np.ndarray:
    """Output, `(n, size)`, of deep layer `number`, counted from 1."""
    name = f"deep_{number}"
    x = x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]
    activation = ACTIVATIONS[config.activation]
    if not config.batch_normalization:
        return activation(x)

    def normalize(x: np.ndarray) -> np.ndarray:
        scale = weights[f"{name}/gamma"] / np.sqrt(weights[f"{name}/moving_variance"] + BATCH_NORMALIZATION_EPSILON)
        return (x - weights[f"{name}/moving_mean"]) * scale + weights[f"{name}/beta"]

    before = config.normalization_position == "before_activation"
    return activation(normalize(x)) if before else normalize(activation(x))


def head(config: ModelConfig, weights: Weights, parts: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What each part, and the bias, add to the rating, each `(n,)`."""
    n = len(next(iter(parts.values())))
    if has_two_heads(config):
        share = 0.5 if config.head == "average" else 1.0
        contributions = {name: share * (part @ weights[f"{name}_head/kernel"][:, 0]) for name, part in parts.items()}
        bias = share * sum(weights[f"{name}_head/bias"][0] for name in parts)
    else:
        contributions, start, kernel = {}, 0, weights["head/kernel"][:, 0]
        for name, part in parts.items():
            contributions[name] = part @ kernel[start : start + part.shape[1]]
            start += part.shape[1]
        bias = weights["head/bias"][0]
    contributions["bias"] = np.full(n, bias, next(iter(contributions.values())).dtype)
    return contributions


_erf = np.vectorize(math.erf, otypes=[float])

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "gelu": lambda x: (x * (1 + _erf(x / math.sqrt(2))) / 2).astype(x.dtype),
    "silu": lambda x: x * _sigmoid(x),
    "tanh": np.tanh,
}
"""The activations as Keras defines them; gelu is the exact one."""
