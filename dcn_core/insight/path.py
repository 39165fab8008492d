"""One example on its way through the network: every number that leads to its rating."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder
from dcn_core.insight.forward import forward
from dcn_core.insight.interactions import shares_of_mean
from dcn_core.insight.network import Indices, LikeNetwork, Network
from dcn_core.insight.orders import cross_head
from dcn_core.insight.wording import decimal, listed, signed
from dcn_core.model.shapes import feature_slices

_PARTS = {
    "cross": "the cross part",
    "deep": "the deep part",
    "user_bias": "the user's bias",
    "movie_bias": "the movie's bias",
}

LIKES = {1.0: "a like", 0.0: "no like"}


@dataclass(frozen=True)
class Path:
    """The values of a network on one example.

    Attributes:
        features: `feature`, `categories` (their names), `indices` (theirs in the embedding table) and `norm` (length of the
            feature's part of x0, or of what it adds to the mean of all tokens).
        layers: One row each for x0, the cross layers and the deep layers, in their order: `part` ("x0", "cross", "deep"),
            `layer` (from 1; 0 for x0), `size`, `norm` (length), `change` (length of what a cross layer adds to its input),
            `active` (how many values of a deep layer are above zero) and `stars` (what x0 and each cross layer add to the
            rating; NaN where the head does not read them).
        contributions: What adds up to the rating, in stars: `cross`, `deep`, `bias`, `user_bias`, `movie_bias`, as far as there.
        rating: The raw, unclipped output, in stars.
        likely: The probability of a like that it stands for, None where ratings are predicted.
    """

    features: pd.DataFrame
    layers: pd.DataFrame
    contributions: dict[str, float]
    rating: float
    likely: float | None = None

    def sentence(self, actual: float | None = None) -> str:
        """How the rating comes about."""
        moved = [
            f"{name} {signed(self.contributions[part], 2)}"
            for part, name in _PARTS.items()
            if part in self.contributions
        ]
        text = f"From {decimal(self.contributions['bias'], 2)} stars, the constant of the head, {listed(moved)} {'lead' if len(moved) > 1 else 'leads'} to {decimal(self.rating, 2)}."
        if self.likely is not None:
            text += f" That is a probability of {self.likely:.2f} of a like."
        if actual is None:
            return f"{text} This user has not rated this movie."
        if self.likely is not None:
            return f"{text} The real rating is {LIKES.get(actual, 'neither')}."
        return f"{text} The real rating is {round(actual, 2):g}, {abs(self.rating - actual):.2f} away."


def path(network: Network, indices: Indices, categories: Mapping[str, Sequence[str]]) -> Path:
    """Follows one example.

    Args:
        network: Any architecture.
        indices: Its encoded features by name, `(1,)` or `(1, slots)`.
        categories: Readable names by feature, index-aligned.
    """
    values = forward(*network, indices)
    if network.config.combination == "token_mean":
        parts = dict(zip(network.feature_names, shares_of_mean(network.specs, network.weights, indices), strict=True))
    else:
        slices = feature_slices(network.config, network.specs)
        parts = {spec.name: values.x0[:, slices[spec.name]] for spec in network.specs}
    rows = []
    for name in network.feature_names:
        used = [int(index) for index in network.spec(name).codes(indices[name]).ravel() if index >= 0]
        names = [categories[name][index] for index in used]
        rows.append((name, ", ".join(names) or "none", used, _length(parts[name])))
    features = pd.DataFrame(rows, columns=["feature", "categories", "indices", "norm"])
    reads = network.config.structure in ("parallel", "cross")
    head = cross_head(network) if reads else np.full(values.x0.shape[1], np.nan)
    nothing = float("nan")
    steps = [("x0", 0, values.x0.shape[1], _length(values.x0), nothing, nothing, float(values.x0[0] @ head))]
    for number, (before, after) in enumerate(zip(values.cross_inputs, values.crosses, strict=True), start=1):
        added = after - before
        steps.append(("cross", number, after.shape[1], _length(after), _length(added), nothing, float(added[0] @ head)))
    for number, output in enumerate(values.deep, start=1):
        steps.append(("deep", number, output.shape[1], _length(output), nothing, float((output > 0).sum()), nothing))
    layers = pd.DataFrame(steps, columns=["part", "layer", "size", "norm", "change", "active", "stars"])
    contributions = {name: float(part[0]) for name, part in values.contributions.items()}
    likely = float(network.prediction(values.rating)[0]) if isinstance(network, LikeNetwork) else None
    return Path(features, layers, contributions, float(values.rating[0]), likely)


def pair_indices(encoder: Encoder, dataset: Dataset, user: int, movie: int, row: int | None) -> Indices:
    """The encoded features of one question, for `path`.

    Args:
        encoder: Of the network.
        dataset: Its ratings.
        user: Row of `Dataset.users`.
        movie: Row of `Dataset.movies`.
        row: Of `Dataset.ratings`, for what belongs to neither user nor movie; None if the user has not rated the movie.
    """
    context = None if row is None else dataset.ratings.iloc[[row]]
    return encoder.encode_pairs(dataset.users.iloc[[user]], dataset.movies.iloc[[movie]], context)


def example_row(rows: np.ndarray, number: int = 0) -> int:
    """One of some rows, another for each number: the rating that is shown where nobody chose one."""
    return int(rows[np.random.default_rng(number).integers(len(rows))])


def _length(row: np.ndarray) -> float:
    return float(np.linalg.norm(row))
