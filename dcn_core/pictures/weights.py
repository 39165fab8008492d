"""Pictures of the cross layers' weights themselves, and of how few dimensions of them the network needs."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dcn_core.config.model import ModelConfig
from dcn_core.insight.interactions import effective_kernel
from dcn_core.insight.report import Section
from dcn_core.insight.spectra import ALL_LAYERS, TOLERANCE, layer_sentence, rank_errors_sentence, sufficient_rank
from dcn_core.insight.wording import label, pair_words, percent, sentence, signed
from dcn_core.pictures import bars, dots, kernels, measures
from dcn_core.pictures.picture import Picture


def weights(
    config: ModelConfig, kept: Mapping[str, np.ndarray], insight: Mapping[str, np.ndarray], number: int
) -> Picture:
    """The weights of one cross layer, whatever its kind.

    Args:
        config: The architecture.
        kept: The network's weights by name.
        insight: Arrays of a run's `insight.npz`.
        number: The layer, counted from 1.
    """
    features, sizes = [str(name) for name in insight["feature_names"]], [int(size) for size in insight["block_sizes"]]
    names = [label(name) for name in features]
    if config.combination == "token_mean":
        names, sizes = ["Mean of all tokens"], sizes[:1]
    if f"cross_{number}/w" in kept:
        return _vector(kept[f"cross_{number}/w"], names, sizes)
    kernel = effective_kernel(kept, number, insight["gates"][number - 1] if config.cross_kind == "mixture" else None)
    cells, step = measures.thinned(kernel)
    owners = np.repeat(names, sizes)
    frame = pd.DataFrame(kernel, columns=[f"{owner} {k}" for k, owner in enumerate(owners)])
    frame.insert(0, "feature of x0", owners)
    return Picture(
        key="kernel",
        title=f"Weights of cross layer {number}",
        sentence=_largest_block(kernel, features, sizes),
        figure=kernels.kernel_heatmap(cells, names, sizes, step),
        alt="Weight matrix, x0 by x",
        about=f"{_what(config)} Rows belong to x₀, columns to x; a Keras kernel is the transpose. Teal and "
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
        else f"The {len(w)} weights reach from {signed(w.min(), 3)} to {signed(w.max(), 3)}.",
        figure=kernels.weight_bars(w, names, sizes),
        alt="Weight vector by feature",
        about="The one weight vector w of x₀ (xᵀw) + b + x: one number for each number of x. It weighs what is "
        "crossed, and every feature of x₀ is multiplied by the same sum.",
        numbers=pd.DataFrame({"position": np.arange(len(w)), "feature": owners, "w": w}),
        moves="2d",
    )


def _what(config: ModelConfig) -> str:
    """What the shown matrix is in this kind of layer."""
    equation = "x₀ ∘ (Wx + b) + x"
    match config.cross_kind:
        case "low_rank":
            return f"The product UVᵀ that stands in for W in {equation}."
        case "gated":
            return "The matrix W in x₀ ∘ (Wx + b) ∘ σ(W_g x) + x, before its gate: see Gates for how much passes."
        case "mixture":
            bent = config.expert_activation == "tanh"
            exact = "their tanh is left out" if bent else "each is such a matrix exactly"
            return (
                "The mean of the experts, Σ E[Gᵢ] Uᵢ Cᵢ Vᵢᵀ, each weighed by its mean gate over validation "
                f"ratings; {exact}. It stands in for W in {equation} only as far as gates hardly vary: see Gates."
            )
    return f"The matrix W in {equation}."


def _largest_block(kernel: np.ndarray, features: Sequence[str], sizes: Sequence[int]) -> str:
    """Which two features share most of ‖W‖²."""
    edges = np.concatenate([[0], np.cumsum(sizes)])
    if len(sizes) < 2 or edges[-1] != len(kernel):
        return f"The {kernel.size:,} weights reach from {signed(kernel.min(), 3)} to {signed(kernel.max(), 3)}."
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
        figure=bars.singular_values(own, sufficient_rank(found.tables["errors"], number) or 0),
        alt="Singular values of the matrix, largest first, beside those of its initial values",
        about="How far the matrix stretches each of its directions. Coloured: the directions that are needed to keep the validation "
        f"error within {TOLERANCE:.1%} when only this layer is cut. The line is what training began with, drawn anew from the "
        "same distribution; what is above it was learned, what lies on it may be left over from the start. A large value is "
        "not yet a useful one. The numerical rank counts the values that are more than rounding errors."
        + _most(config),
        numbers=own,
    )


def _most(config: ModelConfig) -> str:
    """What limits the rank of a layer's matrix; empty if nothing does."""
    rank = config.projection_dim
    if config.cross_kind == "low_rank":
        return f" The layer's rank is at most {rank}."
    if config.cross_kind == "mixture":
        return f" {config.num_experts} experts of rank {rank} make at most rank {config.num_experts * rank}."
    return ""


_REPLACED = {
    "mixture": " The experts of each layer are first replaced by their mean, so even the full rank loses what the gates decide "
    "rating by rating.",
    "gated": " Gates stay as they are.",
}


def rank_curve(config: ModelConfig, found: Section) -> Picture:
    """The error over the rank to which all matrices are cut together."""
    errors = found.tables["errors"]
    together = errors[errors["layer"] == ALL_LAYERS]
    together = together if len(together) else errors
    rank = int(found.facts["rank"]) if "rank" in found.facts else None
    return Picture(
        key="rank-curve",
        title="Error by rank",
        sentence=rank_errors_sentence(together, rank),
        figure=dots.rank_curve(together, rank, TOLERANCE),
        alt="Change of the validation error by the rank that is kept",
        about="Every W is replaced by the closest matrix of that rank, without training again. The large dot is the lowest rank "
        f"from which on the error stays within {TOLERANCE:.1%}. Training at that rank may do better or worse."
        + _REPLACED.get(config.cross_kind, ""),
        numbers=together,
    )
