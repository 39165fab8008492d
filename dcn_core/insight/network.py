"""A trained network as insight takes it, and how far off it is on given ratings."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.config.metrics import Target
from dcn_core.config.model import ModelConfig
from dcn_core.errors import PredictionError
from dcn_core.insight.forward import Weights, forward, number_vectors
from dcn_core.insight.interactions import effective_kernel, mean_gates, num_cross_layers

CHUNK = 4096
"""Rows at a time: their intermediate values stay in the processor's cache."""

Indices = Mapping[str, np.ndarray]
"""Encoded features by name, `(n,)` or `(n, slots)`: what `EncodedData.inputs(rows)` returns."""


class Network(NamedTuple):
    """Everything that defines the function from features to rating. `forward(*network, indices)` runs it.

    Attributes:
        config: The architecture.
        specs: The input features, in the order in which they stand in x0.
        weights: As of `named_weights` or `weights.npz`.
    """

    config: ModelConfig
    specs: Sequence[FeatureSpec]
    weights: Weights

    @property
    def feature_names(self) -> tuple[str, ...]:
        """`F` names, in the order of every matrix's axes."""
        return tuple(spec.name for spec in self.specs)

    def spec(self, name: str) -> FeatureSpec:
        """The input feature of that name."""
        return next(spec for spec in self.specs if spec.name == name)

    def table(self, name: str) -> np.ndarray:
        """The embedding of each category of a feature, `(categories, e)`; of a number, of its knots."""
        spec = self.spec(name)
        return (
            number_vectors(spec, self.weights, spec.values(np.arange(spec.vocabulary_size)))
            if spec.is_number
            else self.weights[f"embedding/{name}"]
        )

    def rating(self, indices: Indices) -> np.ndarray:
        """The predictions, float64 `(n,)`, however many there are: raw, unclipped ratings."""
        n = len(next(iter(indices.values())))
        result = np.empty(n)
        for start in range(0, n, CHUNK):
            part = {name: index[start : start + CHUNK] for name, index in indices.items()}
            result[start : start + CHUNK] = forward(*self, part).rating
        return self.prediction(result)

    def prediction(self, raw: np.ndarray) -> np.ndarray:
        """What a raw output of `forward` says of the rating."""
        return raw

    def mse(self, indices: Indices, rating: np.ndarray) -> float:
        """Mean squared error of the predictions, in stars²."""
        return float(np.mean((self.rating(indices) - rating) ** 2))

    def with_weights(self, changes: Weights) -> "Network":
        """The same network with some weights replaced or added."""
        return self._replace(weights={**self.weights, **changes})

    def full_kernels(self) -> "Network":
        """The same function with every cross layer given by its matrix W; a mixture, which has none, stays as it is."""
        if self.config.cross_kind == "mixture":
            return self
        numbers = range(1, num_cross_layers(self.config) + 1)
        return self.with_weights({f"cross_{number}/W": effective_kernel(self.weights, number) for number in numbers})

    def expert_gates(self, indices: Indices) -> np.ndarray:
        """The mean gate of each expert of a mixture over some ratings, `(L, K)`."""
        return mean_gates(self.config, self.weights, forward(*self, indices))

    def without_experts(self, indices: Indices) -> "Network":
        """Another function: each mixture layer as the one matrix that is the mean of its experts over some ratings.

        What gates decide rating by rating is lost, and so is the experts' activation. Other networks stay as they are.
        """
        if self.config.cross_kind != "mixture":
            return self
        weights = {
            name: weight for name, weight in self.weights.items() if name.split("/")[-1] not in ("U", "V", "C", "G")
        }
        for number, layer in enumerate(self.expert_gates(indices), start=1):
            weights[f"cross_{number}/W"] = effective_kernel(self.weights, number, layer)
            weights[f"cross_{number}/b"] = layer.sum() * weights[f"cross_{number}/b"]
        return self._replace(config=self.config.model_copy(update={"cross_kind": "matrix"}), weights=weights)


class LikeNetwork(Network):
    """A network of likes: `forward` gives their log-odds, and every prediction and error is of their probability."""

    __slots__ = ()

    def prediction(self, raw: np.ndarray) -> np.ndarray:
        """The probability of a like, from its log-odds."""
        return (1 + np.tanh(raw / 2)) / 2  # without overflow


def network_class(target: Target) -> type[Network]:
    """The kind of network that predicts a target."""
    return LikeNetwork if target == "like" else Network


def check_rows(indices: Indices, rating: np.ndarray) -> None:
    """Checks that there are ratings to measure on.

    Raises:
        PredictionError: There are none, or their number is not that of the indices.
    """
    n = len(next(iter(indices.values())))
    if n == 0 or n != len(rating):
        raise PredictionError(
            f"insight needs at least one rating and as many labels as inputs. Received: {n} inputs and {len(rating)} "
            "labels. Give the rows of the validation part."
        )
