"""Named starting points for the form and the command line."""

from typing import Any, NamedTuple

from dcn_core.config.data import DataConfig
from dcn_core.config.model import ModelConfig
from dcn_core.config.run import RunConfig, parse_config
from dcn_core.config.train import TrainConfig
from dcn_core.errors import ConfigError


class Preset(NamedTuple):
    """A named set of settings; what it does not name keeps the default.

    Attributes:
        title: For lists.
        about: What it is, in a sentence or two.
        values: Settings by section and name.
        of_movielens: Whether it is about MovieLens, its features or its scale: no start for a table of one's own.
    """

    title: str
    about: str
    values: dict[str, dict[str, Any]]
    of_movielens: bool = False


PRESETS: dict[str, Preset] = {
    "default": Preset(
        "DCN-V2",
        "Two full-matrix cross layers beside a small deep network, all features.",
        {},
    ),
    "movielens": Preset(
        "DCN-V2 for a large archive",
        "DCN-V2 with biases of users and movies, a stronger L2 and averaged weights, in five epochs of large batches. The start for "
        "MovieLens 1M and larger.",
        {
            "model": {"embedding_l2": 5e-5, "user_bias": True, "movie_bias": True},
            "train": {"batch_size": 4096, "learning_rate": 0.01, "epochs": 5, "ema_decay": 0.99},
        },
        of_movielens=True,
    ),
    "movielens-small": Preset(
        "DCN-V2 for a small archive",
        "DCN-V2 with biases of users and movies, a strong L2 on all that remembers a single user or movie, and averaged weights. The "
        "start for MovieLens 100K and the like.",
        {
            "model": {
                "embedding_l2": 1e-5,
                "id_l2": 2e-3,
                "bias_l2": 2e-3,
                "user_bias": True,
                "movie_bias": True,
            },
            "train": {"learning_rate": 0.01, "epochs": 30, "ema_decay": 0.99},
        },
        of_movielens=True,
    ),
    "notebook": Preset(
        "The original notebook",
        "Four V1 cross layers on the mean of nine tokens, deep 64-32, average of two heads; genres, gender, age, occupation.",
        {
            "data": {
                "features": ["genres", "gender", "age", "occupation"],
                "split": "row",
                "validation_fraction": 0.25,
                "test_fraction": 0.0,
                "split_seed": 11,
            },
            "model": {
                "structure": "parallel",
                "head": "average",
                "combination": "token_mean",
                "embedding_dim": 16,
                "embedding_l2": 0.0,
                "cross_kind": "vector",
                "num_cross_layers": 4,
                "cross_l2": 0.001,
                "deep_layer_sizes": [64, 32],
                "batch_normalization": True,
                "normalization_position": "after_activation",
                "deep_initializer": "glorot_uniform",
                "center_output": False,
            },
            "train": {"optimizer": "rmsprop", "learning_rate": 0.001, "batch_size": 256, "epochs": 9, "patience": 3},
        },
        of_movielens=True,
    ),
    "notebook-best": Preset(
        "The notebook's features, our best",
        "DCN-V2 on the features and the split of the original notebook: genres side by side as a sum, averaged weights.",
        {
            "data": {
                "features": ["genres", "gender", "age", "occupation"],
                "split": "row",
                "validation_fraction": 0.25,
                "test_fraction": 0.0,
                "split_seed": 11,
            },
            "model": {
                "embedding_dim": 32,
                "genre_pooling": "sum",
                "cross_kind": "matrix",
                "num_cross_layers": 2,
                "deep_layer_sizes": [128, 64],
            },
            "train": {"batch_size": 1024, "learning_rate": 0.003, "epochs": 30, "patience": 4, "ema_decay": 0.999},
        },
        of_movielens=True,
    ),
    "ratings": Preset(
        "Best ratings",
        "DCN-V2 with user and movie ids and biases, held by a strong L2 on the embeddings; averaged weights.",
        {
            "data": {"validation_fraction": 0.02, "test_fraction": 0.1},
            "model": {
                "embedding_dim": 32,
                "embedding_l2": 2e-4,
                "user_bias": True,
                "movie_bias": True,
                "num_cross_layers": 2,
                "deep_layer_sizes": [128, 64],
            },
            "train": {"batch_size": 1024, "learning_rate": 0.002, "epochs": 20, "patience": 3, "ema_decay": 0.999},
        },
        of_movielens=True,
    ),
    "dcn-v2-paper": Preset(
        "Likes, as in the DCN-V2 paper",
        "Whether a rating is 4 or 5 stars rather than 1 or 2, from all features and ids; scored by AUC on 10 % of the ratings.",
        {
            "data": {"target": "like", "validation_fraction": 0.1, "test_fraction": 0.1},
            "model": {
                "embedding_dim": 32,
                "embedding_l2": 1e-4,
                "num_cross_layers": 2,
                "deep_layer_sizes": [128, 64],
                "projection_dim": 16,
                "num_experts": 4,
            },
            "train": {
                "batch_size": 1024,
                "learning_rate": 0.002,
                "epochs": 12,
                "patience": 3,
                "ema_decay": 0.999,
                "monitor": "auc",
            },
        },
        of_movielens=True,
    ),
    "dcn-v1": Preset(
        "DCN (V1)",
        "Vector cross layers: two numbers per input and layer. Shows what one weight vector can and cannot cross.",
        {"model": {"cross_kind": "vector", "num_cross_layers": 3}},
    ),
    "low-rank": Preset(
        "DCN-V2, low rank",
        "The matrix of each cross layer as U·Vᵀ of rank 16: most of the effect for a fraction of the weights.",
        {"model": {"cross_kind": "low_rank", "projection_dim": 16}},
    ),
    "dcn-mix": Preset(
        "DCN-Mix",
        "Each cross layer is four low-rank experts, and gates decide rating by rating how much each says.",
        {"model": {"cross_kind": "mixture", "projection_dim": 8, "num_experts": 4}},
    ),
    "gdcn": Preset(
        "GDCN",
        "Full-matrix cross layers, each with a gate that lets through what a rating needs of it.",
        {"model": {"cross_kind": "gated"}},
    ),
    "deep-only": Preset(
        "Deep only",
        "The same inputs without a cross network: what the crosses have to beat.",
        {"model": {"structure": "deep"}},
    ),
}

FIRST_PRESETS = ("default", "movielens", "movielens-small")
"""Presets that the form starts from by itself; the others are chosen."""
MANY_RATINGS = 500_000
"""Ratings from which an archive is trained in a few epochs of large batches, so that it takes seconds and not minutes."""


def first_preset(archive_ratings: int) -> str:
    """Name of the preset that suits an archive of so many ratings best; 0 for data of another kind. Measured: docs/log.md."""
    if not archive_ratings:
        return "default"
    return "movielens" if archive_ratings >= MANY_RATINGS else "movielens-small"


def preset_config(name: str, source: str | None = None) -> RunConfig:
    """Returns the full config of a preset, on `source` if one is given.

    Raises:
        ConfigError: There is no preset of that name.
    """
    if name not in PRESETS:
        raise ConfigError(f"preset must be one of {', '.join(PRESETS)}. Received: '{name}'")
    values = {section: dict(fields) for section, fields in PRESETS[name].values.items()}
    if source is not None:
        values.setdefault("data", {})["source"] = source
    return parse_config(values)


SECTIONS: dict[str, type[DataConfig] | type[ModelConfig] | type[TrainConfig]] = {
    "data": DataConfig,
    "model": ModelConfig,
    "train": TrainConfig,
}
"""The sections of a `RunConfig` by name."""
