"""Builds the network of a config: embeddings, cross part, deep part, head.

The network is one flat functional model in two stages, so that a training loop may replace the first:

1. *lookups*: one `FeatureEmbedding` per feature (and per id bias) turns indices into vectors;
2. the *tower*: everything from those vectors to the rating.

`split_model` returns both. `id_dropout` is not part of the network: the trainer replaces the indices it feeds.
"""

import math
import zlib
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import keras

from dcn_core.config.features import FeatureSpec
from dcn_core.config.metrics import Target
from dcn_core.config.model import ModelConfig
from dcn_core.model.cross import CrossLayer, GatedCross, LowRankCross, MatrixCross, MixtureCross, VectorCross
from dcn_core.model.dropout import Dropout
from dcn_core.model.embedding import FeatureEmbedding, NumberEmbedding, NumberValue
from dcn_core.model.shapes import check_model, embedding_dims, has_cross, has_deep, has_two_heads, num_tokens

BIASES: dict[str, str] = {"user_bias": "user_id", "movie_bias": "movie_id"}
"""The feature that each bias table is looked up by."""


class Lookup(NamedTuple):
    """A layer that turns one of the model's inputs into a vector, by a table unless the input is a number itself."""

    feature: str
    layer: FeatureEmbedding | NumberValue


def build_model(
    config: ModelConfig, specs: Sequence[FeatureSpec], mean_rating: float, seed: int, target: Target = "rating"
) -> keras.Model:
    """Returns the network, with initial weights that depend on `seed` and the layers' names only.

    Args:
        config: The architecture.
        specs: The input features, in the order in which they stand in x0.
        mean_rating: Mean training rating (for likes the log-odds of one), at which the output starts if
            `config.center_output`.
        seed: Seed of the initial weights and of dropout.
        target: What is predicted.

    Returns:
        A functional model from a dict of int32 indices by feature name, `(batch,)` or `(batch, slots)`, float32 of a
        number, to the raw, unclipped rating, `(batch, 1)`; for likes, to their probability, after a layer `rating` with
        its log-odds.

    Raises:
        ConfigError: The config does not fit the features.
    """
    check_model(config, specs)
    inputs = {
        spec.name: keras.Input(
            (spec.slots,) if spec.slots > 1 else (), dtype="float32" if spec.is_number else "int32", name=spec.name
        )
        for spec in specs
    }
    x0 = _combine(config, specs, inputs, seed)
    parts = []
    if has_cross(config):
        parts.append(_cross(config, x0, seed))
    if config.structure == "stacked":
        parts = [_deep(config, parts[0], seed)]
    elif has_deep(config):
        parts.append(_deep(config, x0, seed))
    terms = [_head(config, parts, mean_rating if config.center_output else 0.0, seed)]
    for bias, feature in BIASES.items():
        if getattr(config, bias):
            size = next(spec.vocabulary_size for spec in specs if spec.name == feature)
            table = FeatureEmbedding(size, 1, scale=0.0, l2=_own_l2(config, config.bias_l2), name=bias)
            terms.append(table(inputs[feature]))
    rating = (
        keras.layers.Add(name="rating")(terms) if len(terms) > 1 else keras.layers.Identity(name="rating")(terms[0])
    )
    if target == "like":
        rating = keras.layers.Activation("sigmoid", name="probability")(rating)
    return keras.Model(inputs, rating, name="dcn")


def split_model(model: keras.Model) -> tuple[dict[str, Lookup], keras.Model]:
    """Returns the two stages of a built model, sharing its weights.

    Returns:
        The lookups by layer name (`embedding_<feature>`, `user_bias`, `movie_bias`), and the tower: a model from a dict
        of their vectors, `(batch, e)` by the same names, to the raw output, `(batch, 1)`: the rating, or the log-odds of a
        like. Composed, and for likes through a sigmoid, they are the model. The penalties of the tables are in
        `model.losses` and not in those of the tower.
    """
    lookups = {}
    for layer in model.layers:
        if isinstance(layer, (FeatureEmbedding, NumberValue)):
            lookups[layer.name] = Lookup(BIASES.get(layer.name, layer.name.removeprefix("embedding_")), layer)
    vectors = {name: lookup.layer.output for name, lookup in lookups.items()}
    for name, vector in vectors.items():
        vector.name = name  # Keras wants a dict's keys to be the tensors' names
    return lookups, keras.Model(vectors, model.get_layer("rating").output, name="tower")


def raw_model(model: keras.Model) -> keras.Model:
    """A built model up to its raw output: itself, or for likes the part that gives their log-odds. It shares the weights."""
    raw = model.get_layer("rating").output
    return model if model.output is raw else keras.Model(model.input, raw, name="raw")


def layer_seed(seed: int, name: str) -> int:
    """A seed for one layer: the same in every process, and its own for each name."""
    return zlib.crc32(f"{seed}/{name}".encode()) & 0x7FFFFFFF


@keras.saving.register_keras_serializable(package="dcn_playground")
def gelu(x: Any) -> Any:
    """The exact Gaussian error linear unit, as `keras.activations.gelu`, which uses an operation that ONNX has not."""
    return x * (1 + keras.ops.erf(x / math.sqrt(2))) / 2


def _combine(config: ModelConfig, specs: Sequence[FeatureSpec], inputs: dict[str, Any], seed: int) -> Any:
    """x0, `(batch, d)`: the features' vectors side by side, or the mean of all tokens."""
    token_mean = config.combination == "token_mean"
    dims = embedding_dims(config, specs)
    vectors = []
    for spec in specs:
        name = f"embedding_{spec.name}"
        if spec.is_number and not token_mean:
            vectors.append(NumberValue(name=name)(inputs[spec.name]))
            continue
        if spec.is_number:
            number = NumberEmbedding(
                2, dims[spec.name], l2=config.embedding_l2, seed=layer_seed(seed, name), zero_row=False, name=name
            )
            vectors.append(number(inputs[spec.name]))
            continue
        layer = FeatureEmbedding(
            spec.vocabulary_size,
            dims[spec.name],
            pooling="sum" if token_mean else config.genre_pooling,
            padding="unknown" if token_mean else "mask",
            zero_row=not token_mean,
            l2=_own_l2(config, config.id_l2) if spec.name in BIASES.values() else config.embedding_l2,
            seed=layer_seed(seed, name),
            name=name,
        )
        vectors.append(layer(inputs[spec.name]))
    if token_mean:
        total = keras.layers.Add(name="tokens")(vectors) if len(vectors) > 1 else vectors[0]
        return keras.layers.Rescaling(1 / num_tokens(specs), name="x0")(total)
    return keras.layers.Concatenate(name="x0")(vectors) if len(vectors) > 1 else vectors[0]


def _own_l2(config: ModelConfig, l2: float | Literal["same"]) -> float:
    """A penalty that may be that of the embeddings."""
    return config.embedding_l2 if l2 == "same" else l2


def _cross(config: ModelConfig, x0: Any, seed: int) -> Any:
    """The cross part's output x_L, `(batch, d)`; x0 itself without layers."""
    x = x0
    for number in range(1, config.num_cross_layers + 1):
        x = _cross_layer(config, f"cross_{number}", seed)(x0, x)
    return x


def _cross_layer(config: ModelConfig, name: str, seed: int) -> CrossLayer:
    """One cross layer of the config's kind, not built yet."""
    common: dict[str, Any] = {"l2": config.cross_l2, "seed": layer_seed(seed, name), "name": name}
    match config.cross_kind:
        case "vector":
            return VectorCross(**common)
        case "matrix":
            return MatrixCross(**common)
        case "low_rank":
            return LowRankCross(config.projection_dim, **common)
        case "mixture":
            return MixtureCross(
                config.num_experts, config.projection_dim, config.gate, config.expert_activation, **common
            )
        case "gated":
            return GatedCross(**common)


def _deep(config: ModelConfig, x: Any, seed: int) -> Any:
    """The deep part's output, `(batch, last size)`: for each layer dense, activation and dropout, with batch normalisation
    before or after the activation."""
    he = config.deep_initializer == "he_uniform" or (config.deep_initializer == "auto" and config.activation == "relu")
    initializer = keras.initializers.HeUniform if he else keras.initializers.GlorotUniform
    for number, size in enumerate(config.deep_layer_sizes, start=1):
        name = f"deep_{number}"
        x = keras.layers.Dense(
            size,
            kernel_initializer=initializer(layer_seed(seed, name)),
            kernel_regularizer=keras.regularizers.L2(config.deep_l2) if config.deep_l2 else None,
            name=name,
        )(x)
        activation = gelu if config.activation == "gelu" else config.activation
        steps: list[keras.layers.Layer] = [keras.layers.Activation(activation, name=f"{name}_activation")]
        if config.batch_normalization:
            place = 0 if config.normalization_position == "before_activation" else 1
            steps.insert(place, keras.layers.BatchNormalization(name=f"{name}_normalization"))
        for step in steps:
            x = step(x)
        if config.dropout:
            x = Dropout(config.dropout, seed=layer_seed(seed, f"{name}_dropout"), name=f"{name}_dropout")(x)
    return x


def _head(config: ModelConfig, parts: list[Any], start: float, seed: int) -> Any:
    """The output, `(batch, 1)`, of the parts, whose bias starts so that the whole starts at `start`."""

    def dense(name: str, bias: float) -> keras.layers.Dense:
        kernel = keras.initializers.GlorotUniform(layer_seed(seed, name))
        return keras.layers.Dense(
            1, kernel_initializer=kernel, bias_initializer=keras.initializers.Constant(bias), name=name
        )

    if not has_two_heads(config):
        return dense("head", start)(keras.layers.Concatenate(name="parts")(parts) if len(parts) > 1 else parts[0])
    share = start / 2 if config.head == "sum" else start
    outputs = [dense(name, share)(part) for name, part in zip(("cross_head", "deep_head"), parts, strict=True)]
    join = keras.layers.Add if config.head == "sum" else keras.layers.Average
    return join(name="heads")(outputs)
