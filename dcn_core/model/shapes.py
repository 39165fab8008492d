"""Sizes that follow from a config and its features: embedding sizes, the input size, and which features fit.

Pure Python: forms and insight read them without TensorFlow.
"""

from collections.abc import Sequence

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig, read_sizes
from dcn_core.errors import ConfigError

LARGEST_EMBEDDING = 256


def auto_embedding_dim(vocabulary_size: int) -> int:
    """Numbers per category by the papers' rule 6 · cardinality^¼, rounded. Section 3.2 of arXiv:1708.05123."""
    return min(LARGEST_EMBEDDING, max(1, round(6 * vocabulary_size**0.25)))


def embedding_dims(config: ModelConfig, specs: Sequence[FeatureSpec]) -> dict[str, int]:
    """Embedding size of each feature: its own of `config.embedding_dims`, else `config.embedding_dim`.

    A number stands in x0 as its scaled value, one number long. `token_mean` averages embeddings and so needs them equally
    long: with "auto", all get the largest size of the rule, and a number scales an embedding of its own.
    """
    averaged = config.combination == "token_mean"
    if config.embedding_dim != "auto":
        size = config.embedding_dim
        dims = {spec.name: 1 if spec.is_number and not averaged else size for spec in specs}
    else:
        dims = {spec.name: 1 if spec.is_number else auto_embedding_dim(spec.vocabulary_size) for spec in specs}
    if averaged:
        return dict.fromkeys(dims, max(dims.values()))
    own = read_sizes(config.embedding_dims)
    return dims | {spec.name: own[spec.name] for spec in specs if spec.name in own and not spec.is_number}


def table_shapes(config: ModelConfig, specs: Sequence[FeatureSpec]) -> dict[str, tuple[int, int]]:
    """Shape `(rows, e)` of the embedding table of each feature that has one: a number side by side with others has none."""
    dims = embedding_dims(config, specs)
    averaged = config.combination == "token_mean"
    rows = {
        spec.name: 2 if spec.is_number else spec.vocabulary_size for spec in specs if averaged or not spec.is_number
    }
    return {name: (size, dims[name]) for name, size in rows.items()}


def input_dim(config: ModelConfig, specs: Sequence[FeatureSpec]) -> int:
    """Length d of x0."""
    dims = embedding_dims(config, specs).values()
    return max(dims) if config.combination == "token_mean" else sum(dims)


def num_tokens(specs: Sequence[FeatureSpec]) -> int:
    """Number of embeddings that `token_mean` averages: one per slot of each feature, empty slots included."""
    return sum(spec.slots for spec in specs)


def feature_slices(config: ModelConfig, specs: Sequence[FeatureSpec]) -> dict[str, slice]:
    """Where each feature stands in x0. Under `token_mean` all features share the whole of it."""
    slices, start = {}, 0
    for name, dim in embedding_dims(config, specs).items():
        slices[name] = slice(start, start + dim)
        start += 0 if config.combination == "token_mean" else dim
    return slices


def has_cross(config: ModelConfig) -> bool:
    """Whether the network has a cross part (which may have no layers and is x0 then)."""
    return config.structure != "deep"


def has_deep(config: ModelConfig) -> bool:
    """Whether the network has a deep part."""
    return config.structure != "cross"


def has_gates(config: ModelConfig) -> bool:
    """Whether gates weigh the crosses of each rating: such a cross network is no polynomial of its embeddings."""
    return has_cross(config) and config.num_cross_layers > 0 and config.cross_kind in ("mixture", "gated")


def has_two_heads(config: ModelConfig) -> bool:
    """Whether cross and deep part have an output layer each."""
    return config.structure == "parallel" and config.head in ("sum", "average")


def check_projection_dim(projection_dim: int, input_dim: int) -> None:
    """Checks that a low-rank cross layer, or each expert of a mixture, is one.

    Raises:
        ConfigError: `projection_dim` is not between 1 and `input_dim - 1`.
    """
    if 1 <= projection_dim < input_dim:
        return
    if input_dim < 2:
        raise ConfigError(
            f"a cross layer of low rank needs an `input_dim` of at least 2. Received: {input_dim}. "
            "Choose a larger embedding size or the matrix cross layer."
        )
    raise ConfigError(
        f"`projection_dim` must be between 1 and {input_dim - 1} for `input_dim={input_dim}`. "
        f"Received: {projection_dim}. Choose the matrix cross layer for full rank."
    )


def check_model(config: ModelConfig, specs: Sequence[FeatureSpec]) -> None:
    """Checks that a network can be built on these features, before any is.

    Raises:
        ConfigError: No or repeated features, an id bias without its id, or a rank that is not below the input size.
    """
    names = [spec.name for spec in specs]
    if not names or len(set(names)) != len(names):
        raise ConfigError(f"a model needs at least one feature, and each at most once. Received: {names}")
    for bias, feature in (("user_bias", "user_id"), ("movie_bias", "movie_id")):
        if getattr(config, bias) and feature not in names:
            raise ConfigError(
                f"{bias} needs the feature '{feature}'. Received: {names}. Add the feature or turn {bias} off."
            )
    if config.cross_kind in ("low_rank", "mixture") and config.num_cross_layers and has_cross(config):
        check_projection_dim(config.projection_dim, input_dim(config, specs))
