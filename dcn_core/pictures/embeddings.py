"""Maps of an embedding table as pictures: by principal components, and by neighbourhoods."""

from collections.abc import Sequence

import pandas as pd

from dcn_core.insight.embeddings import map_sentence
from dcn_core.insight.neighbourhoods import neighbour_map_sentence
from dcn_core.insight.report import Section
from dcn_core.insight.wording import label
from dcn_core.pictures import scatter
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.scatter import NOTHING, Marks

MOST_POINTS = 3000
"""Points that are drawn, those with most ratings: a browser moves no more of them smoothly."""


def principal_map(feature: str, frame: pd.DataFrame, colour: str, axes: int, marks: Marks = NOTHING) -> Picture:
    """A table along the axes on which its embeddings differ most.

    Args:
        feature: Whose table.
        frame: As of `principal_components`, with the column `colour`, and with `ratings` where known.
        colour: What the points are coloured by.
        axes: 2 or 3.
        marks: Points to mark, by the frame's index; they are drawn whatever their number of ratings.
    """
    shown = _most_rated(frame, [*marks.found, *marks.near, *([] if marks.picked is None else [marks.picked])])
    explained = frame.attrs["explained"][:axes]
    counted = frame.copy()
    counted.attrs["explained"] = explained
    titles = [f"Axis {axis} ({100 * share:.0f} %)" for axis, share in enumerate(explained, start=1)]
    about = (
        "Principal components: the axes along which the embeddings differ most. Points that are far apart here are far apart "
        "in the network; points that are close may still differ along axes that are not shown. Axes have no names, and "
        "their direction is arbitrary. Categories with few ratings stay near the middle."
    )
    if len(shown) < len(frame):
        about += f" The {MOST_POINTS:,} with most ratings of {len(frame):,} are drawn."
    return _picture(feature, shown, colour, axes, titles, marks, map_sentence(counted), about)


def neighbour_map(
    feature: str, frame: pd.DataFrame, found: Section, colour: str, axes: int, marks: Marks = NOTHING
) -> Picture | None:
    """A table laid out so that neighbours stay together; None if it has too few categories.

    Args:
        feature: Whose table.
        frame: As of `principal_map`.
        found: The section `maps` of a report.
        colour: What the points are coloured by.
        axes: 2 or 3.
        marks: Points to mark, by the frame's index.
    """
    if f"{feature}/rows" not in found.arrays:
        return None
    shown = frame.iloc[found.arrays[f"{feature}/rows"] - 1].copy()
    for axis, places in enumerate(found.arrays[f"{feature}/{axes}"].T, start=1):
        shown[f"x{axis}"] = places
    shown = shown.drop(columns=[f"x{axis}" for axis in range(axes + 1, 4) if f"x{axis}" in shown])
    about = (
        "t-SNE with a fixed seed: a layout in which categories are close whose embeddings point the same way. Only who is near whom "
        "means something; distances between groups, their sizes and the directions do not, and another seed gives another map."
    )
    if len(shown) < len(frame):
        about += f" The {len(shown):,} with most ratings of {len(frame):,} are drawn."
    sentence = neighbour_map_sentence(found.facts[f"{feature}/{axes}"], len(shown))
    return _picture(feature, shown, colour, axes, [""] * axes, marks, sentence, about)


def _picture(
    feature: str,
    shown: pd.DataFrame,
    colour: str,
    axes: int,
    titles: Sequence[str],
    marks: Marks,
    sentence: str,
    about: str,
) -> Picture:
    return Picture(
        key="embedding-map",
        title=f"Embeddings of {label(feature)}",
        sentence=sentence,
        figure=scatter.places(shown, colour, axes, titles, marks),
        alt=f"Map of the embeddings of {label(feature)}",
        about=about,
        numbers=shown.drop(columns=["length"]),
        moves="3d" if axes == 3 else "2d",
    )


def _most_rated(frame: pd.DataFrame, always: Sequence[int]) -> pd.DataFrame:
    """The rows of a map that are drawn: those with most ratings, and some that must not be missing."""
    if len(frame) <= MOST_POINTS:
        return frame
    kept = frame.nlargest(MOST_POINTS, "ratings" if "ratings" in frame else "length").index
    return frame.loc[kept.union([index for index in always if index in frame.index])]
