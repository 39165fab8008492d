"""How the crosses and the embeddings came about, epoch by epoch."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError
from dcn_core.insight.film import cross_sentence, place_sentence
from dcn_core.insight.report import Section
from dcn_core.runs.store import RunSummary
from ui import caches, crosses, insight_attributes, insight_parts, insight_reel, insight_store, texts

MEASURES: tuple[crosses.Measure, ...] = ("effect", "strength", "block_norm", "per_size")
EMBEDDINGS = "embeddings"


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "film")
    if found is None:
        return
    with st.container(border=True, key="film"):
        if "epochs" not in found.arrays:
            insight_parts.title("No film of this run")
            st.caption(
                "Snapshots are taken while a network trains. This run was trained before there were any, or it is so large that "
                "they would not fit. Train the same settings again to see how its crosses come about."
            )
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            shown = _choice(run.id, found)
            if shown == EMBEDDINGS:
                feature = _feature(run.id)
            elif shown in crosses.LAYERED and found.arrays["strength"].shape[1] > 1:
                layer = _layer(found.arrays["strength"].shape[1])
            else:
                layer = 0
        if shown == EMBEDDINGS:
            _places(run, config, found, feature)
        else:
            _map(run, found, shown, layer)


def matrices(found: Section, sizes: np.ndarray, measure: crosses.Measure, layer: int = 0) -> np.ndarray:
    """The map of a measure in every frame, `(T, F, F)`; of one cross layer, counted from 1, or of all together."""
    if measure == "effect":
        return found.arrays["effect"]
    every = crosses.matrices({**found.arrays, "block_sizes": sizes}, measure)  # (T, L, F, F)
    return np.asarray(every.sum(axis=1) if layer == 0 else every[:, layer - 1])


def _choice(run_id: str, found: Section) -> str:
    allowed: list[str] = []
    if found.arrays["effect"].shape[1] > 1:
        allowed.append("effect")
    if found.arrays["strength"].shape[1]:
        allowed.append("strength")
        if np.isfinite(found.arrays["block_norm"]).all():
            allowed += ["block_norm", "per_size"]
    allowed.append(EMBEDDINGS)
    names = {EMBEDDINGS: "Embeddings"} | {str(measure): name for measure, name in crosses.MEASURES.items()}
    chosen = st.segmented_control(
        "Film of",
        allowed,
        format_func=lambda name: names[name],
        default=allowed[0],
        required=True,
        key=f"film-of-{'-'.join(allowed)}",
        wrap=True,
    )
    return str(chosen) if chosen in allowed else allowed[0]


def _layer(layers: int) -> int:
    numbers = list(range(layers + 1))
    chosen = st.segmented_control(
        "Layer", numbers, format_func=lambda n: str(n or "All"), default=0, required=True, key="film-layer"
    )
    return int(chosen) if chosen in numbers else 0


def _feature(run_id: str) -> str:
    features = insight_store.feature_names(run_id)
    chosen = st.segmented_control(
        "Feature",
        features,
        format_func=lambda name: texts.FEATURES.get(name, name),
        default=features[0],
        required=True,
        key=f"film-feature-{'-'.join(features)}",
        wrap=True,
    )
    return str(chosen) if chosen in features else features[0]


def _map(run: RunSummary, found: Section, name: str, layer: int) -> None:
    measure: crosses.Measure = next(known for known in MEASURES if known == name)
    names, epochs = insight_store.feature_names(run.id), found.arrays["epochs"].tolist()
    values = matrices(found, caches.insight(run.id)["block_sizes"], measure, layer)
    directed = measure in crosses.LAYERED
    whole = np.array([crosses.both_ways(matrix) if directed else matrix for matrix in values])
    insight_parts.lead(cross_sentence(epochs, whole, names, crosses.SAID[measure]))
    labels = [texts.FEATURES.get(feature, feature) for feature in names]
    insight_parts.picture(
        insight_reel.map_film(values, labels, crosses.UNITS[measure], epochs, directed=directed),
        "film-map",
        f"{crosses.MEASURES[measure]} of each pair of features, epoch by epoch",
        f"{crosses.ABOUT[measure]}\n\nThe slider goes through the epochs and ▶ plays them; a colour means the same number in every "
        "epoch. A cross *appears* in the epoch from which on it has at least half of its last strength. "
        + _frames(run, epochs),
        _numbers(values, names, epochs, directed),
    )


def _frames(run: RunSummary, epochs: list[int]) -> str:
    """Which epochs there are, and which of them the other views show."""
    best = (run.result or {}).get("best_epoch")
    gaps = "" if len(epochs) > epochs[-1] - epochs[0] else " Of a long training not every epoch is kept."
    start = (
        "Epoch 0 is before training." if epochs[0] == 0 else f"The snapshots of this run begin at epoch {epochs[0]}."
    )
    return f"{start}{gaps} The weights of epoch {best} were kept: that is what the other views show."


def _numbers(values: np.ndarray, names: list[str], epochs: list[int], directed: bool) -> pd.DataFrame:
    """One row per pair, one column per epoch."""
    size = len(names)
    i, j = np.indices((size, size)).reshape(2, -1) if directed else np.triu_indices(size, 1)
    columns = {f"epoch {epoch}": matrix[i, j] for epoch, matrix in zip(epochs, values, strict=True)}
    named = np.array(names, dtype=object)
    return pd.DataFrame({"feature": named[i], "other": named[j], **columns})


def _places(run: RunSummary, config: RunConfig, found: Section, feature: str) -> None:
    places, rows = found.arrays[f"places/{feature}"], found.arrays[f"rows/{feature}"]
    epochs, explained = found.arrays["epochs"].tolist(), found.arrays[f"explained/{feature}"].tolist()
    every = insight_store.categories(run.id, feature, config)
    names, colour = [every[row] for row in rows], _mean_rating(run.id, feature, config)
    insight_parts.lead(place_sentence(epochs, places, feature))
    kept = (
        f"The {len(rows):,} with most ratings of {len(every) - 1:,} are drawn. " if len(rows) < len(every) - 1 else ""
    )
    insight_parts.picture(
        insight_reel.places_film(
            places, names, epochs, explained, None if colour is None else colour[rows - 1], "Mean rating"
        ),
        f"film-places-{feature}",
        f"Embeddings of {texts.FEATURES.get(feature, feature)}, epoch by epoch",
        "Every point is an embedding. The two axes are those along which the embeddings of the last epoch differ most, and they "
        "stay the same in every epoch, so that what moves is the embeddings. The slider goes through the epochs and ▶ plays "
        f"them. {kept}" + _frames(run, epochs),
        pd.DataFrame(
            {"category": names}
            | {
                f"epoch {epoch} axis {axis + 1}": places[frame, :, axis]
                for frame, epoch in enumerate(epochs)
                for axis in (0, 1)
            }
        ),
    )


@st.cache_data(show_spinner=False, max_entries=16)
def _mean_rating(run_id: str, feature: str, _config: RunConfig) -> np.ndarray | None:
    """Mean training rating of each category, None where the ratings are gone."""
    names = insight_store.categories(run_id, feature, _config)[1:]
    frame = pd.DataFrame({"category": names, "length": np.zeros(len(names))})
    try:
        frame = insight_attributes.join(frame, feature, insight_store.encoder(run_id), _config)
    except PlaygroundError:
        return None
    return frame["Mean rating"].to_numpy(dtype=float)
