"""Which settings have an effect beside the others: what a form shows, a comparison lists and a search may vary."""

from collections.abc import Mapping
from typing import Any

from dcn_core.config.world import WorldConfig


def applies(section: str, name: str, values: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a setting has an effect beside the other ones. Those that would be in the way stay visible.

    Args:
        section: Of the config: data, model or train.
        name: Of the setting.
        values: All settings by section and name.
    """
    model, data = values["model"], values["data"]
    features = data["features"]
    cross, deep = model["structure"] != "deep", model["structure"] != "cross"
    mixture = cross and model["cross_kind"] == "mixture"
    if section == "data" and name in WorldConfig.model_fields:
        return bool(data["source"] == "generated")
    if name in ("like_from", "dislike_to", "label_smoothing"):
        return bool(data["target"] == "like")
    if name == "final_learning_rate_share":
        return bool(values["train"]["learning_rate_schedule"] != "constant")
    if section != "model":
        return True
    rules = {
        "head": model["structure"] == "parallel",
        "genre_pooling": "genres" in features and model["combination"] == "concat",
        "cross_kind": cross,
        "num_cross_layers": cross,
        "projection_dim": mixture or (cross and model["cross_kind"] == "low_rank"),
        "num_experts": mixture,
        "gate": mixture,
        "expert_activation": mixture,
        "cross_l2": cross,
        "deep_layer_sizes": deep,
        "activation": deep,
        "deep_initializer": deep,
        "batch_normalization": deep,
        "normalization_position": deep and model["batch_normalization"],
        "dropout": deep,
        "deep_l2": deep,
        "id_dropout": "user_id" in features or "movie_id" in features,
        "embedding_dims": model["combination"] == "concat",
        "id_l2": "user_id" in features or "movie_id" in features,
        "bias_l2": bool(model["user_bias"] or model["movie_bias"]),
        "user_bias": "user_id" in features or model["user_bias"],
        "movie_bias": "movie_id" in features or model["movie_bias"],
    }
    return rules.get(name, True)
