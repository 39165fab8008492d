"""The embedding tables as maps: principal components, and which categories the network takes for alike."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.wording import listed, percent


def principal_components(table: np.ndarray, categories: Sequence[str], components: int = 2) -> pd.DataFrame:
    """Returns each category's place on the axes along which the embeddings differ most.

    Args:
        table: An embedding table, `(vocabulary, e)`; row 0, the unknown category, is left out.
        categories: Readable names of its rows, as of `Encoder.categories`.
        components: Number of axes; those that the table does not have are zero.

    Returns:
        `category`, `x1` ... `x<components>`, and `length` of the embedding. The share of the variance that each axis
        explains is in `frame.attrs["explained"]`. An axis points to where its largest coordinate is positive.

    Raises:
        PredictionError: There are not as many names as rows.
    """
    _check(table, categories)
    points = table[1:].astype(float)
    centred = points - points.mean(axis=0) if len(points) else points
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(points), components))
    found = min(components, len(values))
    places[:, :found] = left[:, :found] * values[:found]
    for axis in places.T[:found]:
        if len(axis):
            axis *= np.sign(axis[np.abs(axis).argmax()]) or 1.0
    explained = np.zeros(components)
    explained[:found] = values[:found] ** 2 / max(float(np.sum(values**2)), 1e-300)
    frame = pd.DataFrame({"category": list(categories[1:])})
    frame = frame.assign(**{f"x{axis + 1}": places[:, axis] for axis in range(components)})
    frame["length"] = np.linalg.norm(points, axis=1)
    frame.attrs["explained"] = explained.tolist()
    return frame


def neighbours(table: np.ndarray, categories: Sequence[str], index: int, most: int = 10) -> pd.DataFrame:
    """Returns the categories whose embeddings point most in the direction of one.

    Args:
        table: An embedding table, `(vocabulary, e)`.
        categories: Readable names of its rows.
        index: The row to compare with.
        most: Number of neighbours; the category itself and the unknown one are left out.

    Returns:
        `index`, `category` and `cosine` (1: same direction, 0: unrelated, -1: opposite), most alike first.

    Raises:
        PredictionError: There are not as many names as rows, or no such row.
    """
    _check(table, categories)
    if not 0 <= index < len(table):
        raise PredictionError(f"a category is a row from 0 to {len(table) - 1} of this table. Received: {index}.")
    lengths = np.maximum(np.linalg.norm(table.astype(float), axis=1), 1e-12)
    cosine = (table @ table[index].astype(float)) / (lengths * lengths[index])
    order = [row for row in np.argsort(-cosine, kind="stable").tolist() if row not in (0, index)][:most]
    return pd.DataFrame({"index": order, "category": [categories[row] for row in order], "cosine": cosine[order]})


def map_sentence(frame: pd.DataFrame) -> str:
    """How much of the embeddings a map of `principal_components` shows."""
    explained = frame.attrs["explained"]
    return f"These {len(explained)} axes show {percent(sum(explained))} of how the {len(frame):,} embeddings differ."


def neighbour_sentence(category: str, frame: pd.DataFrame) -> str:
    """Who the neighbours are."""
    if frame.empty:
        return f"{category} has no neighbours: it is alone in its table."
    return f"The embedding of {category} is closest to those of {listed(frame['category'].head(3).tolist())}."


def _check(table: np.ndarray, categories: Sequence[str]) -> None:
    if len(table) != len(categories):
        raise PredictionError(
            f"a table of {len(table)} rows needs as many names. Received: {len(categories)}. "
            "Use the encoder of the run that trained it."
        )
