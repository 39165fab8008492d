"""Asking a trained model, without TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd

from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder
from dcn_core.errors import PredictionError

BATCH = 16_384
"""Pairs scored at a time: bounds memory for catalogues of any size."""
NO_ID = -1
"""An id that no source uses: it goes through the unknown index."""


@dataclass(frozen=True)
class Prediction:
    """A model's answer for one user and one movie.

    Attributes:
        rating: Predicted rating in stars, within the data's scale.
        raw: The network's output before it was put within the scale.
        unknown: Features whose value training never saw; they go through the unknown index.
        actual: The user's real rating of the movie, None if there is none.
    """

    user_id: int
    movie_id: int
    rating: float
    raw: float
    unknown: tuple[str, ...]
    actual: float | None


class Predictor:
    """Scores users and movies with an exported model.

    Args:
        model: Path of an ONNX file whose inputs are named by feature.
        encoder: The encoder that the model was trained with.
        threads: Processor cores it may use: one on a page, which must not slow down the training beside it.
    """

    def __init__(self, model: Path, encoder: Encoder, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own for every kind of damage
            raise PredictionError(
                f"expected an exported model at {model.parent.name}/{model.name}. It cannot be read: {error}"
            ) from None
        self.encoder = encoder
        self._blank = encoder.encode_level("rating", pd.DataFrame(index=range(1)))

    @classmethod
    def open(cls, run: Path, threads: int = 1) -> "Predictor":
        """Returns the predictor of a finished run's folder.

        Raises:
            PredictionError: The folder holds no model, or a damaged one.
        """
        if not (run / "model.onnx").exists():
            raise PredictionError(
                f"run {run.name} has no model yet. Wait until it has finished, or train it to the end."
            )
        return cls(run / "model.onnx", Encoder.load(run / "encoder.json"), threads)

    def predict(self, users: pd.DataFrame, movies: pd.DataFrame, context: pd.DataFrame | None = None) -> np.ndarray:
        """Scores row-aligned users and movies, `(n,)` float32 in stars. One user or one movie goes with all of the other.

        Args:
            users: Rows of `Dataset.users`, or invented ones with the same columns.
            movies: Rows of `Dataset.movies`, likewise.
            context: Rows of `Dataset.ratings`, for features that belong to neither; these are unknown without it.
        """
        sizes = {len(table) for table in (users, movies, context) if table is not None}
        if len(sizes - {1}) > 1:
            raise PredictionError(
                f"expected as many users as movies, or one of either. Received: {len(users)} and {len(movies)}."
            )
        return self.score(self.encoder.encode_pairs(users, movies, context))

    def score(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Scores encoded features, `(n,)` or `(n, slots)` each, see `Feature.encode`; returns `(n,)` float32 in stars.

        What belongs to neither user nor movie, but to the single rating, may be left out: it is unknown then.
        """
        size = len(next(iter(inputs.values())))
        blank = {name: np.broadcast_to(value, (size, *value.shape[1:])) for name, value in self._blank.items()}
        inputs = blank | dict(inputs)
        parts = [
            self._session.run(
                None, {name: np.ascontiguousarray(v[start : start + BATCH]) for name, v in inputs.items()}
            )[0]
            for start in range(0, size, BATCH)
        ]
        return np.concatenate(parts).reshape(-1) if parts else np.empty(0, np.float32)

    def predict_pair(
        self, dataset: Dataset, user_id: int, movie_id: int, scale: tuple[float, float] | None = None
    ) -> Prediction:
        """Scores one user and one movie by their ids in the source. Ids that are not in it are unknown, not errors.

        The prediction is put within `scale`, that of the ratings if not given.
        """
        user, user_row = row_of(dataset.users, "user_id", user_id)
        movie, movie_row = row_of(dataset.movies, "movie_id", movie_id)
        ratings = dataset.ratings
        known = np.flatnonzero((ratings.user_row == user_row) & (ratings.movie_row == movie_row))[:1]
        encoded = self.encoder.encode_pairs(user, movie, ratings.iloc[known] if len(known) else None)
        raw = float(self.score(encoded)[0])
        actual = ratings.rating.iloc[known]
        return Prediction(
            user_id=user_id,
            movie_id=movie_id,
            rating=float(np.clip(raw, *(scale or (dataset.rating_min, dataset.rating_max)))),
            raw=raw,
            unknown=tuple(spec.name for spec in self.encoder.specs if not (spec.codes(encoded[spec.name]) > 0).any()),
            actual=float(actual.iloc[0]) if len(actual) else None,
        )


def row_of(table: pd.DataFrame, key: str, value: int) -> tuple[pd.DataFrame, int]:
    """The one-row frame of an id and its row number; a row of missing values and -1 for an id that is not there."""
    rows = np.flatnonzero(table[key].to_numpy() == value)
    if len(rows):
        return table.iloc[rows[:1]], int(rows[0])
    blank = pd.DataFrame([dict.fromkeys(table.columns) | {key: value}])
    if "genres" in blank:
        blank["genres"] = ""
    return blank, -1
