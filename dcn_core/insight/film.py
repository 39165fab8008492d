"""How the crosses and the embeddings came about: the maps of a network's snapshots, frame by frame.

A frame holds all weights by name; of the tables of user and movie ids only some rows, with their numbers under
`rows/<name>` (see `dcn_core.training.reel`). `kept_rows` says which: those that the sample of ratings needs and those that
are drawn. So a frame of the epoch whose weights were kept gives the maps of the network itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.insight.interactions import interactions, sample_rows
from dcn_core.insight.network import Indices, Network
from dcn_core.insight.pair_effects import pair_effects
from dcn_core.insight.wording import amount, pair_words, percent, sentence, words
from dcn_core.model.cost import flops_per_example

EFFECT_ROWS, FEWEST_ROWS = 50_000, 256
"""Validation ratings over which the effects of all frames together are averaged, in a network of `EFFECT_FLOPS` operations,
and the fewest of one frame. So a film takes some twenty seconds of one core, however long the training was."""
EFFECT_FLOPS = 60_000
MOST_POINTS = 400
"""Embeddings of a feature that are drawn: those with most ratings."""
_BIASES = {"user_id": "user_bias", "movie_id": "movie_bias"}

Frame = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Film:
    """What `T` frames show of a network of `L` cross layers and `F` features.

    Attributes:
        epochs: `(T,)`, epochs trained; 0 is before training.
        effect: `(T, F, F)`, as of `PairEffects`, in stars.
        strength: `(T, L, F, F)`, as of `Interactions`.
        block_norm: `(T, L, F, F)`, as of `Interactions`.
        rows: By feature, `(n,)`, which embeddings are followed.
        places: By feature, `(T, n, 2)`, where they are on the two axes along which those of the last frame differ most. The axes stay the same in all frames.
        explained: By feature, `(2,)`, share of the last frame's variance on each axis.
    """

    epochs: np.ndarray
    effect: np.ndarray
    strength: np.ndarray
    block_norm: np.ndarray
    rows: dict[str, np.ndarray]
    places: dict[str, np.ndarray]
    explained: dict[str, np.ndarray]


def drawn_rows(data: EncodedData, split: Split, spec: FeatureSpec) -> np.ndarray:
    """Categories of a feature whose embeddings are drawn, in order: all, or the `MOST_POINTS` with most training ratings."""
    if spec.vocabulary_size - 1 <= MOST_POINTS:
        return np.arange(1, spec.vocabulary_size)
    index = data.features[spec.name].reshape(len(data.features[spec.name]), -1)
    rows = data.rows_of(data.level(spec.name), split.train)
    times = np.repeat(np.bincount(rows, minlength=len(index)), index.shape[1])
    count = np.bincount(np.maximum(index, 0).ravel(), times, minlength=spec.vocabulary_size)
    return np.sort(1 + np.argsort(-count[1:], kind="stable")[:MOST_POINTS])


def kept_rows(
    data: EncodedData, split: Split, config: ModelConfig, specs: Sequence[FeatureSpec]
) -> dict[str, np.ndarray]:
    """Rows that a frame keeps of the tables of ids, by the weight's name: unknown, what the sample needs, what is drawn."""
    inputs, kept = data.inputs(sample_rows(split.validation)), {}
    for spec in specs:
        if (bias := _BIASES.get(spec.name)) is not None:
            rows = np.unique(np.concatenate([[0], inputs[spec.name], drawn_rows(data, split, spec)]))
            kept[f"embedding/{spec.name}"] = rows
            if getattr(config, bias):
                kept[f"{bias}/table"] = rows
    return kept


def of_frame(network: Network, frame: Frame, indices: Indices) -> tuple[Network, Indices]:
    """The network of a frame, and the indices of some ratings into its tables; a row that it lacks is the unknown one."""
    moved = {name: _in_table(frame, name, index) for name, index in indices.items()}
    return network._replace(weights={name: a for name, a in frame.items() if not name.startswith("rows/")}), moved


def film(network: Network, frames: Mapping[int, Frame], data: EncodedData, split: Split) -> Film | None:
    """Computes the maps of all frames that can be read; None where there are not two.

    Args:
        network: The architecture and its features; its weights are not looked at.
        frames: By epoch, first to last.
        data: The encoded ratings.
        split: As in training.
    """
    rows = sample_rows(split.validation)
    few = _effect_rows(network, rows, len(frames))
    drawn = {spec.name: drawn_rows(data, split, spec) for spec in network.specs if not spec.is_number}
    epochs, effects, found, tables = [], [], [], []
    for epoch in frames:
        try:
            frame = frames[epoch]
        except KeyError:  # damaged by a power cut: the film goes on without it
            continue
        epochs.append(epoch)
        snapshot, inputs = of_frame(network, frame, data.inputs(rows))
        found.append(interactions(*snapshot, inputs))
        effects.append(pair_effects(snapshot, of_frame(network, frame, data.inputs(few))[1], data.rating[few]).effect)
        tables.append(
            {name: frame[f"embedding/{name}"][_in_table(frame, name, index)] for name, index in drawn.items()}
        )
    if len(epochs) < 2:
        return None
    axes = {name: _axes(tables[-1][name]) for name in drawn}
    return Film(
        np.array(epochs),
        np.array(effects, dtype=np.float32),
        np.array([maps.strength for maps in found], dtype=np.float32),
        np.array([maps.block_norm for maps in found], dtype=np.float32),
        drawn,
        {
            name: np.array([(frame[name] - middle) @ directions for frame in tables], dtype=np.float32)
            for name, (middle, directions, _) in axes.items()
        },
        {name: explained for name, (_, _, explained) in axes.items()},
    )


def cross_sentence(epochs: Sequence[int], matrices: np.ndarray, names: Sequence[str], unit: str) -> str:
    """When the cross that is strongest at the end came up, and since when it leads.

    Args:
        epochs: `T` of them.
        matrices: Symmetric, `(T, F, F)`; NaN cells are left out.
        names: `F` names.
        unit: Of the numbers.
    """
    i, j = np.triu_indices(len(names))
    values = matrices[:, i, j]
    values, i, j = values[:, np.isfinite(values[-1])], i[np.isfinite(values[-1])], j[np.isfinite(values[-1])]
    if values.shape[1] == 0 or values[-1].max() <= 0:
        return "No two features are crossed in the last epoch."
    top = int(values[-1].argmax())
    there = _since(values[:, top] >= values[-1, top] / 2)
    leads = _since(values.argmax(axis=1) == top)
    text = f"the cross of {pair_words(names[i[top]], names[j[top]])} {_appears(epochs, there)}"
    text += " and stays strongest" if leads <= there else f" and is strongest {_from(epochs, leads)}"
    return sentence(f"{text}: {amount(values[-1, top])} {unit} at the end.")


def place_sentence(epochs: Sequence[int], places: np.ndarray, feature: str) -> str:
    """By when the embeddings of a feature, `(T, n, 2)`, had gone half of the way to where they ended."""
    distance, name = np.linalg.norm(places - places[-1], axis=2).mean(axis=1), words(feature).removesuffix("s")
    if distance[0] <= 0:
        return f"The {name} embeddings do not move."
    half = _since(distance <= distance[0] / 2)
    return (
        f"The {name} embeddings have gone half of their way {_by(epochs, half)}; "
        f"in the last frame they still move by {percent(distance[-2] / distance[0])} of it."
    )


def recovery_sentence(scores: pd.DataFrame, planted: int, best: float) -> str:
    """How the first measure of a table `epoch`, `measure`, `rank_correlation`, `precision` came to find what was planted."""
    own = scores[scores["measure"] == scores["measure"].iloc[0]]
    epochs, last = own["epoch"].tolist(), own.iloc[-1]
    good, whole = _since((own["rank_correlation"] >= 0.8).to_numpy()), _since((own["precision"] >= 1).to_numpy())
    rank = f"the rank correlation ends at {last['rank_correlation']:.2f} (at best {best:.2f})"
    if good < len(epochs):
        rank += f" and is at least 0.8 {_from(epochs, good)}"
    found = f"{round(last['precision'] * planted)} of the {planted} planted crosses are found at the end"
    if whole < len(epochs):
        found = f"all {planted} planted crosses are found {_from(epochs, whole)}"
    return f"By {last['measure']}, {rank}; {found}."


def _effect_rows(network: Network, rows: np.ndarray, frames: int) -> np.ndarray:
    """A random part of some rows, as large as the network's size and the number of frames allow."""
    flops = flops_per_example(network.config, network.specs)["total"]
    most = int(EFFECT_ROWS / max(frames, 1) * min(1.0, EFFECT_FLOPS / max(flops, 1)))
    return np.random.default_rng(0).permutation(rows)[: max(FEWEST_ROWS, most)]


def _in_table(frame: Frame, feature: str, index: np.ndarray) -> np.ndarray:
    """Rows of a frame's table that belong to indices of the whole table."""
    rows = frame.get(f"rows/embedding/{feature}")
    if rows is None:
        return index
    place = np.minimum(np.searchsorted(rows, index), len(rows) - 1)
    return np.where(rows[place] == index, place, 0)


def _axes(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle `(e,)` of some embeddings, the two directions along which they differ most `(e, 2)`, and their shares `(2,)`."""
    middle = table.mean(axis=0)
    _, values, right = np.linalg.svd(table - middle, full_matrices=False)
    directions, shares = np.zeros((table.shape[1], 2)), np.zeros(2)
    n = min(2, len(values))
    directions[:, :n] = right[:n].T
    shares[:n] = values[:n] ** 2 / max(float(np.sum(values**2)), 1e-300)
    return middle, directions, shares


def _since(holds: np.ndarray) -> int:
    """The first frame from which on something holds in all frames; their number where it does not hold in the last."""
    return len(holds) - int(np.logical_and.accumulate(holds[::-1]).sum())


def _appears(epochs: Sequence[int], frame: int) -> str:
    return "is there before training" if frame == 0 and epochs[0] == 0 else f"appears {_by(epochs, frame)}"


def _by(epochs: Sequence[int], frame: int) -> str:
    """`in epoch 3`, or `by epoch 4` where the epoch before has no frame."""
    return f"{'in' if frame and epochs[frame] - epochs[frame - 1] == 1 else 'by'} epoch {epochs[frame]}"


def _from(epochs: Sequence[int], frame: int) -> str:
    return "from the start" if frame == 0 else f"from epoch {epochs[frame]} on"
