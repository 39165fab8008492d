"""Pictures of the cross layers' weights themselves, and of how few dimensions of them the network needs."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dcn_core.config.model import ModelConfig
from dcn_core.insight.interactions import effective_kernel
from dcn_core.insight.report import Section
from dcn_core.insight.spectra import ALL_LAYERS, TOLERANCE, layer_sentence, rank_errors_sentence, sufficient_rank
from dcn_core.insight.wording import label, pair_words, percent, sentence
from dcn_core.pictures import bars, dots, kernels, measures
from dcn_core.pictures.picture import Picture


def weights(
    config: ModelConfig, kept: Mapping[str, np.ndarray], features: Sequence[str], sizes: Sequence[int], number: int
) -> Picture:
    """The weights of one cross layer, whatever its kind.

    Args:
        config: The architecture.
        kept: The network's weights by name.
        features: In the order in which they stand in x0.
        sizes: Their widths in x0.
        number: The layer, counted from 1.
    """
    names = [label(name) for name in features]
    if config.combination == "token_mean":
        names, sizes = ["Mean of all tokens"], list(sizes)[:1]
    if f"cross_{number}/w" in kept:
        return _vector(kept[f"cross_{number}/w"], names, sizes)
    kernel = effective_kernel(kept, number)
    cells, step = measures.thinned(kernel)
    owners = np.repeat(names, sizes)
    frame = pd.DataFrame(kernel, columns=[f"{owner} {k}" for k, owner in enumerate(owners)])
    frame.insert(0, "feature of x0", owners)
    own = f"cross_{number}/W" in kept
    return Picture(
        key="kernel",
        title=f"Weights of cross layer {number}",
        sentence=_largest_block(kernel, features, sizes),
        figure=kernels.kernel_heatmap(cells, names, sizes, step),
        alt="Weight matrix, x0 by x",
        about=f"{'The matrix W' if own else 'The matrix that the factors of this layer, such as UVᵀ, make together and that stands in for W,'} "
        "in x₀ ∘ (Wx + b) + x. Rows belong to x₀, columns to x; a Keras kernel is the transpose. Teal and "
        "orange are the two signs. Single weights have no meaning by themselves, for embeddings can be turned; look for "
        "blocks that stand out. Drag to zoom, double-click to go back."
        + (f" Each cell averages {step} × {step} weights." if step > 1 else ""),
        numbers=frame,
        moves="2d",
    )


def _vector(w: np.ndarray, names: Sequence[str], sizes: Sequence[int]) -> Picture:
    owners = np.repeat(names, sizes)
    shares = {name: float(np.sum(w[owners == name] ** 2)) / max(float(np.sum(w**2)), 1e-300) for name in names}
    top = max(shares, key=lambda name: shares[name])
    return Picture(
        key="kernel",
        title="Weight vector",
        sentence=f"{top} has {percent(shares[top])} of the squared weights, on {percent(float(np.mean(owners == top)))} of the numbers of x."
        if len(names) > 1
        else f"The {len(w)} weights reach from {w.min():+.3f} to {w.max():+.3f}.",
        figure=kernels.weight_bars(w, names, sizes),
        alt="Weight vector by feature",
        about="The one weight vector w of x₀ (xᵀw) + b + x: one number for each number of x. It weighs what is "
        "crossed, and every feature of x₀ is multiplied by the same sum.",
        numbers=pd.DataFrame({"position": np.arange(len(w)), "feature": owners, "w": w}),
        moves="2d",
    )


def _largest_block(kernel: np.ndarray, features: Sequence[str], sizes: Sequence[int]) -> str:
    """Which two features share most of ‖W‖²."""
    edges = np.concatenate([[0], np.cumsum(sizes)])
    if len(sizes) < 2 or edges[-1] != len(kernel):
        return f"The {kernel.size:,} weights reach from {kernel.min():+.3f} to {kernel.max():+.3f}."
    squares = np.add.reduceat(np.add.reduceat(kernel.astype(float) ** 2, edges[:-1], axis=0), edges[:-1], axis=1)
    i, j = map(int, np.unravel_index(squares.argmax(), squares.shape))
    room = sizes[i] * sizes[j] / kernel.size
    return sentence(
        f"{pair_words(features[i], features[j])} have {percent(squares[i, j] / max(squares.sum(), 1e-300))} of the squared weights, "
        f"in a block that is {percent(room)} of the matrix."
    )


def singular_values(config: ModelConfig, found: Section, number: int) -> Picture:
    """Singular values of one layer's matrix beside those that training began with.

    Args:
        config: The architecture.
        found: The section `ranks` of a report.
        number: The layer, counted from 1.
    """
    values = found.tables["values"]
    own = values[values["layer"] == number]
    ranks = found.tables["ranks"].set_index("layer").loc[number]
    return Picture(
        key="singular-values",
        title=f"Singular values of layer {number}",
        sentence=layer_sentence(own, ranks),
        figure=bars.singular_values(own, sufficient_rank(found.tables["errors"], number)),
        alt="Singular values of the matrix, largest first, beside those of its initial values",
        about="How far the matrix stretches each of its directions. Coloured: the directions that are needed to keep the validation "
        f"error within {TOLERANCE:.1%} when only this layer is cut. The line is what training began with, drawn anew from the "
        "same distribution; what is above it was learned, what lies on it may be left over from the start. A large value is "
        "not yet a useful one. The numerical rank counts the values that are more than rounding errors."
        + (f" The layer's rank is at most {config.projection_dim}." if config.cross_kind == "low_rank" else ""),
        numbers=own,
    )


def rank_curve(found: Section) -> Picture:
    """The error over the rank to which all matrices are cut together."""
    errors = found.tables["errors"]
    together = errors[errors["layer"] == ALL_LAYERS]
    together = together if len(together) else errors
    rank = int(found.facts["rank"])
    return Picture(
        key="rank-curve",
        title="Error by rank",
        sentence=rank_errors_sentence(together, rank),
        figure=dots.rank_curve(together, rank, TOLERANCE),
        alt="Change of the validation error by the rank that is kept",
        about="Every W is replaced by the closest matrix of that rank, without training again. The large dot is the lowest rank "
        f"from which on the error stays within {TOLERANCE:.1%}. Training at that rank may do better or worse.",
        numbers=together,
    )
