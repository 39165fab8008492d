"""A set of ratings with its users and movies: what every source is turned into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np
import pandas as pd

from dcn_core.config.features import FeatureName, Level
from dcn_core.data.column import MOVIELENS, Column


@dataclass(frozen=True)
class PlantedCross:
    """An interaction that was put into the generated world.

    Attributes:
        features: The two features, in the order of `FEATURE_NAMES`.
        strength: Standard deviation over the ratings, in stars, of the part of the score that only the pair explains.
    """

    features: tuple[FeatureName, FeatureName]
    strength: float


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """How the ratings of the generated world came about.

    A rating is `clip(round(score + noise), 1, 5)`; the score is the sum of everything listed here.

    Attributes:
        crosses: What was planted, strongest first. All other pairs of features do not interact.
        main_effects: Standard deviation over the ratings, in stars, of what each feature adds on its own. Under
            `user_id` and `movie_id` stand the biases of single users and movies that no other feature explains.
        noise: Standard deviation, in stars, of the part that nothing explains.
        floor_mse: Mean squared error that no predictor can beat on average, rounding and clipping included.
        floors: The same for a predictor that knows less: `without_crosses` (all main effects and biases, no cross),
            `without_ids` (all effects of genres, gender, age, occupation and year, no single user or movie),
            `without_crosses_and_ids` (the main effects of these five only).
        best_prediction: Mean rating given the score, float32 `(num_ratings,)`: the predictor behind `floor_mse`.
    """

    crosses: tuple[PlantedCross, ...]
    main_effects: Mapping[FeatureName, float]
    noise: float
    floor_mse: float
    floors: Mapping[str, float]
    best_prediction: np.ndarray = field(repr=False)


Number = TypeVar("Number", float, np.ndarray)


@dataclass(frozen=True)
class Nouns:
    """What a data set speaks of, in the words of its source.

    Attributes:
        user: Who rates, in the singular.
        movie: What is rated, likewise.
        rating: The label.
        unit: What it is measured in.
        center: What was taken off each label of the source, and
        scale: what it was divided by then.
        features: Names of features as the source has them, where they differ.
        low: The lower label as the source has it where there are only two, such as 0 or no; else empty.
        high: The higher one, likewise.
    """

    user: str = "user"
    movie: str = "movie"
    rating: str = "rating"
    unit: str = "stars"
    center: float = 0.0
    scale: float = 1.0
    features: Mapping[str, str] = field(default_factory=dict)
    low: str = ""
    high: str = ""

    def of_source(self, label: Number) -> Number:
        """A label, or some, as the source has it."""
        return label * self.scale + self.center


@dataclass(frozen=True, eq=False)
class Dataset:
    """Ratings, users and movies of one source.

    Attributes:
        name: For people, for instance "MovieLens 1M".
        fingerprint: Hex digest of the content: equal exactly for equal data.
        ratings: One row per rating: `user_row` and `movie_row` (int32 rows of `users` and `movies`), `rating`
            (float32) and, where known, `timestamp` (int64 seconds since 1970).
        users: `user_id` (int64) and, where the source has them, `gender` ("F" or "M"), `age` (int16, one of the
            seven `AGE_CODES`) and `occupation` (str).
        movies: `movie_id` (int64), `title` (as in the source), `year` (Int16, missing where unknown) and `genres`
            ("Action|Comedy", "" where there are none).
        rating_step: 1.0 for whole stars, 0.5 for half stars.
        rating_min: Lowest rating of the scale.
        rating_max: Highest rating of the scale.
        truth: Only for the generated world.
        notes: What a reader left out or read differently, one sentence each. Mostly empty.
        known: The columns of the three tables that can be features, in the order in which they stand in x0; those that
            are not there, or empty, do not count.
        nouns: Its words.
    """

    name: str
    fingerprint: str
    ratings: pd.DataFrame
    users: pd.DataFrame
    movies: pd.DataFrame
    rating_step: float = 1.0
    rating_min: float = 1.0
    rating_max: float = 5.0
    truth: GroundTruth | None = None
    notes: tuple[str, ...] = ()
    known: tuple[Column, ...] = MOVIELENS
    nouns: Nouns = Nouns()

    @property
    def num_ratings(self) -> int:
        """Number of ratings."""
        return len(self.ratings)

    @property
    def has_timestamps(self) -> bool:
        """Whether it is known when each rating was given."""
        return "timestamp" in self.ratings

    @property
    def has_steps(self) -> bool:
        """Whether all labels stand on steps of the scale; a price or a temperature does not."""
        place = (self.ratings["rating"].to_numpy(np.float64) - self.rating_min) / self.rating_step
        return bool((np.abs(place - np.rint(place)) < 1e-3).all())

    @property
    def sides(self) -> tuple[Level, ...]:
        """Of users and movies, those that there are: in a table without either, a single one stands for all rows."""
        sides: tuple[Level, ...] = ("user", "movie")
        return tuple(side for side in sides if len(self.table(side)) > 1)

    def table(self, level: Level) -> pd.DataFrame:
        """The table of a level: users, movies or ratings."""
        return {"user": self.users, "movie": self.movies, "rating": self.ratings}[level]

    def rows(self, level: Literal["user", "movie"]) -> np.ndarray:
        """The row of users or of movies that each rating has, int32 `(num_ratings,)`."""
        return self.ratings[f"{level}_row"].to_numpy()

    def columns(self) -> tuple[Column, ...]:
        """Returns the columns of this source that can be features, in their order."""
        return tuple(column for column in self.known if self._has(column))

    def available_features(self) -> tuple[str, ...]:
        """Returns the features that this source knows, in their order."""
        return tuple(column.name for column in self.columns())

    def _has(self, column: Column) -> bool:
        table = self.table(column.level)
        if column.name not in table:
            return False
        if column.name == "year":
            return bool(table["year"].notna().any())
        return column.kind != "list" or bool((table[column.name] != "").any())

    def frame(self) -> pd.DataFrame:
        """Returns one tidy row per rating with everything known about its user and movie; texts as categoricals."""
        columns: dict[str, object] = {}
        for table, rows in ((self.users, self.ratings["user_row"]), (self.movies, self.ratings["movie_row"])):
            positions = rows.to_numpy()
            for name in table.columns:
                column = table[name]
                if isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
                    # Factorising the few users or movies and spreading the codes costs nothing per rating.
                    category = pd.Categorical(column)
                    columns[name] = pd.Categorical.from_codes(category.codes[positions], dtype=category.dtype)
                else:
                    columns[name] = column.array.take(positions)
        columns["rating"] = self.ratings["rating"].to_numpy()
        if self.has_timestamps:
            columns["timestamp"] = self.ratings["timestamp"].to_numpy()
        order = ["user_id", "movie_id", "rating", "timestamp", "gender", "age", "occupation", "title", "year", "genres"]
        return pd.DataFrame({name: columns[name] for name in order if name in columns}, copy=False)
