"""From readable values to the indices of embedding tables: fitted on training rows only, kept as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FEATURE_NAMES, PADDING, USER_FEATURES, FeatureName, FeatureSpec
from dcn_core.data.categories import category_name
from dcn_core.data.dataset import Dataset
from dcn_core.data.labels import labels
from dcn_core.errors import DataError
from dcn_core.files import parse_json, write_atomic

UNKNOWN = "unknown"
GENRE_SLOTS = 6
"""Most genres that a movie of MovieLens 1M has; more slots only where a training movie has more."""

_VERSION = 1
_TEXTS = ("genres", "gender", "occupation")


@dataclass(frozen=True)
class Encoder:
    """The categories of each feature. Index 0 is any value that training has not seen; the rest follow in order.

    Attributes:
        vocabularies: Values by feature in the order of their indices, which start at 1: str for genres, gender and
            occupation, int for the others.
        genre_slots: Width of the genre indices.
    """

    vocabularies: Mapping[FeatureName, tuple[Any, ...]]
    genre_slots: int = GENRE_SLOTS

    @classmethod
    def fit(cls, dataset: Dataset, train_rows: np.ndarray, features: Sequence[FeatureName]) -> "Encoder":
        """Collects the categories of the training ratings, of those `features` that the data set has.

        Args:
            dataset: Ratings, users and movies.
            train_rows: Rows of `dataset.ratings`; nothing else is looked at.
            features: What the model may look at.

        Raises:
            DataError: The data set has none of the features, or there are no training rows.
        """
        available = dataset.available_features()
        names = [name for name in FEATURE_NAMES if name in features and name in available]
        if not names:
            raise DataError(
                f"{dataset.name} has none of the features {', '.join(features) or '(none)'}. "
                f"Expected at least one of: {', '.join(available)}."
            )
        if len(train_rows) == 0:
            raise DataError(
                "an encoder needs at least one training rating. Received none. Use a smaller validation share."
            )
        seen = {}
        for side, table in (("user_row", dataset.users), ("movie_row", dataset.movies)):
            is_seen = np.zeros(len(table), dtype=bool)
            is_seen[dataset.ratings[side].to_numpy()[train_rows]] = True
            seen[side] = table[is_seen]
        vocabularies: dict[FeatureName, tuple[Any, ...]] = {}
        slots = GENRE_SLOTS
        for name in names:
            column = seen["user_row" if name in USER_FEATURES else "movie_row"][name]
            if name == "genres":
                lists = [genres.split("|") for genres in column.unique() if genres]
                slots = max([slots, *map(len, lists)])
                values = sorted({genre for genres in lists for genre in genres})
            else:
                values = sorted(column.dropna().unique().tolist())
            vocabularies[name] = tuple(values)
        return cls(vocabularies, slots)

    @property
    def specs(self) -> tuple[FeatureSpec, ...]:
        """What the model must know of each feature, in the order of `FEATURE_NAMES`."""
        return tuple(
            FeatureSpec(name, 1 + len(self.vocabularies[name]), self.genre_slots if name == "genres" else 1)
            for name in FEATURE_NAMES
            if name in self.vocabularies
        )

    def encode_users(self, users: pd.DataFrame) -> dict[str, np.ndarray]:
        """Returns the indices of users, int32 `(n,)` by feature. A missing column or value is unknown."""
        return {spec.name: self._indices(spec.name, users) for spec in self.specs if spec.level == "user"}

    def encode_movies(self, movies: pd.DataFrame) -> dict[str, np.ndarray]:
        """Returns the indices of movies, int32 by feature: `(n,)`, and `(n, slots)` for genres.

        Empty genre slots hold `PADDING`, all of them for a movie without genres. A missing column or value is unknown.
        """
        return {
            spec.name: self._genre_indices(movies) if spec.name == "genres" else self._indices(spec.name, movies)
            for spec in self.specs
            if spec.level == "movie"
        }

    def categories(self, name: FeatureName) -> list[str]:
        """Returns the readable name of each index, "unknown" first.

        Raises:
            DataError: The encoder does not have the feature.
        """
        if name not in self.vocabularies:
            raise DataError(f"the encoder knows the features {', '.join(self.vocabularies)}. Received: '{name}'.")
        return [UNKNOWN, *(category_name(name, value) for value in self.vocabularies[name])]

    def save(self, path: Path) -> None:
        """Writes the encoder as JSON, whole or not at all."""
        vocabularies = {name: list(values) for name, values in self.vocabularies.items()}
        content = {"version": _VERSION, "genre_slots": self.genre_slots, "vocabularies": vocabularies}
        write_atomic(path, json.dumps(content, ensure_ascii=False).encode())

    @classmethod
    def load(cls, path: Path) -> "Encoder":
        """Returns the encoder that `save` wrote.

        Raises:
            DataError: The file is not there, or is not what `save` writes; says what is wrong with it.
        """
        try:
            content = parse_json(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _damaged(path, "JSON in UTF-8", str(error)) from None
        if not isinstance(content, dict) or content.keys() != {"version", "genre_slots", "vocabularies"}:
            raise _damaged(path, "the keys version, genre_slots and vocabularies", str(content))
        if content["version"] != _VERSION:
            raise _damaged(path, f"version {_VERSION}", str(content["version"]))
        slots, vocabularies = content["genre_slots"], content["vocabularies"]
        if type(slots) is not int or not 1 <= slots <= 1000:
            raise _damaged(path, "genre_slots as a whole number from 1 to 1000", str(slots))
        if not isinstance(vocabularies, dict) or not vocabularies or not vocabularies.keys() <= set(FEATURE_NAMES):
            raise _damaged(path, f"vocabularies of one or more of {', '.join(FEATURE_NAMES)}", str(vocabularies))
        for name, values in vocabularies.items():
            kind = str if name in _TEXTS else int
            if not isinstance(values, list) or any(type(value) is not kind for value in values):
                raise _damaged(
                    path, f"a list of {'texts' if kind is str else 'whole numbers'} under '{name}'", str(values)
                )
            if len(set(values)) != len(values):
                raise _damaged(path, f"each value once under '{name}'", str(values))
            if kind is int and any(abs(value) >= 2**63 for value in values):
                raise _damaged(path, f"numbers below 2^63 under '{name}'", str(values))
        return cls({name: tuple(vocabularies[name]) for name in FEATURE_NAMES if name in vocabularies}, slots)

    def _indices(self, name: FeatureName, table: pd.DataFrame) -> np.ndarray:
        if name not in table:
            return np.zeros(len(table), dtype=np.int32)
        vocabulary = self.vocabularies[name]
        # An empty index of objects would find a missing value nowhere, as it should.
        known = pd.Index(vocabulary, dtype="object" if name in _TEXTS else "int64")
        column = table[name]
        if name in _TEXTS:
            return (known.get_indexer(pd.Index(column.astype("object"))) + 1).astype(np.int32)
        # Whatever is missing, no number, or fractional is unknown, not a neighbour.
        numbers = pd.to_numeric(column, errors="coerce")
        missing = numbers.isna().to_numpy() | np.isin(numbers.to_numpy(np.float64, na_value=np.nan), (np.inf, -np.inf))
        values = numbers.where(~missing, 0).to_numpy()
        whole = values.astype(np.int64)
        found = known.get_indexer(pd.Index(whole)) + 1
        return np.where(missing | (whole != values), 0, found).astype(np.int32)

    def _genre_indices(self, movies: pd.DataFrame) -> np.ndarray:
        if "genres" not in movies:
            return np.full((len(movies), self.genre_slots), PADDING, dtype=np.int32)
        index_of = {genre: index for index, genre in enumerate(self.vocabularies["genres"], start=1)}
        # Each combination once: there are a few hundred among any number of movies.
        code, combinations = pd.factorize(movies["genres"].fillna("").astype("object"))
        rows = np.full((len(combinations), self.genre_slots), PADDING, dtype=np.int32)
        for row, combination in enumerate(combinations):
            names = [name for name in combination.split("|") if name][: self.genre_slots]
            rows[row, : len(names)] = [index_of.get(name, 0) for name in names]
        return rows[code]


@dataclass(frozen=True, eq=False)
class EncodedData:
    """Everything that training reads: indices by user and by movie, and 12 bytes a rating.

    Attributes:
        user_features: int32 `(num_users,)` by feature.
        movie_features: int32 `(num_movies,)` by feature, `(num_movies, slots)` for genres.
        user_row: int32 `(num_ratings,)`, rows of the user features.
        movie_row: int32 `(num_ratings,)`, rows of the movie features.
        rating: The labels, float32 `(num_ratings,)`: stars, or 1 and 0 for likes and dislikes (NaN for neither).
    """

    user_features: dict[str, np.ndarray]
    movie_features: dict[str, np.ndarray]
    user_row: np.ndarray
    movie_row: np.ndarray
    rating: np.ndarray

    def inputs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the model's inputs for some ratings: int32 `(len(rows),)` or `(len(rows), slots)` by feature."""
        users = {name: indices[self.user_row[rows]] for name, indices in self.user_features.items()}
        return users | {name: indices[self.movie_row[rows]] for name, indices in self.movie_features.items()}


def encode(dataset: Dataset, encoder: Encoder, config: DataConfig | None = None) -> EncodedData:
    """Returns the indices of a whole data set, training rows and others.

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
    )


def _damaged(path: Path, expected: str, received: str) -> DataError:
    shown = received[:120] + ("…" if len(received) > 120 else "")
    return DataError(
        f"{path.name}: expected {expected}. Received: {shown}. Do not edit this file; train the run again."
    )
