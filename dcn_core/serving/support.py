"""How many ratings stand behind a category, or a combination of two: predictions without any are guesses."""

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.data.encoder import EncodedData
from dcn_core.insight.category_pairs import joint_counts


def column(data: EncodedData, spec: FeatureSpec, rows: np.ndarray) -> np.ndarray:
    """Categories of one feature for some ratings, `(len(rows), slots)`, one slot for a single-valued feature."""
    owner = data.rows_of(data.level(spec.name), rows)
    return spec.codes(data.features[spec.name])[owner].reshape(len(rows), -1)


def counts(data: EncodedData, spec: FeatureSpec, rows: np.ndarray) -> np.ndarray:
    """Ratings of each category among some rows, `(vocabulary,)`; one counts for each of its genres."""
    slots = column(data, spec, rows).ravel()
    return np.bincount(slots[slots >= 0], minlength=spec.vocabulary_size)


def pair_counts(data: EncodedData, pair: tuple[FeatureSpec, FeatureSpec], rows: np.ndarray) -> np.ndarray:
    """Ratings of each combination of two features' categories among some rows, `(A, B)`."""
    sizes = pair[0].vocabulary_size, pair[1].vocabulary_size
    return joint_counts(column(data, pair[0], rows), column(data, pair[1], rows), *sizes)
