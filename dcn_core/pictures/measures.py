"""Which features a network crosses, by one measure or another: matrices to show, and pairs by rank."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dcn_core.config.model import ModelConfig
from dcn_core.data.dataset import PlantedCross
from dcn_core.insight.wording import label, pair_words, percent
from dcn_core.model.shapes import has_gates
from dcn_core.pictures import theme

Measure = Literal["effect", "strength", "signed", "block_norm", "per_size"]
MEASURES: dict[Measure, str] = {
    "effect": "Effect in stars",
    "strength": "Strength on data",
    "signed": "Signed mean",
    "block_norm": "Block norm",
    "per_size": "Norm per √size",
}
LAYERED: tuple[Measure, ...] = ("strength", "block_norm", "per_size")
"""Measures of the cross layers' weights: one matrix a layer, with a direction. The others are of the whole network."""
UNITS: dict[Measure, str] = {
    "effect": "stars",
    "strength": "length of x",
    "signed": "stars",
    "block_norm": "norm of W",
    "per_size": "norm of W per √size",
}
SAID: dict[Measure, str] = {measure: unit if unit == "stars" else f"({unit})" for measure, unit in UNITS.items()}
"""Units behind a number in a sentence."""
ABOUT: dict[Measure, str] = {
    "effect": "By how many stars a pair of features moves the rating beyond what the two say alone: the standard deviation, over "
    "validation ratings, of the part of the prediction that exactly these two explain together (functional analysis of "
    "variance). It sees the whole network, deep layers included, and planted crosses are given in the same unit. It is not "
    "a cause: it says what the network does, not what people are like.",
    "signed": "What the products of two embeddings add to the rating on average, in stars, with its sign. It is exact for the "
    "cross part. It also carries what each feature says alone, and a pair that lifts as often as it lowers has a mean near "
    "zero; use the effect to rank pairs.",
    "strength": "How far a cross moves the layer's output, on average over validation ratings: E‖x₀ᵢ ∘ (Wᵢⱼ xⱼ)‖. "
    "It counts the weights and the embeddings, so features compare fairly.",
    "block_norm": "Frobenius norm of the weights between two features, ‖Wᵢⱼ‖. It compares features only as far as their "
    "embeddings are of equal length; read it beside the strength on data.",
    "per_size": "The block norm divided by √(rows · columns), so that a wide embedding does not look strong for its width "
    "alone. Like the block norm it ignores how long the embeddings are.",
}
_NORMS = {
    "mixture": "A mixture has no single matrix: norms are of its experts' mean, Σ E[Gᵢ] Uᵢ Cᵢ Vᵢᵀ",
    "gated": "Norms are of W before its gate",
}


def matrices(insight: Mapping[str, np.ndarray], measure: Measure) -> np.ndarray:
    """Returns one matrix a cross layer, `(L, F, F)`; row: feature of x0 that is multiplied."""
    if measure == "strength":
        return np.asarray(insight["strength"])
    norms = np.asarray(insight["block_norm"])
    if measure == "per_size":
        sizes = np.asarray(insight["block_sizes"], dtype=float)
        norms = norms / np.sqrt(sizes[:, None] * sizes[None, :])
    return norms


def both_ways(matrix: np.ndarray) -> np.ndarray:
    """Both directions of each pair added, in both cells; a feature crossed with itself has one direction."""
    return np.asarray(matrix + matrix.T - np.diag(np.diag(matrix)))


def pairs(matrix: np.ndarray, names: Sequence[str], *, directed: bool = True) -> pd.DataFrame:
    """Returns unordered pairs of features, largest first: columns `pair` (names in order) and `strength`.

    Args:
        matrix: `(F, F)`; pairs that are NaN are left out.
        names: F names.
        directed: Whether a pair of two features stands in two cells, which are added, and not in both with the same number.
    """
    whole = both_ways(matrix) if directed else matrix
    rows = [
        ((names[i], names[j]), float(whole[i, j]))
        for i in range(len(names))
        for j in range(i, len(names))
        if np.isfinite(whole[i, j])
    ]
    frame = pd.DataFrame(rows, columns=["pair", "strength"])
    return frame.sort_values("strength", ascending=False, key=np.abs, ignore_index=True, kind="stable")


def pair_label(pair: Sequence[str]) -> str:
    """`Age × Genres`, or `Age × itself`."""
    left, right = (label(name) for name in pair)
    return f"{left} × itself" if left == right else f"{left} × {right}"


def ranking(frame: pd.DataFrame, planted: Sequence[PlantedCross] = (), most: int = 12) -> pd.DataFrame:
    """Returns the strongest crosses to read: `Cross`, `Strength` and, in a generated world, `Planted` in stars."""
    table = pd.DataFrame(
        {"Cross": [pair_label(pair) for pair in frame["pair"]], "Strength": frame["strength"].to_numpy(dtype=float)}
    )
    if planted:
        truth = {frozenset(cross.features): cross.strength for cross in planted}
        table["Planted"] = [truth.get(frozenset(pair)) for pair in frame["pair"]]
    return table.head(most)


def said(frame: pd.DataFrame, measure: Measure, layer: int = 0) -> str:
    """What a frame of `pairs` says first, of one layer (from 1) or, with 0, of the whole network."""
    if frame.empty or not np.abs(frame["strength"]).sum():
        return "By this measure the network crosses nothing."
    top, whole = frame.iloc[0], float(np.abs(frame["strength"]).sum())
    size, pair = abs(float(top["strength"])), pair_words(*top["pair"])
    digits = theme.digits(size)
    if measure == "signed":
        return f"On average the products of {pair} {'add' if top['strength'] > 0 else 'take'} {size:.{digits}f} stars, more than those of any other pair."
    where = f"In cross layer {layer}" if layer else "Over all cross layers"
    return f"{where}, {pair} have the largest {MEASURES[measure].lower()}: {size:.{digits}f}, {percent(size / whole)} of all pairs together."


def thinned(kernel: np.ndarray, most: int = 256) -> tuple[np.ndarray, int]:
    """Returns a matrix that a browser can draw, and how many rows and columns each of its cells averages."""
    step = -(-len(kernel) // most)
    if step == 1:
        return kernel, 1
    size = -(-len(kernel) // step) * step
    padded = np.full((size, size), np.nan)
    padded[: len(kernel), : len(kernel)] = kernel
    cells = padded.reshape(size // step, step, size // step, step)
    return np.nanmean(cells, axis=(1, 3)), step


def caveat(config: ModelConfig) -> str:
    """What a map cannot say of this kind of network; empty if there is nothing."""
    notes = []
    if config.combination == "token_mean":
        notes.append(
            "This network averages all embeddings before it crosses them, so features share one block of weights. The strength "
            "shows each feature's share of the mean; there are no blocks to compare."
        )
    elif config.cross_kind == "vector" and config.structure != "deep":
        notes.append(
            "A vector layer has one weight vector: its rows differ only by the embeddings they are multiplied with. Its weights "
            "can say how much a feature is used, hardly which pair."
        )
    if has_gates(config):
        notes.append("The strength on data counts the gates as each rating sets them.")
        if config.combination == "concat":
            bent = config.cross_kind == "mixture" and config.expert_activation == "tanh"
            notes.append(_NORMS[config.cross_kind] + (", without their tanh." if bent else "."))
    if config.structure in ("parallel", "stacked"):
        notes.append("The deep part can cross features too: only the effect in stars sees it.")
    return " ".join(notes)
