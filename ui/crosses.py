"""Which features a network crosses, put together for a page: matrices to show, and pairs by rank. No Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dcn_core.data.dataset import PlantedCross
from ui import texts

Measure = Literal["strength", "block_norm", "per_size"]
MEASURES: dict[Measure, str] = {
    "strength": "Strength on data",
    "block_norm": "Block norm",
    "per_size": "Norm per √size",
}
ABOUT: dict[Measure, str] = {
    "strength": "How far a cross moves the layer's output, on average over validation ratings: $E\\,\\|x_{0,i} \\circ (W_{ij} x_j)\\|$. "
    "It counts the weights and the embeddings, so features compare fairly.",
    "block_norm": "Frobenius norm of the weights between two features, $\\|W_{ij}\\|$. It compares features only as far as their "
    "embeddings are of equal length; read it beside the strength on data.",
    "per_size": "The block norm divided by √(rows · columns), so that a wide embedding does not look strong for its width "
    "alone. Like the block norm it ignores how long the embeddings are.",
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


def pairs(matrix: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Returns unordered pairs of features, strongest first: columns `pair` (names in order) and `strength`.

    A pair of two features stands in two cells, which are added; a feature crossed with itself stands in one.
    """
    rows = [
        ((names[i], names[j]), float(matrix[i, j] + matrix[j, i]) if i != j else float(matrix[i, i]))
        for i in range(len(names))
        for j in range(i, len(names))
    ]
    frame = pd.DataFrame(rows, columns=["pair", "strength"])
    return frame.sort_values("strength", ascending=False, ignore_index=True)


def pair_label(pair: Sequence[str]) -> str:
    """`Age × Genres`, or `Age × itself`."""
    left, right = (texts.FEATURES.get(name, name) for name in pair)
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


def recovered(frame: pd.DataFrame, planted: Sequence[PlantedCross]) -> tuple[int, int]:
    """How many of the planted crosses that the network can see are among its strongest, and how many there are.

    Only pairs of two different features count, as only those are planted; `k` planted ones are looked for among the
    `k` strongest.
    """
    mixed = [frozenset(pair) for pair in frame["pair"] if pair[0] != pair[1]]
    visible = {frozenset(cross.features) for cross in planted} & set(mixed)
    return len(visible & set(mixed[: len(visible)])), len(visible)


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


def spectrum(kernel: np.ndarray, share: float = 0.9) -> tuple[np.ndarray, int]:
    """Returns the singular values of a matrix, largest first, and how many hold `share` of its squared norm."""
    values = np.linalg.svd(kernel, compute_uv=False)
    energy = np.cumsum(values**2)
    if energy[-1] == 0:
        return values, 0
    return values, int(np.searchsorted(energy, share * energy[-1]) + 1)
