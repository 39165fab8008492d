"""What is known of each embedded category, to colour a map by. No Streamlit elements."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dcn_core.config.run import RunConfig
from dcn_core.data.categories import category_name
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder
from dcn_core.data.feature import parts
from ui import caches

PLAIN = ("category", "x1", "x2", "x3", "length", "ratings")
"""Columns of a map that are not offered as a colour; all others are, by their readable names."""
MOST_KINDS = 9
"""Kinds that have a colour of their own; the rarer ones are `other`."""


def join(frame: pd.DataFrame, feature: str, run_id: str, encoder: Encoder, config: RunConfig) -> pd.DataFrame:
    """Adds `ratings` and readable attributes to a map of a feature, row by row of its vocabulary.

    Raises:
        DataError: The ratings cannot be read.
        RunError: They are not those that the run learned from.
    """
    dataset = caches.ratings_of(run_id, config.data)
    values = encoder.feature(feature).values
    if feature in ("movie_id", "user_id"):
        return _owners(frame, feature, values, dataset, config)
    train = caches.split(config.data).train
    fitted = encoder.feature(feature)
    table = dataset.table(fitted.level)
    rows = train if fitted.level == "rating" else dataset.rows(fitted.level)[train]
    rating = dataset.ratings["rating"].to_numpy()[train]
    times = np.bincount(rows, minlength=len(table))
    total = np.bincount(rows, rating, minlength=len(table))
    column = table[feature]
    if fitted.kind == "list":
        column = column.astype("object").map(lambda text: parts(text, str(fitted.separator)), na_action="ignore")
    long = pd.DataFrame({"value": column, "n": times, "sum": total}).explode("value")
    sums = long.groupby("value", observed=True)[["n", "sum"]].sum()
    sums = sums.reindex(list(values)).fillna(0)
    frame = frame.assign(ratings=sums["n"].to_numpy(dtype=float))
    frame["Mean rating"] = _mean(sums["sum"].to_numpy(dtype=float), frame["ratings"].to_numpy())
    frame["Number of ratings"] = frame["ratings"]
    frame["Length"] = frame["length"]
    return frame


def _owners(
    frame: pd.DataFrame, feature: str, values: Sequence[int | str], dataset: Dataset, config: RunConfig
) -> pd.DataFrame:
    facts = caches.knowledge(config.data)
    movies = feature == "movie_id"
    table = dataset.movies if movies else dataset.users
    rows = pd.Index(table[feature]).get_indexer(pd.Index(values))
    counts, means = (facts.movie_count, facts.movie_mean) if movies else (facts.user_count, facts.user_mean)
    frame = frame.assign(ratings=counts[rows].astype(float))
    found = table.iloc[rows]
    if movies and "genres" in table:
        frame["First genre"] = _kinds(found["genres"].fillna("").str.split("|").str[0].replace("", "none"))
    if movies and "year" in table:
        decade = (found["year"] // 10 * 10).astype("Int64")
        frame["Decade"] = [f"{value}s" if value is not pd.NA else "unknown" for value in decade.tolist()]
    for name, title in (("gender", "Gender"), ("age", "Age"), ("occupation", "Occupation")):
        if not movies and name in table:
            frame[title] = _kinds(found[name].map(lambda value, name=name: category_name(name, value)))
    frame["Mean rating"] = means[rows]
    frame["Number of ratings"] = frame["ratings"]
    return frame


def _kinds(values: pd.Series) -> list[str]:
    """Texts of which only the commonest keep their own name."""
    common = set(values.value_counts().head(MOST_KINDS).index)
    return [str(value) if value in common else "other" for value in values]


def _mean(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
