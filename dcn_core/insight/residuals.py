"""Where a predictor is wrong: calibration, and its errors slice by slice. Works on predictions, whatever made them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dcn_core.data.categories import category_name
from dcn_core.data.column import MOVIELENS
from dcn_core.data.dataset import Dataset
from dcn_core.data.grouping import groupings
from dcn_core.errors import PredictionError
from dcn_core.insight.clusters import clustered_interval, clusters
from dcn_core.insight.wording import sentence, words

FEWEST_RATINGS = 30
POPULARITY = {1: "tenth 1 (least popular)", 10: "tenth 10 (most popular)"}


def calibration(prediction: np.ndarray, rating: np.ndarray, *cluster: np.ndarray, bins: int = 20) -> pd.DataFrame:
    """Compares predictions with what was given, in bins of equally many ratings by prediction.

    Args:
        prediction: `(n,)`, raw or clipped.
        rating: `(n,)`.
        cluster: What ratings are alike by, as of `clusters`, `(n,)` each.
        bins: Their number; fewer where predictions are tied.

    Returns:
        `count`, `predicted` (mean of the bin), `actual` (mean rating), `low` and `high` (interval of `actual`, so wide that
        it holds for all bins together with 95 %, Bonferroni), lowest prediction first. A calibrated predictor has `actual` equal
        to `predicted`.

    Raises:
        PredictionError: There are no ratings, or another number of predictions.
    """
    _check(prediction, rating)
    edges = np.unique(np.quantile(prediction, np.linspace(0, 1, bins + 1)[1:-1]))
    code = np.searchsorted(edges, prediction, side="left")
    members = [code == value for value in np.unique(code)]
    confidence = 1 - 0.05 / len(members)
    found = [
        (
            int(own.sum()),
            float(prediction[own].mean()),
            *clustered_interval(rating[own].astype(float), *(code[own] for code in cluster), confidence=confidence),
        )
        for own in members
    ]
    return pd.DataFrame(found, columns=["count", "predicted", "actual", "low", "high"])


def calibration_error(frame: pd.DataFrame) -> float:
    """Mean distance, in stars, of `actual` and `predicted` over ratings, of a frame as of `calibration`."""
    return float(np.average((frame["actual"] - frame["predicted"]).abs(), weights=frame["count"]))


def calibration_sentence(frame: pd.DataFrame) -> str:
    """How far predictions can be taken at their word."""
    outside = frame[(frame["predicted"] < frame["low"]) | (frame["predicted"] > frame["high"])]
    text = f"predictions are off by {calibration_error(frame):.2f} stars on average over {len(frame)} bins"
    if outside.empty:
        return sentence(f"{text}, no more than chance explains.")
    worst = outside.loc[(outside["predicted"] - outside["actual"]).abs().idxmax()]
    return sentence(f"{text}; worst near {worst['predicted']:.1f}, where people gave {worst['actual']:.2f}.")


def slices(
    dataset: Dataset,
    rows: np.ndarray,
    prediction: np.ndarray,
    train_rows: np.ndarray | None = None,
    label: np.ndarray | None = None,
) -> pd.DataFrame:
    """Measures the error on each slice of some ratings: by genre, gender, age, occupation, decade and popularity.

    Args:
        dataset: Ratings, users and movies.
        rows: Ratings to look at, the validation part for instance, `(n,)`.
        prediction: Row-aligned with `rows`.
        train_rows: Ratings by which popularity is counted; all of the data set if not given.
        label: What was predicted of each of `rows`, 1 or 0 for likes; the ratings if not given.

    Returns:
        `slice` ("genres", "gender", "age", "occupation", "decade", "popularity"), `category`, `count`, `mse`, `mse_low`,
        `mse_high`, `bias` (mean of prediction - rating: positive is too generous), `bias_low`, `bias_high` (95 % intervals, which allow for
        ratings of one user, or of one movie, being alike) and `excess` (share of the whole squared error by which the slice exceeds the mean error). A film counts for each
        of its genres. Popularity is in tenths of the films by number of ratings, 1 the least rated. Slices with fewer than
        30 ratings, or of a single user or movie, are left out. Worst first: by the lower end of the interval of `mse`.

    Raises:
        PredictionError: There are no rows, or another number of predictions.
    """
    actual = dataset.ratings["rating"].to_numpy(float)[rows] if label is None else label.astype(float)
    _check(prediction, actual)
    error = prediction.astype(float) - actual
    total = float(np.sum(error**2))
    found, alike = [], clusters(dataset, rows)
    for name, category, member in slicings(dataset, rows, train_rows):
        own, by = error[member], [code[member] for code in alike]
        if len(own) < FEWEST_RATINGS or any(np.ptp(code) == 0 for code in by):
            continue
        excess = float(np.sum(own**2) - len(own) * total / len(error)) / max(total, 1e-300)
        found.append(
            (name, category, len(own), *clustered_interval(own**2, *by), *clustered_interval(own, *by), excess)
        )
    bounds = ["mse", "mse_low", "mse_high", "bias", "bias_low", "bias_high"]
    frame = pd.DataFrame(found, columns=["slice", "category", "count", *bounds, "excess"])
    return frame.sort_values("mse_low", ascending=False, ignore_index=True, kind="stable")


def slice_sentence(frame: pd.DataFrame) -> str:
    """The worst slice, and the most biased one."""
    if frame.empty:
        return f"There are too few ratings to slice: no slice has {FEWEST_RATINGS}."
    worst = frame.iloc[0]
    text = f"errors are most surely large for {_slice_words(worst)}: {worst['mse']:.3f} MSE over {int(worst['count']):,} ratings."
    biased = frame[(frame["bias_low"] > 0) | (frame["bias_high"] < 0)]
    if len(biased):
        off = biased.loc[biased[["bias_low", "bias_high"]].abs().min(axis=1).idxmax()]
        direction = "generous" if off["bias"] > 0 else "strict"
        text += (
            f" Predictions are most surely off for {_slice_words(off)}: {abs(off['bias']):.2f} stars too {direction}."
        )
    return sentence(text)


def _slice_words(row: pd.Series) -> str:
    which = {"decade": "movies of the", "popularity": "movies in popularity", "genres": "the genre"}
    return f"{which.get(row['slice'], words(row['slice']))} {row['category']}"


def slicings(
    dataset: Dataset, rows: np.ndarray, train_rows: np.ndarray | None
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields slice, category and which of the rows it holds, bool `(n,)`; what they are is said in `slices`."""
    user, movie = (dataset.ratings[f"{side}_row"].to_numpy() for side in ("user", "movie"))
    own = dataset.known is not MOVIELENS
    for one in groupings(dataset) if own else ():
        code = one.of_ratings(dataset)[rows]
        for number, category in enumerate(one.categories):
            yield one.name, category, one.membership[code, number] > 0
    for column in () if own else dataset.columns():
        name = column.name
        if name == "genres":
            lists = dataset.movies["genres"].str.split("|")
            for genre in sorted({genre for genres in lists for genre in genres} - {""}):
                yield "genres", genre, np.array([genre in genres for genres in lists])[movie[rows]]
        elif column.level == "user" and name != "user_id":
            for value in sorted(dataset.users[name].dropna().unique().tolist()):
                yield name, category_name(name, value), (dataset.users[name] == value).to_numpy()[user[rows]]
        elif name == "year":
            decade = (dataset.movies["year"] // 10 * 10).astype("Int64").fillna(-1).to_numpy()
            for value in sorted(set(decade.tolist()) - {-1}):
                yield "decade", f"{value}s", (decade == value)[movie[rows]]
    if not own or len(dataset.movies) >= 10:
        yield from _tenths(movie, rows, train_rows, len(dataset.movies))


def _tenths(
    movie: np.ndarray, rows: np.ndarray, train_rows: np.ndarray | None, size: int
) -> Iterator[tuple[str, str, np.ndarray]]:
    seen = np.bincount(movie if train_rows is None else movie[train_rows], minlength=size)
    tenth = np.ceil(pd.Series(seen).rank(method="first") * 10 / len(seen)).to_numpy()
    for value in range(1, 11):
        yield "popularity", POPULARITY.get(value, f"tenth {value}"), (tenth == value)[movie[rows]]


def _check(prediction: np.ndarray, rating: np.ndarray) -> None:
    if len(rating) == 0 or len(rating) != len(prediction):
        raise PredictionError(
            f"errors need at least one rating and one prediction for each. Received: {len(rating)} ratings and "
            f"{len(prediction)} predictions. Give the predictions of the same rows."
        )
