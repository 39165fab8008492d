"""Users, and movies, that are alike to a network: by their embeddings, or by what it predicts for them."""

from collections.abc import Mapping

import numpy as np

from dcn_core.insight.forward import lookup, number_vectors
from dcn_core.insight.network import Network
from dcn_core.serving.intervals import Score

PANEL = 64
"""Users to whom movies are shown, or movies that users are asked about, to compare answers."""
MOST = 4_000
"""Of more users or movies, those with most ratings are compared by their answers."""

Features = Mapping[str, np.ndarray]
"""Encoded features of users, or of movies, by name: int32 `(n,)` or `(n, slots)`."""


def vectors(network: Network, features: Features) -> np.ndarray:
    """All that a network looks up of users or of movies, side by side: float `(n, e)`, `(n, 0)` if it looks at none.

    An empty slot of a multi-valued feature does not count; the others are averaged.
    """
    size = len(next(iter(features.values()))) if features else 0
    parts = [np.zeros((size, 0))]
    for name, index in features.items():
        spec = network.spec(name)
        if spec.is_number:
            parts.append(number_vectors(spec, network.weights, index).astype(float))
            continue
        found = lookup(network.weights[f"embedding/{name}"], index).astype(float)
        if index.ndim == 2:
            filled = (index >= 0)[:, :, None]
            found = (found * filled).sum(axis=1) / np.maximum(filled.sum(axis=1), 1)
        parts.append(found)
    return np.concatenate(parts, axis=1)


def cosine(table: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Likeness of each row of a table, `(n, e)`, to one, `(e,)`: cosine of what differs from the table's mean, -1 to 1."""
    centre = table.mean(axis=0)
    centred, own = table - centre, row - centre
    lengths = np.linalg.norm(centred, axis=1) * np.linalg.norm(own)
    return np.asarray(np.divide(centred @ own, lengths, out=np.zeros(len(table)), where=lengths > 1e-12))


def responses(score: Score, features: Features, panel: Features) -> np.ndarray:
    """What a network predicts for each of n users (or movies) and each of a panel of movies (or users), `(n, panel)`."""
    size, asked = (len(next(iter(side.values()))) for side in (features, panel))
    found = np.empty((size, asked), np.float32)
    for number in range(asked):
        one = {
            name: np.broadcast_to(index[number : number + 1], (size, *index.shape[1:])) for name, index in panel.items()
        }
        found[:, number] = score({**features, **one})
    return found


def correlation(table: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Correlation of each row's answers, `(n, panel)`, with one's, `(panel,)`, beyond what all answer on average."""
    mean = table.mean(axis=0)
    own = row - mean
    rest = table - mean
    rest, own = rest - rest.mean(axis=1, keepdims=True), own - own.mean()
    lengths = np.linalg.norm(rest, axis=1) * np.linalg.norm(own)
    return np.asarray(np.divide(rest @ own, lengths, out=np.zeros(len(table)), where=lengths > 1e-9))


def nearest(likeness: np.ndarray, most: int, without: int | None = None) -> np.ndarray:
    """Rows of the greatest likeness, best first, the row `without` left out, and those of likeness -inf."""
    order = np.argsort(-likeness, kind="stable")
    order = order[likeness[order] > -np.inf]
    return order[order != without][:most] if without is not None else order[:most]
