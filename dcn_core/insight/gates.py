"""What the gates of a mixture or gated network decide: how far each is open, and for which categories.

A mixture layer has one gate an expert. A gated layer has one for each of its d numbers; here they are averaged over each
feature's part of x0, so that there is one a feature: how much of what is multiplied with that feature passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.config.model import ModelConfig
from dcn_core.errors import PredictionError
from dcn_core.insight.forward import cross_gate, forward
from dcn_core.insight.network import CHUNK, Indices, Network
from dcn_core.insight.wording import sentence, words
from dcn_core.model.shapes import feature_slices, has_gates

COLLAPSED = 0.2
"""Share of an even gate (1/K of softmax gates, 1/2 of the others) under which an expert counts as collapsed."""
MOST_CATEGORIES = 30
"""Of a feature with more categories, only the most frequent ones are shown."""
FEWEST_RATINGS = 30
"""Ratings that a category needs to be named."""


@dataclass(frozen=True)
class CategoryGates:
    """The mean gates of one layer by category of one feature.

    Attributes:
        mean: `(C, K)`, mean gate over the ratings with that category; a film counts for each of its genres.
        count: `(C,)`, these ratings.
        rows: `(C,)`, indices of the categories, most frequent first.
    """

    mean: np.ndarray
    count: np.ndarray
    rows: np.ndarray


def gate_names(network: Network) -> tuple[str, ...]:
    """What the `K` gates of each layer belong to: experts, features of x0, or x0 as a whole where features share it."""
    if network.config.cross_kind == "mixture":
        return tuple(f"expert {number}" for number in range(1, network.config.num_experts + 1))
    return ("x0",) if network.config.combination == "token_mean" else network.feature_names


def even_gate(config: ModelConfig) -> float:
    """Where every gate would stand if its weights were zero."""
    return 1 / config.num_experts if config.cross_kind == "mixture" and config.gate == "softmax" else 0.5


def gates(network: Network, indices: Indices) -> np.ndarray:
    """Returns the gates of each layer on each rating, `(L, n, K)`.

    Raises:
        PredictionError: The network has no gates.
    """
    config = network.config
    if not has_gates(config):
        raise PredictionError(
            f"gates are those of mixture and gated cross layers. Received: {config.num_cross_layers} cross layers of kind "
            f"'{config.cross_kind}' in structure '{config.structure}'. Choose another run."
        )
    slices = feature_slices(config, network.specs)
    blocks = list(dict.fromkeys((part.start, part.stop) for part in slices.values()))
    n, size = len(next(iter(indices.values()))), len(gate_names(network))
    found = np.empty((config.num_cross_layers, n, size))
    for start in range(0, n, CHUNK):
        values = forward(*network, {name: index[start : start + CHUNK] for name, index in indices.items()})
        for layer, x in enumerate(values.cross_inputs):
            gate = cross_gate(config, network.weights, layer + 1, x)
            if config.cross_kind == "gated":
                gate = np.stack([gate[:, first:last].mean(axis=1) for first, last in blocks], axis=1)
            found[layer, start : start + len(gate)] = gate
    return found


def gate_table(network: Network, values: np.ndarray) -> pd.DataFrame:
    """Returns how each gate stands.

    Args:
        network: With gates.
        values: As of `gates`.

    Returns:
        `layer` (from 1), `gate` (its name), `mean` and `std` over the ratings, `widest` (share of the ratings on which it is
        the widest open of its layer) and `collapsed` (its mean is under `COLLAPSED` of an even gate).
    """
    names, frames = gate_names(network), []
    for number, layer in enumerate(values, start=1):
        widest = np.bincount(layer.argmax(axis=1), minlength=len(names)) / len(layer)
        mean, std = layer.mean(axis=0), layer.std(axis=0)
        frames.append(pd.DataFrame({"layer": number, "gate": names, "mean": mean, "std": std, "widest": widest}))
    frame = pd.concat(frames, ignore_index=True)
    return frame.assign(collapsed=frame["mean"] < COLLAPSED * even_gate(network.config))


def gates_by_category(values: np.ndarray, index: np.ndarray) -> CategoryGates:
    """Returns the mean gates of one layer by category of one feature; the unknown category is left out.

    Args:
        values: Gates of the layer, `(n, K)`.
        index: The feature of the same ratings, `(n,)` or `(n, slots)`.
    """
    slots = index.reshape(len(index), -1)
    size = int(slots.max(initial=0)) + 1
    count, total = np.zeros(size, dtype=np.int64), np.zeros((size, values.shape[1]))
    for column in slots.T:
        known = column > 0
        count += np.bincount(column[known], minlength=size)
        for k in range(values.shape[1]):
            total[:, k] += np.bincount(column[known], values[known, k], minlength=size)
    order = np.argsort(-count, kind="stable")[: min(MOST_CATEGORIES, int((count > 0).sum()))]
    return CategoryGates(total[order] / count[order, None], count[order], order)


def gate_spread(
    network: Network, tables: Mapping[tuple[int, str], CategoryGates], categories: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Returns how far each gate follows each feature, the one that follows most first.

    Args:
        network: With gates.
        tables: `CategoryGates` by layer (from 1) and feature.
        categories: Readable names by feature, index-aligned, as of `Encoder.categories`.

    Returns:
        `layer`, `gate`, `feature`, `spread` (standard deviation of the mean gate over categories, weighted by their ratings),
        and its `highest` and `lowest` category with their means `high` and `low`. Only categories with at least
        `FEWEST_RATINGS` ratings count; features with fewer than two of them are left out.
    """
    rows = []
    for (layer, feature), table in tables.items():
        enough = table.count >= FEWEST_RATINGS
        if enough.sum() < 2:
            continue
        mean, count, own = table.mean[enough], table.count[enough], table.rows[enough]
        spread = np.sqrt(np.average((mean - np.average(mean, axis=0, weights=count)) ** 2, axis=0, weights=count))
        for k, name in enumerate(gate_names(network)):
            top, bottom = mean[:, k].argmax(), mean[:, k].argmin()
            ends = [str(categories[feature][own[place]]) for place in (top, bottom)]
            rows.append((layer, name, feature, spread[k], *ends, mean[top, k], mean[bottom, k]))
    frame = pd.DataFrame(rows, columns=["layer", "gate", "feature", "spread", "highest", "lowest", "high", "low"])
    return frame.sort_values("spread", ascending=False, ignore_index=True, kind="stable")


def gate_sentence(network: Network, table: pd.DataFrame, spread: pd.DataFrame) -> str:
    """Whether any gate has collapsed, and what gates follow most: content before ids, whose names say little.

    Args:
        network: With gates.
        table: As of `gate_table`.
        spread: As of `gate_spread`.
    """
    mixture = network.config.cross_kind == "mixture"
    what = "expert" if mixture else "gate"
    collapsed, smallest = table[table["collapsed"]], table.loc[table["mean"].idxmin()]
    if len(collapsed) == 0:
        text = f"no {what} has collapsed: the smallest mean gate is {smallest['mean']:.2f}, that of {_place(smallest)}."
    else:
        have = "has" if len(collapsed) == 1 else "have"
        text = (
            f"{len(collapsed)} of {len(table)} {what}s {have} collapsed: the smallest mean gate is {smallest['mean']:.3f}, "
            f"that of {_place(smallest)}."
        )
    content = spread[~spread["feature"].str.endswith("_id")] if len(spread) else spread
    if len(content) and content["high"].iloc[0] - content["low"].iloc[0] >= 0.005:
        top = content.iloc[0]
        text += (
            f" Among content features, gates follow {words(top['feature'])} most: that of {_place(top)} is open "
            f"{top['high']:.2f} for {top['highest']} and {top['low']:.2f} for {top['lowest']}."
        )
    return sentence(text)


def _place(row: pd.Series) -> str:
    return f"{words(row['gate'])} in layer {row['layer']}"
