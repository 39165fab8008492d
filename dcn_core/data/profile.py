"""What a data set looks like: counts, distributions and means as small frames, ready to draw."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.data.categories import category_name
from dcn_core.data.column import Column
from dcn_core.data.dataset import Dataset
from dcn_core.data.feature import parts
from dcn_core.data.pairs import distinct_pairs

_Z95 = 1.959964


@dataclass(frozen=True, eq=False)
class Profile:
    """A data set at a glance.

    Attributes:
        counts: One row: `ratings`, `users`, `movies`, `rated_movies`, `density` (share of all user-movie pairs that are
            rated), `mean`, `std` (of the ratings), `stepped` (whether all stand on steps of the scale), `first` and `last`
            (days, missing without timestamps).
        labels: `rating`, `count`, `share`: one row per step of the scale, empty steps included; a label between two counts for the nearer.
        per_user: `rank` (1 is the busiest), `count`; users without ratings are left out.
        per_movie: The same for movies.
        over_time: `start`, `count`, `mean` per month (per day if all lies within 90 days); empty without timestamps.
        genres: `genre`, `movies`, `count`, `mean`, `low`, `high`; a rating counts for each genre of its movie.
        cardinality: `feature`, `categories` for each available feature, missing for a number that is not cut into buckets.
        by_feature: `feature`, `category`, `count`, `mean`, `low`, `high` (95 % interval of the mean) for features with
            few categories; all but genres and ids.
    """

    counts: pd.DataFrame
    labels: pd.DataFrame
    per_user: pd.DataFrame
    per_movie: pd.DataFrame
    over_time: pd.DataFrame
    genres: pd.DataFrame
    cardinality: pd.DataFrame
    by_feature: pd.DataFrame


def profile(dataset: Dataset) -> Profile:
    """Returns the profile of a data set. One pass over the ratings; a million take a tenth of a second."""
    sums = {side: _sums(dataset, side) for side in ("user", "movie")}
    available = dataset.available_features()
    return Profile(
        counts=_counts(dataset, sums),
        labels=_labels(dataset),
        per_user=_long_tail(sums["user"]),
        per_movie=_long_tail(sums["movie"]),
        over_time=_over_time(dataset),
        genres=_genres(dataset, sums["movie"])
        if "genres" in available
        else _interval(pd.DataFrame(), "genre", "movies"),
        cardinality=pd.DataFrame(
            {"feature": available, "categories": [_cardinality(dataset, column) for column in dataset.columns()]}
        ).astype({"categories": "Int64"}),
        by_feature=_by_feature(dataset, sums),
    )


def _sums(dataset: Dataset, side: str) -> pd.DataFrame:
    """Count, sum and sum of squares of the ratings of each user or movie: all other means follow from these."""
    rows, rating = dataset.ratings[f"{side}_row"].to_numpy(), dataset.ratings["rating"].to_numpy(np.float64)
    size = len(dataset.users if side == "user" else dataset.movies)
    weights = {"count": None, "sum": rating, "square": rating**2}
    return pd.DataFrame({name: np.bincount(rows, weight, minlength=size) for name, weight in weights.items()})


def _counts(dataset: Dataset, sums: dict[str, pd.DataFrame]) -> pd.DataFrame:
    num_users, num_movies = int((sums["user"]["count"] > 0).sum()), int((sums["movie"]["count"] > 0).sum())
    rating = dataset.ratings["rating"].to_numpy(np.float64)
    num_pairs = len(distinct_pairs(dataset.rows("user"), dataset.rows("movie"))[0])
    time = dataset.ratings["timestamp"] if dataset.has_timestamps else pd.Series([None], dtype="Int64")
    return pd.DataFrame(
        {
            "ratings": [dataset.num_ratings],
            "users": [num_users],
            "movies": [len(dataset.movies)],
            "rated_movies": [num_movies],
            "density": [num_pairs / max(1, num_users * num_movies)],
            "mean": [rating.mean()],
            "std": [rating.std()],
            "stepped": [dataset.has_steps],
            "first": pd.to_datetime([time.min()], unit="s").floor("D"),
            "last": pd.to_datetime([time.max()], unit="s").floor("D"),
        }
    )


def _labels(dataset: Dataset) -> pd.DataFrame:
    low, high, step = dataset.rating_min, dataset.rating_max, dataset.rating_step
    steps = round((high - low) / step) + 1
    code = np.rint((dataset.ratings["rating"].to_numpy() - low) / step).astype(np.int64)
    count = np.bincount(code, minlength=steps)
    return pd.DataFrame({"rating": low + step * np.arange(steps), "count": count, "share": count / count.sum()})


def _long_tail(sums: pd.DataFrame) -> pd.DataFrame:
    count = np.sort(sums["count"].to_numpy())[::-1]
    count = count[count > 0]
    return pd.DataFrame({"rank": np.arange(1, len(count) + 1), "count": count})


def _over_time(dataset: Dataset) -> pd.DataFrame:
    if not dataset.has_timestamps:
        return pd.DataFrame({"start": pd.to_datetime([]), "count": np.empty(0, np.int64), "mean": np.empty(0)})
    # By day first: a day is a division, a month is a calendar.
    day = dataset.ratings["timestamp"].to_numpy() // 86_400
    first = int(day.min())
    days = np.unique(day)
    code = np.searchsorted(days, day)
    count = np.bincount(code)
    total = np.bincount(code, dataset.ratings["rating"].to_numpy(np.float64))
    start = pd.Series(days * 86_400).astype("datetime64[s]")
    if int(day.max()) - first > 90:
        start = start.dt.to_period("M").dt.start_time
    grouped = pd.DataFrame({"start": start, "count": count, "sum": total}).groupby("start", as_index=False).sum()
    grouped["mean"] = grouped.pop("sum") / grouped["count"]
    return grouped


def _genres(dataset: Dataset, sums: pd.DataFrame) -> pd.DataFrame:
    by_genre = sums.assign(genre=dataset.movies["genres"].str.split("|"), movies=1).explode("genre")
    by_genre = by_genre[by_genre["genre"] != ""].groupby("genre", as_index=False).sum()
    return _interval(by_genre, "genre", "movies")


def _cardinality(dataset: Dataset, column: Column) -> int | None:
    values = dataset.table(column.level)[column.name]
    if column.kind == "list":
        return len({name for text in values.dropna().unique() for name in parts(text, column.separator)})
    if column.kind == "number":
        return min(column.buckets, int(values.nunique())) or None
    return int(values.nunique())


def _by_feature(dataset: Dataset, sums: dict[str, pd.DataFrame]) -> pd.DataFrame:
    frames = []
    for column in dataset.columns():
        feature = column.name
        if column.kind != "category" or column.level == "rating" or feature in ("user_id", "movie_id"):
            continue
        values = dataset.table(column.level)[feature]
        grouped = sums[column.level].groupby(values.rename("category"), observed=True).sum().reset_index()
        grouped["category"] = [category_name(feature, value) for value in grouped["category"].tolist()]
        grouped["feature"] = feature
        frames.append(_interval(grouped, "feature", "category"))
    return pd.concat(frames, ignore_index=True) if frames else _interval(pd.DataFrame(), "feature", "category")


def _interval(grouped: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Keys, count, mean and its 95 % interval of rows with count, sum and square; rows without ratings are left out."""
    if grouped.empty:
        return pd.DataFrame({name: [] for name in (*keys, "count", "mean", "low", "high")})
    grouped = grouped[grouped["count"] > 0].reset_index(drop=True)
    n, mean = grouped["count"], grouped["sum"] / grouped["count"]
    # With one rating the spread is not known: its interval is the whole line, shown as missing.
    variance = ((grouped["square"] - n * mean**2) / (n - 1).where(n > 1)).clip(lower=0)
    half = _Z95 * np.sqrt(variance / n)
    return grouped[list(keys)].assign(count=n, mean=mean, low=mean - half, high=mean + half)
