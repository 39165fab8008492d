"""Networks with random weights in plain NumPy, without Keras, that the tests of insight share."""

from typing import get_args

import numpy as np

from dcn_core.config.features import PADDING, FeatureSpec
from dcn_core.config.model import CrossKind, ModelConfig
from dcn_core.insight.network import Network
from dcn_core.model.shapes import embedding_dims, has_cross, has_deep, has_two_heads, input_dim, table_shapes

SPECS = (FeatureSpec("genres", 6, slots=3), FeatureSpec("gender", 3), FeatureSpec("age", 5), FeatureSpec("user_id", 12))
POLYNOMIAL = ("vector", "matrix", "low_rank")
"""Kinds of cross layers whose network is a polynomial of its embeddings."""
KINDS: tuple[str, ...] = get_args(CrossKind)


def random_network(specs=SPECS, seed=0, dtype=float, **settings) -> Network:
    """A network of any architecture whose weights are all different, embeddings of size 3 and deep layers 5 and 4."""
    small = {"embedding_dim": 3, "deep_layer_sizes": (5, 4), "projection_dim": 2, "num_experts": 3}
    config = ModelConfig(**small | settings)
    rng = np.random.default_rng(seed)
    d, r, k = input_dim(config, specs), config.projection_dim, config.num_experts
    weights = {f"embedding/{name}": rng.normal(size=shape) for name, shape in table_shapes(config, specs).items()}
    shapes = {
        "vector": {"w": (d,)},
        "matrix": {"W": (d, d)},
        "low_rank": {"U": (d, r), "V": (d, r)},
        "mixture": {"U": (k, d, r), "V": (k, d, r), "C": (k, r, r), "G": (k, d)},
        "gated": {"W": (d, d), "Wg": (d, d)},
    }
    for number in range(1, config.num_cross_layers * has_cross(config) + 1):
        for name, shape in {**shapes[config.cross_kind], "b": (d,)}.items():
            weights[f"cross_{number}/{name}"] = 0.3 * rng.normal(size=shape)
    size = d
    if has_deep(config):
        for number, width in enumerate(config.deep_layer_sizes, start=1):
            weights[f"deep_{number}/kernel"] = rng.normal(size=(size, width)) / np.sqrt(size)
            weights[f"deep_{number}/bias"] = rng.normal(size=width)
            size = width
    parts = {"cross": d if config.structure in ("parallel", "cross") else 0, "deep": size if has_deep(config) else 0}
    heads = (
        {f"{name}_head": width for name, width in parts.items()}
        if has_two_heads(config)
        else {"head": sum(parts.values())}
    )
    for name, width in heads.items():
        weights[f"{name}/kernel"] = rng.normal(size=(width, 1)) / np.sqrt(width)
        weights[f"{name}/bias"] = rng.normal(size=1)
    for bias, feature in (("user_bias", "user_id"), ("movie_bias", "movie_id")):
        if getattr(config, bias):
            weights[f"{bias}/table"] = rng.normal(
                size=(next(spec.vocabulary_size for spec in specs if spec.name == feature), 1)
            )
    return Network(config, specs, {name: weight.astype(dtype) for name, weight in weights.items()})


def random_indices(specs=SPECS, n=40, seed=0) -> dict[str, np.ndarray]:
    """Valid indices, unknown ones and empty slots among them, the first example without any genre."""
    rng = np.random.default_rng(seed)
    indices = {}
    for spec in specs:
        if spec.is_number:
            indices[spec.name] = np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)).astype(np.float32)
        elif spec.slots == 1:
            indices[spec.name] = rng.integers(0, spec.vocabulary_size, n, dtype=np.int32)
        else:
            index = rng.integers(0, spec.vocabulary_size, (n, spec.slots), dtype=np.int32)
            index[np.arange(spec.slots) >= rng.integers(0, spec.slots + 1, n)[:, None]] = PADDING
            index[0] = PADDING
            indices[spec.name] = index
    return indices


def random_rating(n=40, seed=0) -> np.ndarray:
    """Whole stars, `(n,)`."""
    return np.random.default_rng(seed).integers(1, 6, n).astype(float)


def permuted(network: Network, order) -> Network:
    """The same function with its features in another order in x0: embeddings stay, all that reads x0 follows."""
    config, specs = network.config, network.specs
    assert config.combination == "concat"
    dims = embedding_dims(config, specs)
    starts = np.concatenate([[0], np.cumsum([dims[spec.name] for spec in specs])])
    rows = np.concatenate([np.arange(starts[k], starts[k + 1]) for k in order])
    weights = dict(network.weights)
    for name, weight in network.weights.items():
        kind = name.split("/")[-1]
        if name.startswith("cross_") and not name.startswith("cross_head"):
            axes = {"W": (0, 1), "Wg": (0, 1), "G": (1,), "C": ()}  # of the others, a mixture's have one more in front
            for axis in axes.get(kind, (max(weight.ndim - 2, 0),)):
                weights[name] = np.take(weights[name], rows, axis)
        elif name in ("deep_1/kernel", "cross_head/kernel") or (name == "head/kernel" and config.structure == "cross"):
            weights[name] = weight[rows]
        elif name == "head/kernel" and config.structure == "parallel":
            weights[name] = np.concatenate([weight[rows], weight[len(rows) :]])
    return Network(config, tuple(specs[k] for k in order), weights)
