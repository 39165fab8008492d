"""How many dimensions the cross layers use: singular values of W, and what truncating W to a rank costs.

Gates of a gated layer stay as they are. A mixture is first replaced by the mean of its experts, `Network.without_experts`,
so its errors also say what the gates are worth.
"""

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.forward import Weights
from dcn_core.insight.interactions import effective_kernel, num_cross_layers
from dcn_core.insight.network import Indices, Network, check_rows
from dcn_core.insight.wording import signed
from dcn_core.model.shapes import input_dim

SAMPLE_ROWS = 8192
"""Ratings on which to compare ranks: all see the same ones, so differences of a thousandth show."""
TOLERANCE = 1e-3
"""Relative rise of the error that counts as none: 0.1 %."""
MOST_DRAWS, MOST_DRAWN = 16, 2_000_000
"""Matrices that are drawn to see what training began with: at most so many, of together so many numbers."""
ALL_LAYERS = 0
"""In the column `layer`: all cross layers truncated together."""


def spectrum(network: Network) -> pd.DataFrame:
    """Returns the singular values of each layer's W, largest first.

    Args:
        network: Without experts.

    Returns:
        `layer` (from 1), `index` (from 1), `value`, and `energy`: share of ‖W‖² in the values up to this one.
    """
    frames = [pd.DataFrame({"layer": [], "index": [], "value": [], "energy": []}, dtype=float)]
    for number in range(1, num_cross_layers(network.config) + 1):
        values = np.linalg.svd(effective_kernel(network.weights, number).astype(float), compute_uv=False)
        energy = np.cumsum(values**2) / max(float(np.sum(values**2)), 1e-300)
        frames.append(
            pd.DataFrame({"layer": number, "index": np.arange(1, len(values) + 1), "value": values, "energy": energy})
        )
    return pd.concat(frames[1:] or frames, ignore_index=True)


def beside_start(network: Network, values: pd.DataFrame, gates: np.ndarray | None = None) -> pd.DataFrame:
    """Adds to a frame of `spectrum` what training began with: `start`, and `start_low` and `start_high`, the middle 90 %.

    The kernels are drawn anew from the distribution of their initial values, which depends on their shapes only. The run's own
    draw is one of these; singular values of random matrices of such a size hardly differ from draw to draw.

    Args:
        network: With its experts, if it has some.
        values: Of `spectrum`.
        gates: Of a mixture, as of `mean_gates`: they weigh the experts at the start as they do now.
    """
    known: dict[tuple[tuple[int, ...], ...], np.ndarray] = {}
    parts = []
    for number in values["layer"].drop_duplicates().astype(int):
        kernels = _kernels(network.weights, number)
        shapes = tuple(kernel.shape for kernel in kernels.values())
        if shapes not in known:
            known[shapes] = _initial_values(network.weights, number, None if gates is None else gates[number - 1])
        parts.append(known[shapes])
    low, middle, high = np.concatenate(parts, axis=1) if parts else np.empty((3, 0))
    return values.assign(start=middle, start_low=low, start_high=high)


def _kernels(weights: Weights, number: int) -> dict[str, np.ndarray]:
    """The weights of a cross layer, of any kind, that do not begin at zero: all but its biases."""
    prefix = f"cross_{number}/"
    return {name: w for name, w in weights.items() if name.startswith(prefix) and not name.endswith("/b")}


def _initial_values(weights: Weights, number: int, gates: np.ndarray | None) -> np.ndarray:
    """Percentiles 5, 50 and 95 of the singular values of a layer's matrix as Glorot's uniform initializer draws it, `(3, d)`."""
    rng, kernels = np.random.default_rng(0), _kernels(weights, number)
    size = len(effective_kernel(weights, number, gates))
    found = []
    for _ in range(int(np.clip(MOST_DRAWN / size**2, 1, MOST_DRAWS))):
        drawn = {name: rng.uniform(-_limit(w.shape), _limit(w.shape), w.shape) for name, w in kernels.items()}
        kernel = effective_kernel({**weights, **drawn}, number, gates).astype(float)
        found.append(np.linalg.svd(kernel, compute_uv=False))
    return np.percentile(found, (5, 50, 95), axis=0)


def _limit(shape: tuple[int, ...]) -> float:
    """Largest initial weight of a kernel, √(6 / (fan in + fan out)); experts that are stacked are kernels of their own."""
    fan_in, fan_out = (shape[0], shape[0]) if len(shape) == 1 else shape[-2:]
    return math.sqrt(6 / (fan_in + fan_out))


def ranks(network: Network) -> pd.DataFrame:
    """Returns each layer's ranks.

    Returns:
        `layer` (from 1), `size` (d), `numerical_rank` (singular values above the rounding error of float32), and
        `energy_rank_90` and `energy_rank_99`: how many hold 90 and 99 % of ‖W‖².
    """
    rows = []
    for number, values in spectrum(network).groupby("layer"):
        size, largest = len(values), values["value"].iloc[0]
        numerical = int((values["value"] > largest * size * np.finfo(np.float32).eps).sum())
        energy = [int((values["energy"] < share).sum()) + 1 if largest > 0 else 0 for share in (0.9, 0.99)]
        rows.append((number, size, numerical, *energy))
    return pd.DataFrame(rows, columns=["layer", "size", "numerical_rank", "energy_rank_90", "energy_rank_99"])


def truncated(network: Network, rank: int, layers: Iterable[int]) -> Network:
    """The network whose W in some layers, counted from 1, is replaced by the closest matrix of a rank; 0 leaves only b."""
    changes = {}
    for number in layers:
        kernel = effective_kernel(network.weights, number)
        left, values, right = np.linalg.svd(kernel, full_matrices=False)
        changes[f"cross_{number}/W"] = ((left[:, :rank] * values[:rank]) @ right[:rank]).astype(kernel.dtype)
    return network.with_weights(changes)


def rank_errors(network: Network, indices: Indices, rating: np.ndarray) -> pd.DataFrame:
    """Measures the error by rank, for all layers truncated together and for each by itself.

    Ranks are tried on a ladder of doublings, then the ladder is refined where the error comes within `TOLERANCE`.

    Args:
        network: With at least one cross layer; experts are averaged over the ratings.
        indices: Features of `n` ratings, `SAMPLE_ROWS` of the validation part for instance.
        rating: Their labels, `(n,)`.

    Returns:
        `layer` (`ALL_LAYERS` or its number), `rank`, `mse` (stars²), `change` (relative to the whole network) and `within`
        (the change is at most `TOLERANCE`); by layer and rank.

    Raises:
        PredictionError: There are no ratings, or no cross layers.
    """
    check_rows(indices, rating)
    layers = list(range(1, num_cross_layers(network.config) + 1))
    if not layers:
        raise PredictionError(
            "this network has no cross layers to truncate. Expected at least one. Choose another run."
        )
    whole, rows = network.mse(indices, rating), []
    plain = network.without_experts(indices)
    sizes = ranks(plain).set_index("layer")["numerical_rank"]
    for layer in [ALL_LAYERS, *layers] if len(layers) > 1 else layers:
        chosen = layers if layer == ALL_LAYERS else [layer]
        highest = int(sizes[chosen].max())
        tried: dict[int, float] = {highest: whole} if plain is network else {}

        def error(rank: int, chosen: list[int] = chosen, tried: dict[int, float] = tried) -> float:
            if rank not in tried:
                tried[rank] = truncated(plain, rank, chosen).mse(indices, rating)
            return tried[rank]

        limit, good, unbroken = whole * (1 + TOLERANCE), highest, True
        ladder = sorted({0, *(2**power for power in range(highest.bit_length())), highest})
        for rank in reversed(ladder):
            unbroken = error(rank) <= limit and unbroken
            good = rank if unbroken else good
        bad = max((rank for rank in ladder if rank < good), default=-1)
        while good - bad > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if error(middle) <= limit else (good, middle)
        rows += [(layer, rank, mse) for rank, mse in sorted(tried.items())]
    frame = pd.DataFrame(rows, columns=["layer", "rank", "mse"])
    frame["change"] = frame["mse"] / whole - 1
    frame["within"] = frame["change"] <= TOLERANCE
    return frame


def sufficient_rank(errors: pd.DataFrame, layer: int = ALL_LAYERS) -> int | None:
    """The lowest rank from which on every tried rank stays within `TOLERANCE`, of a frame as of `rank_errors`.

    None where no rank does: a mixture can lose more by its gates than by any rank.
    """
    own = errors[errors["layer"] == layer] if layer in set(errors["layer"]) else errors
    own = own.sort_values("rank", ascending=False)
    enough = own["rank"][own["within"].cummin().to_numpy()]
    return int(enough.min()) if len(enough) else None


def layer_sentence(values: pd.DataFrame, row: Mapping[Hashable, Any]) -> str:
    """How far a layer's matrix is from the one it began as, of its rows of `beside_start` and its row of `ranks`."""
    beyond = int((values["value"] > values["start_high"].max()).sum())
    return (
        f"{beyond} of {len(values)} directions {'is' if beyond == 1 else 'are'} stretched further than any was at the start. The "
        f"numerical rank is {int(row['numerical_rank'])}, and {int(row['energy_rank_99'])} directions hold 99 % of the squared weights."
    )


def rank_errors_sentence(errors: pd.DataFrame, rank: int | None) -> str:
    """What cutting to a rank costs, and what taking the matrices away would; of one layer's rows of `rank_errors`."""
    change = errors.set_index("rank")["change"].astype(float)
    if rank is None:
        return f"Uncut the error changes by {signed(100 * change[change.index.max()], 2)} %, without the matrices by {signed(100 * change[0], 1)} %."
    return f"Cut to rank {rank} the error changes by {signed(100 * change[rank], 2)} %, without the matrices by {signed(100 * change[0], 1)} %."


def rank_sentence(network: Network, errors: pd.DataFrame) -> str:
    """What the truncation says: whether a low-rank layer would have done."""
    size, rank = input_dim(network.config, network.specs), sufficient_rank(errors)
    mixed = "each layer's experts replaced by their mean" if network.config.cross_kind == "mixture" else ""
    if rank is None:
        whole = errors[errors["layer"] == errors["layer"].min()].sort_values("rank").iloc[-1]
        return (
            f"No single matrix does what the experts do: with {mixed}, the error changes by {signed(100 * whole['change'], 1)} % at "
            "full rank. Their gates are needed."
        )
    if rank == 0:
        return (
            "Without any of the cross layers' matrices the error stays within 0.1 %: this network does not need its explicit "
            "crosses."
        )
    cut = f"{mixed}, cut to that rank," if mixed else "every W truncated to it"
    return f"Rank {rank} of {size} is enough: with {cut} the error stays within 0.1 %."
