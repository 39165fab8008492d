"""From readable values to a model's inputs: fitted on training rows only, kept as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FEATURE_NAMES, FeatureSpec, Level
from dcn_core.config.run import describe
from dcn_core.data.column import MOVIELENS
from dcn_core.data.dataset import Dataset
from dcn_core.data.feature import GENRE_SLOTS, UNKNOWN, Feature, fit_feature
from dcn_core.data.labels import labels
from dcn_core.errors import DataError
from dcn_core.files import parse_json, write_atomic

__all__ = ["GENRE_SLOTS", "UNKNOWN", "EncodedData", "Encoder", "encode"]

_VERSION = 2
_FEATURES = TypeAdapter(tuple[Feature, ...])
_TEXTS = ("genres", "gender", "occupation")


@dataclass(frozen=True)
class Encoder:
    """The fitted features, in the order in which they stand in x0."""

    features: tuple[Feature, ...]

    @classmethod
    def fit(cls, dataset: Dataset, train_rows: np.ndarray, features: Sequence[str]) -> "Encoder":
        """Collects the categories and scales of the training ratings, of those `features` that the data set has.

        Args:
            dataset: Ratings, users and movies.
            train_rows: Rows of `dataset.ratings`; nothing else is looked at.
            features: What the model may look at.

        Raises:
            DataError: The data set has none of the features, or there are no training rows.
        """
        available = dataset.columns()
        columns = [column for column in available if column.name in features]
        if not columns:
            raise DataError(
                f"{dataset.name} has none of the features {', '.join(features) or '(none)'}. "
                f"Expected at least one of: {', '.join(column.name for column in available)}."
            )
        if len(train_rows) == 0:
            raise DataError(
                "an encoder needs at least one training row. Received none. Use a smaller validation share."
            )
        times: dict[Level, np.ndarray] = {}
        fitted = []
        for column in columns:
            table = dataset.table(column.level)
            if column.level not in times:
                rows = train_rows if column.level == "rating" else dataset.rows(column.level)[train_rows]
                times[column.level] = np.bincount(rows, minlength=len(table))
            fitted.append(fit_feature(column, table[column.name], times[column.level]))
        return cls(tuple(fitted))

    @property
    def specs(self) -> tuple[FeatureSpec, ...]:
        """What the model must know of each feature, in their order."""
        return tuple(feature.spec for feature in self.features)

    @property
    def vocabularies(self) -> dict[str, tuple[str, ...] | tuple[int, ...]]:
        """The categories of each feature, without the unknown one; none of numbers."""
        return {feature.name: feature.values for feature in self.features}

    def feature(self, name: str) -> Feature:
        """The feature of that name.

        Raises:
            DataError: The encoder does not have it.
        """
        for feature in self.features:
            if feature.name == name:
                return feature
        known = ", ".join(feature.name for feature in self.features)
        raise DataError(f"the encoder knows the features {known}. Received: '{name}'.")

    def encode_level(self, level: Level, table: pd.DataFrame) -> dict[str, np.ndarray]:
        """Returns the inputs of the features of one level by name, see `Feature.encode`."""
        return {feature.name: feature.encode(table) for feature in self.features if feature.level == level}

    def encode_users(self, users: pd.DataFrame) -> dict[str, np.ndarray]:
        """Returns the inputs of users by feature. A missing column or value is unknown."""
        return self.encode_level("user", users)

    def encode_movies(self, movies: pd.DataFrame) -> dict[str, np.ndarray]:
        """Returns the inputs of movies by feature, likewise."""
        return self.encode_level("movie", movies)

    def encode_pairs(
        self, users: pd.DataFrame, movies: pd.DataFrame, context: pd.DataFrame | None = None
    ) -> dict[str, np.ndarray]:
        """Returns the inputs of row-aligned users, movies and what belongs to neither, `(n, ...)` by feature.

        A table of one row goes with all rows of the others.

        Args:
            users: As of `encode_users`.
            movies: As of `encode_movies`.
            context: With the columns of `Dataset.ratings` that are features; without, these are unknown.
        """
        inputs = self.encode_users(users) | self.encode_movies(movies)
        inputs |= self.encode_level("rating", pd.DataFrame(index=range(1)) if context is None else context)
        size = max([len(users), len(movies), 0 if context is None else len(context)])
        size = 0 if 0 in (len(users), len(movies)) else size
        return {name: np.broadcast_to(values, (size, *values.shape[1:])) for name, values in inputs.items()}

    def categories(self, name: str) -> list[str]:
        """Returns the readable name of each index, "unknown" first.

        Raises:
            DataError: The encoder does not have the feature.
        """
        return self.feature(name).categories()

    def save(self, path: Path) -> None:
        """Writes the encoder as JSON, whole or not at all."""
        features = [feature.model_dump(mode="json", exclude_defaults=True) for feature in self.features]
        content = {"version": _VERSION, "features": features}
        write_atomic(path, json.dumps(content, ensure_ascii=False).encode())

    @classmethod
    def load(cls, path: Path) -> "Encoder":
        """Returns the encoder that `save` wrote, of this version or the first.

        Raises:
            DataError: The file is not there, or is not what `save` writes; says what is wrong with it.
        """
        try:
            content = parse_json(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _damaged(path, "JSON in UTF-8", str(error)) from None
        if not isinstance(content, dict) or "version" not in content:
            raise _damaged(path, "the keys version and features", str(content))
        if content["version"] == 1:
            content = {"version": _VERSION, "features": _of_first_version(path, content)}
        if content["version"] != _VERSION:
            raise _damaged(path, f"version {_VERSION} or 1", str(content["version"]))
        if content.keys() != {"version", "features"} or not content["features"]:
            raise _damaged(path, "the keys version and features, and at least one feature", str(content))
        try:
            features = _FEATURES.validate_json(json.dumps(content["features"]))
        except ValidationError as error:
            raise _damaged(path, "features as they were fitted", describe(error)) from None
        if len({feature.name for feature in features}) < len(features):
            raise _damaged(path, "each feature once", ", ".join(feature.name for feature in features))
        return cls(features)


@dataclass(frozen=True, eq=False)
class EncodedData:
    """Everything that training reads: inputs by user, by movie and by rating, and 12 bytes a rating.

    Attributes:
        user_features: int32 `(num_users,)` by feature, `(num_users, slots)` for lists, float32 for numbers.
        movie_features: The same with `num_movies`, for instance the genres.
        user_row: int32 `(num_ratings,)`, rows of the user features.
        movie_row: int32 `(num_ratings,)`, rows of the movie features.
        rating: The labels, float32 `(num_ratings,)`: stars, or 1 and 0 for likes and dislikes (NaN for neither).
        rating_features: The same as of users with `num_ratings`: what belongs to neither user nor movie.
    """

    user_features: dict[str, np.ndarray]
    movie_features: dict[str, np.ndarray]
    user_row: np.ndarray
    movie_row: np.ndarray
    rating: np.ndarray
    rating_features: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def by_level(self) -> dict[Level, dict[str, np.ndarray]]:
        """All inputs by level and feature."""
        return {"user": self.user_features, "movie": self.movie_features, "rating": self.rating_features}

    @property
    def features(self) -> dict[str, np.ndarray]:
        """All inputs by feature, each in the rows of its level."""
        return self.user_features | self.movie_features | self.rating_features

    def level(self, name: str) -> Level:
        """What a feature belongs to."""
        return next(level for level, features in self.by_level.items() if name in features)

    def rows_of(self, level: Level, rows: np.ndarray) -> np.ndarray:
        """The row that each of some ratings has in the features of a level, `(len(rows),)`."""
        return rows if level == "rating" else (self.user_row if level == "user" else self.movie_row)[rows]

    def inputs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the model's inputs for some ratings: `(len(rows),)` or `(len(rows), slots)` by feature."""
        return {
            name: values[own]
            for level, features in self.by_level.items()
            if features
            for own in [self.rows_of(level, rows)]
            for name, values in features.items()
        }


def encode(dataset: Dataset, encoder: Encoder, config: DataConfig | None = None) -> EncodedData:
    """Returns the inputs of a whole data set, training rows and others.

    Args:
        dataset: Ratings, users and movies.
        encoder: Fitted on its training rows.
        config: Says what the label is; the rating if not given.
    """
    return EncodedData(
        user_features=encoder.encode_users(dataset.users),
        movie_features=encoder.encode_movies(dataset.movies),
        user_row=dataset.ratings["user_row"].to_numpy(np.int32),
        movie_row=dataset.ratings["movie_row"].to_numpy(np.int32),
        rating=labels(dataset, config or DataConfig()),
        rating_features=encoder.encode_level("rating", dataset.ratings),
    )


def _of_first_version(path: Path, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The features of a file of version 1, which knew those of MovieLens by their names."""
    vocabularies = content.get("vocabularies")
    if not isinstance(vocabularies, dict) or not vocabularies or not vocabularies.keys() <= set(FEATURE_NAMES):
        raise _damaged(path, f"vocabularies of one or more of {', '.join(FEATURE_NAMES)}", str(vocabularies))
    features = []
    for column in MOVIELENS:
        if column.name not in vocabularies:
            continue
        values = vocabularies[column.name]
        kind = str if column.name in _TEXTS else int
        if not isinstance(values, list) or any(type(value) is not kind for value in values):
            raise _damaged(
                path, f"a list of {'texts' if kind is str else 'whole numbers'} under '{column.name}'", str(values)
            )
        more = {"slots": content.get("genre_slots", GENRE_SLOTS)} if column.kind == "list" else {}
        features.append({"name": column.name, "level": column.level, "kind": column.kind, "values": values} | more)
    return features


def _damaged(path: Path, expected: str, received: str) -> DataError:
    shown = received[:120] + ("…" if len(received) > 120 else "")
    return DataError(
        f"{path.name}: expected {expected}. Received: {shown}. Do not edit this file; train the run again."
    )
