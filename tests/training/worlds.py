"""Small sets of encoded ratings for the tests of training."""

import numpy as np

from dcn_core.config.features import PADDING, FeatureSpec
from dcn_core.config.run import RunConfig, parse_config
from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split

SPECS = (
    FeatureSpec("genres", 5, slots=3),
    FeatureSpec("gender", 3),
    FeatureSpec("year", 7),
    FeatureSpec("user_id", 21),
    FeatureSpec("movie_id", 14),
)
FEATURES = ["genres", "gender", "year", "user_id", "movie_id"]


def world(num_ratings: int = 400, seed: int = 0, noise: float = 0.3) -> EncodedData:
    """Ratings of 20 users and 13 movies whose only signal is a cross of gender and year."""
    rng = np.random.default_rng(seed)
    users = {"gender": rng.integers(1, 3, 20, dtype=np.int32), "user_id": np.arange(1, 21, dtype=np.int32)}
    genres = rng.integers(1, 5, (13, 3), dtype=np.int32)
    genres[np.arange(3) >= rng.integers(0, 4, 13)[:, None]] = PADDING
    movies = {
        "genres": genres,
        "year": rng.integers(1, 7, 13, dtype=np.int32),
        "movie_id": np.arange(1, 14, dtype=np.int32),
    }
    user_row = rng.integers(0, 20, num_ratings, dtype=np.int32)
    movie_row = rng.integers(0, 13, num_ratings, dtype=np.int32)
    sign = (2 * (users["gender"][user_row] == 1) - 1) * (2 * (movies["year"][movie_row] % 2) - 1)
    rating = 3 + sign + noise * rng.normal(size=num_ratings)
    return EncodedData(users, movies, user_row, movie_row, rating.astype(np.float32))


def split(num_ratings: int = 400, test: int = 60) -> Split:
    """The last `test` rows for test, as many before them for validation."""
    rows = np.arange(num_ratings)
    first = num_ratings - 2 * test
    return Split(rows[:first], rows[first : first + test], rows[first + test :])


def config(model: dict | None = None, train: dict | None = None) -> RunConfig:
    """A small, quick config with some settings changed."""
    small = {"embedding_dim": 4, "deep_layer_sizes": [8], "num_cross_layers": 1}
    quick = {"epochs": 2, "batch_size": 32, "learning_rate": 0.01}
    return parse_config(
        {"data": {"features": FEATURES}, "model": small | (model or {}), "train": quick | (train or {})}
    )
