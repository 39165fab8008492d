"""The input features of a model, as data preparation hands them to the model builder."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

FeatureName = Literal["genres", "gender", "age", "occupation", "year", "user_id", "movie_id"]
"""What MovieLens and the generated world know. A table of one's own has features of other names."""
FEATURE_NAMES: tuple[FeatureName, ...] = get_args(FeatureName)
Level = Literal["user", "movie", "rating"]
"""What a value belongs to: the user, the movie, or the single rating."""
PADDING = -1
"""Index in an empty slot of a multi-valued feature. It never counts in a mean; 0 is the unknown category."""


@dataclass(frozen=True)
class FeatureSpec:
    """What a model must know of one input feature.

    Attributes:
        name: Its name, a Python identifier.
        vocabulary_size: Number of its categories; number 0 is the unknown one. Each has a row of an embedding table, but
            for a numeric feature, whose categories are the `knots`.
        slots: 1 for a single-valued feature with indices of shape `(batch,)`; else the width of its
            padded indices `(batch, slots)`.
        knots: Only of a numeric feature, whose inputs are scaled numbers, float32 `(batch,)`, NaN where missing: ascending
            values that stand for it wherever categories are looked at.
    """

    name: str
    vocabulary_size: int
    slots: int = 1
    knots: tuple[float, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether the model reads the value itself, not the index of a category."""
        return bool(self.knots)

    def codes(self, values: np.ndarray) -> np.ndarray:
        """The category of each input: an index is one already, a number has that of the nearest knot, 0 where missing."""
        if not self.is_number:
            return values
        knots = np.array(self.knots)
        code = 1 + np.searchsorted((knots[1:] + knots[:-1]) / 2, values)
        return np.where(np.isnan(values), 0, code).astype(np.int32)

    def values(self, codes: np.ndarray) -> np.ndarray:
        """The inputs that stand for some categories, `(n,)`, or `(n, slots)` with all but the first slot empty."""
        if self.is_number:
            return np.array([np.nan, *self.knots], np.float32)[codes]
        if self.slots == 1:
            return codes.astype(np.int32)
        index = np.full((len(codes), self.slots), PADDING, dtype=np.int32)
        index[:, 0] = codes
        return index
