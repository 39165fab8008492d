"""What the error becomes when a part of the trained network is taken away, without training again.

Taking away always means zeroing weights: of a block (i, j), the weights W_ij between feature i of `x0` and feature j of
`x`, in all cross layers at once or in one; of a layer, all its weights, so that it passes x on; of a feature, its embedding
table and its bias table; of a head, the weights of the output layer that read a part. Gates go on reading all of x. A
mixture has no W: of a block, what feature j adds to row i of all its experts is taken away, `cross_product`. The rest of
the network was trained
with the part in place, so the rise of the error says how much this network leans on it, not how much one trained without
it would lose.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.config.model import ModelConfig
from dcn_core.errors import PredictionError
from dcn_core.insight.forward import Forward, cross, cross_product, dense, forward
from dcn_core.insight.interactions import num_cross_layers, symmetrised
from dcn_core.insight.network import CHUNK, Indices, Network, check_rows
from dcn_core.insight.orders import cross_head
from dcn_core.insight.wording import listed, pair_words, sentence, words
from dcn_core.model.shapes import feature_slices, has_deep, has_two_heads

SAMPLE_ROWS = 20_000
"""Most ratings that a knock-out needs: changes of a thousandth of the error are then told from chance."""


@dataclass(frozen=True)
class Knockouts:
    """Changes of the mean squared error on the given ratings, in stars². Positive: the part was needed.

    Attributes:
        feature_names: `F` names, in the order of both axes of `blocks`.
        mse: Mean squared error of the whole network.
        blocks: `(F, F)`, change without the block of row i (feature of `x0`) and column j, in all cross layers at once.
            NaN where features share one block (`token_mean`) and without cross layers.
        parts: `kind` ("layer", "feature", "head"), `name`, `mse`, `change`, `shift` (of the mean prediction, in stars) and
            `change_beside_shift` (change of the error's variance: what a new bias could not repair), the largest of it first.
    """

    feature_names: tuple[str, ...]
    mse: float
    blocks: np.ndarray
    parts: pd.DataFrame

    def sentence(self) -> str:
        """Which part matters most, and which block."""
        texts = []
        if len(self.parts):
            top = self.parts.iloc[0]
            label = {
                "feature": f"the {words(top['name'])} feature",
                "head": f"its {str(top['name']).replace('_', ' ')} part",
            }
            texts.append(
                f"the network leans most on {label.get(top['kind'], 'cross layer ' + str(top['name']))}: without it the error "
                f"rises by {top['change_beside_shift']:.3f} MSE from {self.mse:.3f}."
            )
        if np.isfinite(self.blocks).any():
            i, j = np.unravel_index(np.nanargmax(self.blocks), self.blocks.shape)
            pair = pair_words(self.feature_names[i], self.feature_names[j])
            texts.append(f"among the blocks of its cross layers it leans most on {pair}: {self.blocks[i, j]:.4f} MSE.")
        return " ".join(sentence(text) for text in texts) or "There is nothing to remove."

    def pairs(self) -> np.ndarray:
        """`(F, F)`, the changes of both directions of a pair added. Removing both at once may differ from the sum."""
        return symmetrised(self.blocks)


def knockouts(network: Network, indices: Indices, rating: np.ndarray) -> Knockouts:
    """Measures every block, layer, feature and head of a trained network.

    Args:
        network: Any architecture.
        indices: Features of `n` ratings, up to `SAMPLE_ROWS` of the validation part for instance.
        rating: Their labels, `(n,)`.

    Raises:
        PredictionError: There are no ratings, or another number of labels.
    """
    check_rows(indices, rating)
    config = network.config
    error = network.rating(indices) - rating
    mse = float(np.mean(error**2))
    variants = [
        *(("layer", str(n), without_layer(network, n)) for n in range(1, num_cross_layers(config) + 1)),
        *(("feature", name, without_feature(network, name)) for name in network.feature_names),
        *(("head", name, without_head(network, name)) for name in head_names(network.config)),
    ]
    rows = []
    for kind, name, variant in variants:
        left = variant.rating(indices) - rating
        shift, spread = float(left.mean() - error.mean()), float(left.var() - error.var())
        rows.append((kind, name, float(np.mean(left**2)), float(np.mean(left**2)) - mse, shift, spread))
    parts = pd.DataFrame(rows, columns=["kind", "name", "mse", "change", "shift", "change_beside_shift"])
    parts = parts.sort_values("change_beside_shift", ascending=False, ignore_index=True, kind="stable")
    return Knockouts(network.feature_names, mse, block_changes(network, indices, rating), parts)


def block_changes(
    network: Network, indices: Indices, rating: np.ndarray, layers: Iterable[int] | None = None
) -> np.ndarray:
    """Change of the error, `(F, F)`, without the block of row i and column j in some cross layers, counted from 1, or all."""
    size = len(network.feature_names)
    changes = np.full((size, size), np.nan)
    if network.config.combination == "token_mean" or num_cross_layers(network.config) == 0:
        return changes
    config, full = network.config, network.full_kernels()
    numbers = range(1, num_cross_layers(config) + 1)
    chosen = set(numbers if layers is None else layers)
    slices = [feature_slices(config, network.specs)[spec.name] for spec in network.specs]
    squared, whole = np.zeros((size, size)), 0.0
    for start in range(0, len(rating), CHUNK):
        labels = rating[start : start + CHUNK]
        values = forward(*full, {name: index[start : start + CHUNK] for name, index in indices.items()})
        whole += float(np.sum((network.prediction(values.rating) - labels) ** 2, dtype=float))
        for i, rows in enumerate(slices):
            for j, columns in enumerate(slices):
                x = values.x0
                for number, own, following in zip(numbers, values.cross_inputs, values.crosses, strict=True):
                    # Up to the first zeroed block all is as in the whole network. Subtracting what the block adds is
                    # zeroing its weights.
                    after = following if x is own else cross(config, full.weights, number, values.x0, x)
                    if number in chosen:
                        after = after.copy()
                        product = cross_product(config, full.weights, number, x, x[:, columns], rows, columns)
                        after[:, rows] -= values.x0[:, rows] * product
                    x = after
                left = network.prediction(_read_out(full, values, x))
                squared[i, j] += float(np.sum((left - labels) ** 2, dtype=float))
    return (squared - whole) / len(rating)


def _read_out(network: Network, values: Forward, x_last: np.ndarray) -> np.ndarray:
    """The raw output, `(n,)`, if x_L were another one and all else the same."""
    if network.config.structure != "stacked":
        return values.rating + (x_last - values.crosses[-1]) @ cross_head(network)
    x = x_last
    for number in range(1, len(network.config.deep_layer_sizes) + 1):
        x = dense(network.config, network.weights, number, x)
    return values.rating + (x - values.deep[-1]) @ network.weights["head/kernel"][:, 0]


def without_block(network: Network, feature: str, other: str, layers: Iterable[int]) -> Network:
    """The network with W_ij zeroed in some cross layers: `feature` of `x0` is no longer crossed with `other` of x.

    Raises:
        PredictionError: Its cross layers are mixtures, which have no W.
    """
    if network.config.cross_kind == "mixture":
        raise PredictionError(
            "a block is weights between two features. Received: a mixture, whose experts share theirs. Use `block_changes`."
        )
    slices = {str(name): part for name, part in feature_slices(network.config, network.specs).items()}
    full, kernels = network.full_kernels(), {}
    for number in layers:
        kernel = full.weights[f"cross_{number}/W"].copy()
        kernel[slices[feature], slices[other]] = 0
        kernels[f"cross_{number}/W"] = kernel
    return full.with_weights(kernels)


def without_layer(network: Network, number: int) -> Network:
    """The network with all weights of one cross layer zeroed: the layer returns its input."""
    own = {name: weight for name, weight in network.weights.items() if name.startswith(f"cross_{number}/")}
    return network.with_weights({name: 0 * weight for name, weight in own.items()})


def without_feature(network: Network, feature: str) -> Network:
    """The network with a feature's embedding table, and for an id its bias table, zeroed; a number is then 0 itself."""
    if network.spec(feature).is_number:
        size = network.table(feature).shape[1]
        return network.with_weights({f"embedding/{feature}": np.zeros((2, size), network.table(feature).dtype)})
    tables = [f"embedding/{feature}", f"{feature.removesuffix('_id')}_bias/table"]
    return network.with_weights({name: 0 * network.weights[name] for name in tables if name in network.weights})


def head_names(config: ModelConfig) -> list[str]:
    """What adds up to the rating beside the constant: `cross`, `deep`, `user_bias`, `movie_bias`, as far as there."""
    present = {
        "cross": config.structure in ("parallel", "cross"),
        "deep": has_deep(config),
        "user_bias": config.user_bias,
        "movie_bias": config.movie_bias,
    }
    return [name for name, there in present.items() if there]


def without_head(network: Network, part: str) -> Network:
    """The network whose output does not read a part: its weights in the head, or its bias table, are zeroed.

    Raises:
        PredictionError: The network has no such part in its head.
    """
    if part not in head_names(network.config):
        raise PredictionError(
            f"the head of this network reads {listed(head_names(network.config))}. Received: '{part}'. Name one of these."
        )
    if part.endswith("_bias"):
        return network.with_weights({f"{part}/table": 0 * network.weights[f"{part}/table"]})
    if has_two_heads(network.config):
        return network.with_weights({f"{part}_head/kernel": 0 * network.weights[f"{part}_head/kernel"]})
    kernel = network.weights["head/kernel"].copy()
    deep = network.config.deep_layer_sizes[-1] if "deep" in head_names(network.config) else 0
    start = len(kernel) - deep  # the deep part stands last
    kernel[start:] = kernel[start:] * (part != "deep")
    kernel[:start] = kernel[:start] * (part != "cross")
    return network.with_weights({"head/kernel": kernel})
