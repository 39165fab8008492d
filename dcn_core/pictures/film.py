"""Pictures of how the crosses and the embeddings came about, epoch by epoch."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dcn_core.insight.film import cross_sentence, place_sentence
from dcn_core.insight.report import Section
from dcn_core.insight.wording import label
from dcn_core.pictures import dots, measures, reel
from dcn_core.pictures.measures import Measure
from dcn_core.pictures.picture import Picture

MEASURES: tuple[Measure, ...] = ("effect", "strength", "block_norm", "per_size")


def offered(found: Section) -> list[Measure]:
    """Measures that the frames have, the best one first; of the section `film` of a report."""
    allowed: list[Measure] = []
    if found.arrays["effect"].shape[1] > 1:
        allowed.append("effect")
    if found.arrays["strength"].shape[1]:
        allowed.append("strength")
        if np.isfinite(found.arrays["block_norm"]).all():
            allowed += ["block_norm", "per_size"]
    return allowed


def matrices(found: Section, sizes: np.ndarray, measure: Measure, layer: int = 0) -> np.ndarray:
    """The map of a measure in every frame, `(T, F, F)`; of one cross layer, counted from 1, or of all together."""
    if measure == "effect":
        return found.arrays["effect"]
    every = measures.matrices({**found.arrays, "block_sizes": sizes}, measure)  # (T, L, F, F)
    return np.asarray(every.sum(axis=1) if layer == 0 else every[:, layer - 1])


def pair_film(
    found: Section, features: Sequence[str], sizes: np.ndarray, measure: Measure, layer: int, best_epoch: int | None
) -> Picture:
    """The interaction map over the epochs.

    Args:
        found: The section `film` of a report.
        features: In the order in which they stand in x0.
        sizes: Their widths in x0.
        measure: One of `offered`.
        layer: Of the measures of the weights: a cross layer, counted from 1; 0 for all.
        best_epoch: Whose weights were kept.
    """
    values, epochs = matrices(found, sizes, measure, layer), found.arrays["epochs"].tolist()
    directed = measure in measures.LAYERED
    whole = np.array([measures.both_ways(matrix) if directed else matrix for matrix in values])
    return Picture(
        key="film-map",
        title="Crosses, epoch by epoch",
        sentence=cross_sentence(epochs, whole, list(features), measures.SAID[measure]) + _kept(epochs, best_epoch),
        figure=reel.map_film(
            values, [label(name) for name in features], measures.UNITS[measure], epochs, directed=directed
        ),
        alt=f"{measures.MEASURES[measure]} of each pair of features, epoch by epoch",
        about=f"{measures.ABOUT[measure]} The slider goes through the epochs and ▶ plays them; a colour means the same number in every "
        "epoch. A cross appears in the epoch from which on it has at least half of its last strength. "
        + _frames(epochs, best_epoch),
        numbers=_numbers(values, features, epochs, directed),
    )


def embedding_film(
    found: Section,
    feature: str,
    categories: Sequence[str],
    mean_rating: np.ndarray | None,
    best_epoch: int | None,
) -> Picture:
    """The embeddings of a feature over the epochs.

    Args:
        found: The section `film` of a report.
        feature: Whose.
        categories: Its readable names, index-aligned.
        mean_rating: Mean training rating of each category but the unknown one; None where the ratings are gone.
        best_epoch: Whose weights were kept.
    """
    places, rows = found.arrays[f"places/{feature}"], found.arrays[f"rows/{feature}"]
    epochs, explained = found.arrays["epochs"].tolist(), found.arrays[f"explained/{feature}"].tolist()
    names = [categories[row] for row in rows]
    known = len(categories) - 1
    kept = f"The {len(rows):,} with most ratings of {known:,} are drawn. " if len(rows) < known else ""
    colour = None if mean_rating is None else mean_rating[rows - 1]
    columns = {
        f"epoch {epoch} axis {axis + 1}": places[frame, :, axis]
        for frame, epoch in enumerate(epochs)
        for axis in (0, 1)
    }
    return Picture(
        key=f"film-places-{feature}",
        title=f"Embeddings of {label(feature)}, epoch by epoch",
        sentence=place_sentence(epochs, places, feature) + _kept(epochs, best_epoch),
        figure=reel.places_film(places, names, epochs, explained, colour, "Mean rating"),
        alt=f"Embeddings of {label(feature)}, epoch by epoch",
        about="Every point is an embedding. The two axes are those along which the embeddings of the last epoch differ most, and they "
        "stay the same in every epoch, so that what moves is the embeddings. The slider goes through the epochs and ▶ plays "
        f"them. {kept}" + _frames(epochs, best_epoch),
        numbers=pd.DataFrame({"category": names} | columns),
    )


def recovery(found: Section) -> Picture:
    """How well each measure finds the planted crosses, over the epochs."""
    scores, planted = found.tables["recovery"], int(found.facts["planted"])
    return Picture(
        key="recovery-by-epoch",
        title="Since when it is found",
        sentence=found.sentences["recovery"],
        figure=dots.recovery_by_epoch(scores, planted, found.facts["best_rank_correlation"]),
        alt="Recovery of the planted crosses by epoch",
        about="Left: Spearman's rank correlation of planted and learned over the content pairs; the dotted line is the best that any "
        f"measure could reach. Right: how many of the {planted} planted crosses are among the {planted} strongest. Epoch 0 is the "
        "network before training. Effects are measured on fewer ratings here than above, so the last points may differ a "
        "little from the table.",
        numbers=scores[["epoch", "measure", "rank_correlation", "precision", "top"]],
    )


def _kept(epochs: list[int], best_epoch: int | None) -> str:
    """Why the last frame is not what the other pictures show, where it is not."""
    if best_epoch in (None, epochs[-1]):
        return ""
    return f" The film ends with epoch {epochs[-1]}; all other pictures show epoch {best_epoch}, the best one."


def _frames(epochs: list[int], best_epoch: int | None) -> str:
    """Which epochs there are, and which of them the other pictures show."""
    gaps = "" if len(epochs) > epochs[-1] - epochs[0] else " Of a long training not every epoch is kept."
    first = (
        "Epoch 0 is before training." if epochs[0] == 0 else f"The snapshots of this run begin at epoch {epochs[0]}."
    )
    return f"{first}{gaps} The weights of epoch {best_epoch} were kept: that is what the other pictures show."


def _numbers(values: np.ndarray, features: Sequence[str], epochs: list[int], directed: bool) -> pd.DataFrame:
    """One row per pair, one column per epoch."""
    size = len(features)
    i, j = np.indices((size, size)).reshape(2, -1) if directed else np.triu_indices(size, 1)
    columns = {f"epoch {epoch}": matrix[i, j] for epoch, matrix in zip(epochs, values, strict=True)}
    named = np.array(features, dtype=object)
    return pd.DataFrame({"feature": named[i], "other": named[j], **columns})
