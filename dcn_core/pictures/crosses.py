"""Pictures of which features a network crosses: pair by pair, category by category, and beside what was planted."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.config.model import ModelConfig
from dcn_core.insight.block import block_values, reads_stars
from dcn_core.insight.category_pairs import FEWEST_RATINGS, MOST_CATEGORIES, category_sentence
from dcn_core.insight.network import Network
from dcn_core.insight.report import Section
from dcn_core.insight.wording import label, words
from dcn_core.pictures import bars, maps, measures, theme
from dcn_core.pictures.measures import Measure
from dcn_core.pictures.picture import Picture

_CATEGORIES = (
    "Each cell is one combination: by how many stars it moves the predicted rating beyond what its two categories do alone, "
    "averaged over other features drawn from training ratings. A genre stands for a movie with that genre alone. Combinations "
    "that no training rating has stay empty: there the network only guesses. It says what the network does, not why."
)


def offered(config: ModelConfig, insight: Mapping[str, np.ndarray], found: Section | None) -> list[Measure]:
    """Measures that this network has, the best one first.

    Args:
        config: The architecture.
        insight: Arrays of a run's `insight.npz`.
        found: The section `crosses` of its report, as soon as it is there.
    """
    allowed: list[Measure] = []
    if found is not None and len(insight["feature_names"]) > 1:
        allowed.append("effect")
    if len(insight["strength"]):
        allowed.append("strength")
        if found is not None and "signed" in found.arrays:
            allowed.append("signed")
        if config.combination != "token_mean":
            allowed += ["block_norm", "per_size"]
    return allowed


def matrix(measure: Measure, layer: int, insight: Mapping[str, np.ndarray], found: Section | None) -> np.ndarray:
    """The measure's `(F, F)` of one cross layer, counted from 1; 0 for the sum of all."""
    if found is not None and measure in ("effect", "signed"):
        return found.arrays[measure]
    every = measures.matrices(insight, measure)
    return np.asarray(every.sum(axis=0) if layer == 0 else every[layer - 1])


def pair_map(
    config: ModelConfig,
    insight: Mapping[str, np.ndarray],
    found: Section | None,
    measure: Measure,
    layer: int = 0,
    together: bool = False,
) -> Picture:
    """Every pair of features by one measure.

    Args:
        config: The architecture.
        insight: Arrays of a run's `insight.npz`.
        found: The section `crosses` of its report, needed for the effect and the signed mean.
        measure: One of `offered`.
        layer: Of the measures of the weights: a cross layer, counted from 1; 0 for all.
        together: Whether the two directions of a pair are added.
    """
    names = [str(name) for name in insight["feature_names"]]
    layered = measure in measures.LAYERED
    numbers = matrix(measure, layer, insight, found)
    frame = pd.DataFrame(numbers, columns=names)
    frame.insert(0, "feature", names)
    if measure == "effect" and found is not None:
        sentence = found.sentences["pairs"]
    else:
        sentence = measures.said(measures.pairs(numbers, names, directed=layered), measure, layer)
    return Picture(
        key="crosses",
        title=measures.MEASURES[measure],
        sentence=sentence,
        figure=maps.feature_map(
            measures.both_ways(numbers) if together else numbers,
            [label(name) for name in names],
            measures.UNITS[measure],
            directed=layered and not together,
            signed=measure == "signed",
        ),
        alt=f"{measures.MEASURES[measure]} of each pair of features",
        about=f"{measures.ABOUT[measure]} {measures.caveat(config)}".strip(),
        numbers=frame,
        raw=measure == "signed",
    )


def combinations(section: Section, feature: str, other: str, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """One row a combination of two features' categories: `feature`, `category`, `other`, `other_category`, `effect`, `count`.

    Args:
        section: The section `categories` of a report.
        feature: The feature along the rows.
        other: The feature along the columns.
        names: Readable names by feature, index-aligned.
    """
    effect, count, rows, columns = (section.arrays[f"{feature}/{other}/{part}"] for part in _GRID)
    a, b = np.meshgrid(
        np.array([names[feature][row] for row in rows], object),
        np.array([names[other][column] for column in columns], object),
        indexing="ij",
    )
    return pd.DataFrame(
        {
            "feature": feature,
            "category": a.ravel(),
            "other": other,
            "other_category": b.ravel(),
            "effect": effect.ravel(),
            "count": count.ravel(),
        }
    )


_GRID = ("effect", "count", "rows", "columns")


def strongest(frame: pd.DataFrame, most: int = 12) -> pd.DataFrame:
    """The combinations with enough ratings and the largest effect, either way; with any, where none has enough, as of ids."""
    known = frame[frame["count"] >= FEWEST_RATINGS]
    known = known if len(known) else frame[frame["count"] > 0]
    return known.sort_values("effect", key=np.abs, ascending=False, ignore_index=True, kind="stable").head(most)


def category_map(section: Section, feature: str, other: str, names: Mapping[str, Sequence[str]]) -> Picture:
    """What each combination of two features' categories adds. Arguments as of `combinations`."""
    frame = combinations(section, feature, other, names)
    return Picture(
        key="categories",
        title="Which categories, in stars",
        sentence=category_sentence(strongest(frame)),
        figure=_grid(section, feature, other, names, section.arrays[f"{feature}/{other}/effect"]),
        alt=f"Effect of each combination of {label(feature)} and {label(other)}, in stars",
        about=_CATEGORIES + _limited(section, feature, other),
        numbers=frame.drop(columns=["feature", "other"]).rename(columns={"category": feature, "other_category": other}),
    )


def block(
    section: Section,
    network: Network,
    gates: np.ndarray | None,
    feature: str,
    other: str,
    number: int,
    names: Mapping[str, Sequence[str]],
) -> Picture:
    """The weights between two features in one cross layer, category by category.

    Args:
        section: The section `categories` of a report: it says which categories are frequent.
        network: With blocks.
        gates: Mean gates of its experts, `(L, K)`; read for a mixture only.
        feature: The feature along the rows.
        other: The feature along the columns.
        number: The layer, counted from 1.
        names: Readable names by feature, index-aligned.
    """
    rows, columns = (section.arrays[f"{feature}/{other}/{part}"] for part in ("rows", "columns"))
    values = block_values(network, feature, other, number, rows, columns, None if gates is None else gates[number - 1])
    stars = reads_stars(network)
    unit = "stars" if stars else "length of x"
    known = np.where(section.arrays[f"{feature}/{other}/count"] > 0, np.abs(values), 0)  # as the map
    a, b = map(int, np.unravel_index(known.argmax(), known.shape))
    digits = theme.digits(float(np.abs(values).max()))
    frame = combinations(section, feature, other, names).drop(columns=["feature", "other", "effect"])
    frame.insert(2, unit, values.ravel())
    return Picture(
        key="categories",
        title="Which categories, in the weights",
        sentence=f"In cross layer {number} the weights answer most to {names[feature][int(rows[a])]} ({words(feature)}) with "
        f"{names[other][int(columns[b])]} ({words(other)}): {values[a, b]:{'+' if stars else ''}.{digits}f} {unit}.",
        figure=_grid(section, feature, other, names, values, unit=unit, signed=stars),
        alt=f"What the weights between {label(feature)} and {label(other)} make of each combination",
        about="Each cell is the product of two embeddings through the weights between their features, Wᵢⱼ and Wⱼᵢ together: "
        + (
            "in stars, as the head reads it. "
            if stars
            else "its length, as here the deep part reads it and no number of stars is known. "
        )
        + "It is one layer by itself, with the embeddings in place of its input, without biases and gates, and carries what each "
        "category says alone; the effect in stars is what the whole network does." + _limited(section, feature, other),
        numbers=frame.rename(columns={"category": feature, "other_category": other}),
        raw=True,
    )


def _grid(
    section: Section,
    feature: str,
    other: str,
    names: Mapping[str, Sequence[str]],
    values: np.ndarray,
    unit: str = "stars",
    signed: bool = True,
) -> go.Figure:
    """Values `(A, B)` of the section's categories, the longer side down the page."""
    _, count, rows, columns = (section.arrays[f"{feature}/{other}/{part}"] for part in _GRID)
    along, across = [names[feature][row] for row in rows], [names[other][column] for column in columns]
    titles = (label(feature), label(other))
    if len(columns) > len(rows):
        values, count, titles, along, across = values.T, count.T, titles[::-1], across, along
    return maps.category_map(values, count, along, across, titles, unit=unit, signed=signed)


def _limited(section: Section, feature: str, other: str) -> str:
    shape = section.arrays[f"{feature}/{other}/effect"].shape
    return (
        f" Of a feature with more categories, the {MOST_CATEGORIES} most frequent are shown."
        if MOST_CATEGORIES in shape
        else ""
    )


def truth(found: Section, most: int = 12, relative: bool = False) -> Picture:
    """The planted crosses of the generated world next to the learned ones.

    Args:
        found: The section `crosses` of a report.
        most: Pairs to show.
        relative: Whether each is shown as a part of its largest, for a network that does not predict stars.
    """
    pairs = found.tables["planted"]
    shown = pairs[(pairs["planted"] > 0) | (pairs["effect in stars"] > 0.02)].head(most)
    sizes = shown[["planted", "effect in stars"]].astype(float)
    sizes = sizes / sizes.max().replace(0, 1) if relative else sizes
    beside = ""
    if len(unscored := pairs[(pairs["planted"] > 0) & ~pairs["scored"]]):
        pair = measures.pair_label((unscored["feature"].iloc[0], unscored["other"].iloc[0]))
        beside = f" {pair}, the taste of each user, is planted too and not counted."
    return Picture(
        key="truth",
        title="Truth beside learned",
        sentence=found.sentences["recovery"] + beside,
        figure=bars.planted_and_learned(
            [measures.pair_label((row["feature"], row["other"])) for row in shown.to_dict("records")],
            sizes["planted"].tolist(),
            sizes["effect in stars"].tolist(),
            "of the largest" if relative else "stars",
        ),
        alt="Planted and learned effect of each pair of features",
        about="The generated world has crosses of known size built in. Learned is the effect in stars of the map above, "
        + (
            "which is in another unit than theirs, so each is drawn as a part of its largest. "
            if relative
            else "so the two bars are in the same unit. "
        )
        + "Only pairs of content features are scored: an id determines its owner's age and gender, "
        "so a network may carry a cross by the id.",
        numbers=pairs,
    )
