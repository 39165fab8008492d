"""The input features of a model, as data preparation hands them to the model builder."""

from dataclasses import dataclass
from typing import Literal, get_args

FeatureName = Literal["genres", "gender", "age", "occupation", "year", "user_id", "movie_id"]
FEATURE_NAMES: tuple[FeatureName, ...] = get_args(FeatureName)
USER_FEATURES: tuple[FeatureName, ...] = ("gender", "age", "occupation", "user_id")
PADDING = -1
"""Index in an empty slot of a multi-valued feature. It never counts in a mean; 0 is the unknown category."""


@dataclass(frozen=True)
class FeatureSpec:
    """What a model must know of one input feature.

    Attributes:
        name: One of `FEATURE_NAMES`.
        vocabulary_size: Number of rows of its embedding table; row 0 is the unknown category.
        slots: 1 for a single-valued feature with indices of shape `(batch,)`; else the width of its
            padded indices `(batch, slots)`.
    """

    name: FeatureName
    vocabulary_size: int
    slots: int = 1

    @property
    def level(self) -> Literal["user", "movie"]:
        """Whether the value belongs to the user or to the movie of a rating."""
        return "user" if self.name in USER_FEATURES else "movie"
