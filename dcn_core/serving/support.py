"""How many ratings stand behind a category, or a combination of two: predictions without any are guesses."""

import numpy as np

from dcn_core.data.encoder import EncodedData
from dcn_core.insight.category_pairs import joint_counts


def column(data: EncodedData, feature: str, rows: np.ndarray) -> np.ndarray:
    """Indices of one feature for some ratings, `(len(rows), slots)`, one slot for a single-valued feature."""
    users = feature in data.user_features
    index = (data.user_features if users else data.movie_features)[feature]
    owner = data.user_row if users else data.movie_row
    return index[owner[rows]].reshape(len(rows), -1)


def counts(data: EncodedData, feature: str, size: int, rows: np.ndarray) -> np.ndarray:
    """Ratings of each category among some rows, `(size,)`; one counts for each of its genres."""
    slots = column(data, feature, rows).ravel()
    return np.bincount(slots[slots >= 0], minlength=size)


def pair_counts(data: EncodedData, pair: tuple[str, str], sizes: tuple[int, int], rows: np.ndarray) -> np.ndarray:
    """Ratings of each combination of two features' categories among some rows, `(A, B)`."""
    return joint_counts(column(data, pair[0], rows), column(data, pair[1], rows), *sizes)
