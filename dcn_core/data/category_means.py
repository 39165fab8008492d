"""The mean rating of each category of each feature, and how filled the table of users and movies is in its parts."""

import numpy as np
import pandas as pd

from dcn_core.data.dataset import Dataset
from dcn_core.data.grouping import Grouping, groupings
from dcn_core.data.pairs import distinct_pairs

PARTS = 10


def category_means(dataset: Dataset) -> pd.DataFrame:
    """Returns one row for each category of each feature but the ids.

    The ratings of one user are alike, and so are those of one movie. So the interval of a user's feature counts users, and
    that of a movie's feature movies: the error of a mean of clusters of unequal size, sqrt(Σ (Sᵢ - nᵢ·mean)²) / Σ nᵢ, and
    Student's t, for there may be few.

    Returns:
        `feature`, `level` (as of its column), `category`, `count` (a rating counts for each category of a list), `members` (users, movies or ratings of
        that category), `mean`, `low`, `high` (95 % interval; missing with one member). Categories without ratings are left out.
    """
    rating = dataset.ratings["rating"].to_numpy(np.float64)
    frames = []
    for one in groupings(dataset):
        if one.level == "rating":
            n, total = np.ones(len(rating)), rating
        else:
            position = dataset.ratings[f"{one.level}_row"].to_numpy()
            n = np.bincount(position, minlength=len(one.codes)).astype(np.float64)
            total = np.bincount(position, rating, minlength=len(one.codes))
        frames.append(_means(one, n, total))
    columns = ["feature", "level", "category", "count", "members", "mean", "low", "high"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _means(one: Grouping, n: np.ndarray, total: np.ndarray) -> pd.DataFrame:
    """The categories of one feature from the number and the sum of the ratings of each of its members."""
    from scipy.special import stdtrit  # here, for it takes 0.2 s to import

    rated = n > 0
    code, n, total = one.codes[rated], n[rated], total[rated]
    rows = len(one.membership)

    def by_category(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.bincount(code, values, minlength=rows) @ (one.membership > 0))

    count, members = by_category(n), by_category(np.ones(len(n)))
    kept = count > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = by_category(total) / count
        # Σ (S - n·mean)² from sums over members that do not know the mean.
        squares = by_category(total**2) - 2 * mean * by_category(n * total) + mean**2 * by_category(n**2)
        spread = np.sqrt(squares.clip(min=0) * np.where(members > 1, members / (members - 1), np.nan))
        half = stdtrit(members - 1, 0.975) * spread / count
    frame = pd.DataFrame(
        {
            "feature": one.name,
            "level": one.level,
            "category": one.categories,
            "count": count.astype(np.int64),
            "members": members.astype(np.int64),
            "mean": mean,
            "low": mean - half,
            "high": mean + half,
        }
    )
    return frame[kept].reset_index(drop=True)


def filled(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Returns how much of the table of users and movies is filled, by tenths of either, and the ratings there.

    Returns:
        Shares of pairs that have a rating and numbers of ratings, `(10, 10)`: rows are tenths of the users, busiest first, columns tenths of the
        movies, most rated first; those without ratings do not count. Fewer rows or columns where there are fewer than ten.
    """
    places, sizes = [], []
    both = dataset.rows("user"), dataset.rows("movie")
    for position in both:
        count = np.bincount(position)
        rated = np.flatnonzero(count)
        place = np.zeros(len(count), dtype=np.int64)
        number = min(PARTS, len(rated))
        place[rated[np.argsort(-count[rated], kind="stable")]] = np.arange(len(rated)) * number // max(1, len(rated))
        places.append(place)
        sizes.append(np.bincount(place[rated], minlength=number))
    shape = len(sizes[0]), len(sizes[1])

    def by_cell(user: np.ndarray, movie: np.ndarray) -> np.ndarray:
        cell = places[0][user] * shape[1] + places[1][movie]
        return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)

    return by_cell(*distinct_pairs(*both)) / np.outer(*sizes), by_cell(*both)
