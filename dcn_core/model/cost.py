"""What a network costs, known before it is built: numbers to learn, and arithmetic per example.

Pure Python: forms show it without TensorFlow.
"""

from collections.abc import Sequence
from itertools import pairwise

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.config.run import RunConfig
from dcn_core.model.shapes import embedding_dims, has_cross, has_deep, has_two_heads, input_dim, table_shapes

BASE_MB = 950.0
"""TensorFlow, and the compilation of a small network."""
BYTES_A_CELL = 22.5
"""A value of a table of one's own while the table is read and sorted; measured with eight columns (docs/log.md)."""
BYTES_A_ROW, BYTES_A_WEIGHT, BYTES_A_NUMBER = 90.0, 48.0, 12.0
"""A rating while it is read, split and encoded; a weight with its gradient, moments, copies and export; an intermediate
value of a batch, forward and back."""

__all__ = ["flops_per_example", "input_dim", "memory_mb", "parameter_counts"]


def parameter_counts(config: ModelConfig, specs: Sequence[FeatureSpec]) -> dict[str, int]:
    """Returns the number of parameters by part.

    Returns:
        `embeddings`, `cross`, `deep`, `head` and `biases` (of users and movies), their sum `total`, and `trainable`: the
        total without the moving statistics of batch normalisation, which are counted but not learned.
    """
    d = input_dim(config, specs)
    sizes = {spec.name: spec.vocabulary_size for spec in specs}
    pairs = _dense_shapes(config, d)
    parts = {
        "embeddings": sum(rows * dim for rows, dim in table_shapes(config, specs).values()),
        "cross": _cross_parameters(config, d) * config.num_cross_layers if has_cross(config) else 0,
        "deep": sum(rows * columns + columns for rows, columns in pairs),
        "head": _head_inputs(config, d) + (2 if has_two_heads(config) else 1),
        "biases": config.user_bias * sizes.get("user_id", 0) + config.movie_bias * sizes.get("movie_id", 0),
    }
    statistics = 2 * sum(columns for _, columns in pairs) if config.batch_normalization else 0
    parts["deep"] += 2 * statistics  # gamma and beta, moving mean and moving variance
    total = sum(parts.values())
    return {**parts, "total": total, "trainable": total - statistics}


def flops_per_example(config: ModelConfig, specs: Sequence[FeatureSpec]) -> dict[str, int]:
    """Returns the additions and multiplications of one prediction by part; training takes about three times as many.

    A lookup is free, an activation counts one per number, and batch normalisation two (scale and shift).

    Returns:
        `embeddings` (pooling), `cross`, `deep`, `head`, and their sum `total`.
    """
    d = input_dim(config, specs)
    dims = embedding_dims(config, specs)
    tokens = sum(dims[spec.name] * (spec.slots if spec.slots > 1 else 0) for spec in specs)
    if config.combination == "token_mean":
        tokens = d * sum(spec.slots for spec in specs)
    each_unit = 2 + 2 * config.batch_normalization  # bias and activation
    parts = {
        "embeddings": tokens,
        "cross": _cross_flops(config, d) * config.num_cross_layers if has_cross(config) else 0,
        "deep": sum((2 * rows + each_unit) * columns for rows, columns in _dense_shapes(config, d)),
        "head": 2 * _head_inputs(config, d) + has_two_heads(config) + config.user_bias + config.movie_bias,
    }
    return {**parts, "total": sum(parts.values())}


def memory_mb(config: RunConfig, specs: Sequence[FeatureSpec], rows: int) -> float:
    """Megabytes that a training process takes at its peak, roughly. Base and ratings are measured (docs/log.md), the rest is reckoned.

    Args:
        config: The experiment.
        specs: The input features.
        rows: Ratings of its data, all parts together.
    """
    weights = parameter_counts(config.model, specs)["total"]
    d, layers = input_dim(config.model, specs), config.model.num_cross_layers * has_cross(config.model)
    numbers = d * (2 + 2 * layers) + sum(size for pair in _dense_shapes(config.model, d) for size in pair)
    batch = min(config.train.batch_size, rows)
    row = max(BYTES_A_ROW, BYTES_A_CELL * _columns_read(config))
    return BASE_MB + (row * rows + BYTES_A_WEIGHT * weights + BYTES_A_NUMBER * batch * numbers) / 1e6


def _columns_read(config: RunConfig) -> int:
    """Columns that are read of a table of one's own; 0 of any other source."""
    table = config.data.table
    return 0 if table is None else sum(column.role != "ignore" for column in table.columns)


def _cross_parameters(config: ModelConfig, d: int) -> int:
    """Parameters of one cross layer: kernel and bias."""
    rank, experts = config.projection_dim, config.num_experts
    kernels = {
        "vector": d,
        "matrix": d * d,
        "low_rank": 2 * d * rank,
        "mixture": experts * (2 * d * rank + rank * rank + d),
        "gated": 2 * d * d,
    }
    return kernels[config.cross_kind] + d


def _cross_flops(config: ModelConfig, d: int) -> int:
    """Additions and multiplications of one cross layer: its products, and `* x0`, `+ b` and `+ x`."""
    rank, experts = config.projection_dim, config.num_experts
    bent = 2 * (config.expert_activation == "tanh")
    mixed = 4 * d * rank + 2 * rank * rank + (1 + bent) * rank  # U, V and C of an expert, its gate and its activations
    products = {
        "vector": 2 * d,
        "matrix": 2 * d * d,
        "low_rank": 4 * d * rank,
        "mixture": experts * (mixed + 2 * d + 2) - 1 + d,  # and the gates, and their sum times b
        "gated": 4 * d * d + 2 * d,  # and the gate
    }
    return products[config.cross_kind] + 3 * d


def _dense_shapes(config: ModelConfig, d: int) -> list[tuple[int, int]]:
    """Kernel shapes of the deep layers, first to last."""
    if not has_deep(config):
        return []
    sizes = (d, *config.deep_layer_sizes)
    return list(pairwise(sizes))


def _head_inputs(config: ModelConfig, d: int) -> int:
    """Numbers that reach the output layer, or both of them."""
    cross = d if config.structure in ("parallel", "cross") else 0
    return cross + (config.deep_layer_sizes[-1] if has_deep(config) else 0)
