"""Why one rating is predicted as it is: terms that add up to it, measured from the average prediction.

By part and by order the terms are those of the network itself, less their means over a background of ratings. By feature
and pair they are those of the functional decomposition of the prediction against that background: with v(S) the mean
prediction when the features S have this example's values and the others those of a background rating, a feature alone
adds v(i) - v(∅), and a pair adds v(i, j) - v(i) - v(j) + v(∅) (Hoeffding's decomposition for independent groups of features;
Janzing et al., "Feature relevance quantification in explainable AI", AISTATS 2020). What is left is done by three or more
together. It is exact for every kind of network, gated, stacked and deep ones included.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.forward import forward
from dcn_core.insight.network import Indices, Network
from dcn_core.insight.orders import cross_head, order_terms
from dcn_core.insight.wording import STARS, Unit, decimal, label, listed, pair_words, signed
from dcn_core.model.shapes import has_cross, has_gates

BACKGROUND_ROWS = 256
"""Ratings that the averages are over: an average prediction is then known to about 0.03 stars."""
REST = "three or more together"
_PARTS = {
    "cross": "cross part",
    "deep": "deep part",
    "user_bias": "bias of the user",
    "movie_bias": "bias of the movie",
}

Row = tuple[str, tuple[str, ...], float]
"""A term: its name, the features it is about, and stars."""
Rate = Callable[[Indices], np.ndarray]
"""Encoded features to raw ratings: `Network.rating` or `Predictor.score`."""


@dataclass(frozen=True)
class Waterfall:
    """Terms that lead from the average prediction to one.

    Attributes:
        average: Mean prediction over the background, in stars.
        terms: `name` (plain text), `features` (those it is about, a tuple) and `stars` (signed), in the order of the network.
        rating: The raw prediction: `average` and all terms added up.
    """

    average: float
    terms: pd.DataFrame
    rating: float

    def largest(self, most: int) -> pd.DataFrame:
        """The terms by size, and as the last one what the smaller ones come to."""
        order = self.terms["stars"].abs().sort_values(ascending=False, kind="stable").index
        first, rest = self.terms.loc[order[:most]], self.terms.loc[order[most:]]
        if len(rest) == 0:
            return first.reset_index(drop=True)
        name = f"{len(rest)} smaller ones" if len(rest) > 1 else rest["name"].iloc[0]
        last = pd.DataFrame({"name": [name], "features": [()], "stars": [rest["stars"].sum()]})
        return pd.concat([first, last], ignore_index=True)

    def sentence(self, values: Mapping[str, str] | None = None, unit: Unit = STARS) -> str:
        """The terms that move the rating most, in words.

        Args:
            values: This example's value of each feature, to be named.
            unit: What the prediction is measured in.
        """
        top = self.largest(3)
        moved = [
            f"{self._words(name, features, values or {})} {signed(stars, 2)}"
            for name, features, stars in zip(top["name"], top["features"], top["stars"], strict=True)
            if round(stars, 2)
        ]
        if not moved:
            return (
                f"The prediction is the average one, {decimal(self.average, 2)} {unit.amount}: nothing here moves it."
            )
        return f"From {decimal(self.average, 2)} {unit.amount}, the average prediction, {listed(moved)} {'lead' if len(moved) > 1 else 'leads'} to {decimal(self.rating, 2)}."

    @staticmethod
    def _words(name: str, features: tuple[str, ...], values: Mapping[str, str]) -> str:
        small = name[:1].lower() + name[1:]
        return f"{small} ({values[features[0]]})" if len(features) == 1 and features[0] in values else small


def by_features(rate: Rate, example: Indices, background: Indices) -> Waterfall:
    """Splits a prediction among its features and their pairs.

    Args:
        rate: Any network.
        example: Its encoded features, `(1,)` or `(1, slots)` by name.
        background: Those of `m` other ratings, `(m,)` or `(m, slots)`.

    Raises:
        PredictionError: There is no background.
    """
    names = list(example)
    size = len(background[names[0]])
    if size == 0:
        raise PredictionError("an average needs at least one rating. Received none. Give rows of the validation part.")
    sets: list[tuple[str, ...]] = [(), *((name,) for name in names), *combinations(names, 2)]
    trial = {}
    for name in names:
        other = background[name]
        own = np.broadcast_to(example[name], other.shape)
        trial[name] = np.concatenate([own if name in chosen else other for chosen in sets])
    values = rate(trial).astype(float).reshape(len(sets), size).mean(axis=1)
    value = dict(zip(sets, values, strict=True))
    average, rating = value[()], float(rate(example)[0])
    rows: list[Row] = []
    for chosen in sets[1:]:
        if len(chosen) == 1:
            rows.append((label(chosen[0]), chosen, value[chosen] - average))
        else:
            a, b = chosen
            rows.append((label(pair_words(a, b)), chosen, value[chosen] - value[a,] - value[b,] + average))
    rest = rating - average - sum(stars for _, _, stars in rows)
    if len(names) > 2:
        rows.append((label(REST), (), rest))
    return Waterfall(average, pd.DataFrame(rows, columns=["name", "features", "stars"]), rating)


def by_parts(network: Network, example: Indices, background: Indices) -> Waterfall:
    """Splits a prediction among what the head adds up: cross and deep part, biases."""
    own, others = forward(*network, example), forward(*network, background)
    rows: list[Row] = [
        (
            label(_PARTS[part]),
            (),
            float(own.contributions[part][0]) - float(others.contributions[part].mean(dtype=float)),
        )
        for part in own.contributions
        if part != "bias"
    ]
    return _waterfall(others.rating, rows, own.rating)


def by_orders(network: Network, example: Indices, background: Indices) -> Waterfall:
    """Splits the cross part of a prediction into its orders in x0; the deep part and biases stay as they are.

    Raises:
        PredictionError: The network is no such polynomial, see `has_orders`.
    """
    own, others = forward(*network, example), forward(*network, background)
    head = cross_head(network)
    rows: list[Row] = []
    pairs = zip(order_terms(network, example), order_terms(network, background), strict=True)
    for order, (mine, theirs) in enumerate(pairs):
        if order:  # order 0 is a constant
            name = "Cross part, order 1: embeddings alone" if order == 1 else f"Cross part, order {order}"
            rows.append((name, (), float(mine[0] @ head) - float((theirs @ head).mean(dtype=float))))
    for part in own.contributions:
        if part not in ("bias", "cross"):
            mean = float(others.contributions[part].mean(dtype=float))
            rows.append((label(_PARTS[part]), (), float(own.contributions[part][0]) - mean))
    return _waterfall(others.rating, rows, own.rating)


def has_orders(network: Network) -> bool:
    """Whether the rating is a sum of orders in x0, exactly: cross layers without gates that the head reads directly."""
    config = network.config
    return has_cross(config) and not has_gates(config) and config.structure in ("parallel", "cross")


def _waterfall(others: np.ndarray, rows: list[Row], own: np.ndarray) -> Waterfall:
    terms = pd.DataFrame(rows, columns=["name", "features", "stars"])
    return Waterfall(float(others.mean(dtype=float)), terms, float(own[0]))
