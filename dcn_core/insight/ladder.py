"""What simple predictors reach on the same split: the rungs that a network has to climb, and the floor it cannot pass.

Everything is fitted on the training ratings and scored on the others. Rungs on a network's own features are fair to it;
those that know single users and films show what other features would bring.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.errors import PredictionError
from dcn_core.insight.cells import Codes, floor_mse
from dcn_core.insight.factorization import factorize
from dcn_core.insight.tables import fit_tables

TREES, TREE_ROWS = 60, 200_000
"""Number of boosted trees, and most training ratings that they see. Slower learning gains another 0.3 % in three times the time."""
LARGEST_TABLE = 20_000_000
"""Most combinations that a table of a cross may have."""
LEAST_DOUBT = 1e-3
"""How far probabilities of likes are kept off 0 and 1 before their log loss is taken."""
FLOOR = "floor of the features"

Predict = Callable[[np.ndarray], np.ndarray]
"""From rows of the data to predictions."""


class Rung(NamedTuple):
    """A predictor of the ladder: its name, the features it looks at, what it is, and how it is fitted."""

    name: str
    sees: tuple[str, ...]
    about: str
    fit: Callable[[], tuple[Predict, int]]


def ladder(
    data: EncodedData,
    split: Split,
    features: Sequence[str],
    only: Sequence[str] | None = None,
    score: Callable[[np.ndarray, np.ndarray], float] | None = None,
) -> pd.DataFrame:
    """Fits every rung and scores it.

    Args:
        data: All ratings, encoded with at least `features`.
        split: Rows to fit on and to score on.
        features: What the network looks at.
        only: Names of the rungs to fit, for a first look; the floor is left out then.
        score: Of predictions and labels of the test rows; it gives the column `test_score`, and the floor is left out.

    Returns:
        `rung`, `validation_mse`, `test_mse` (stars², NaN without a test part; of likes the squared error of their
        probability, and beside it `validation_log_loss`, with probabilities kept `LEAST_DOUBT` off 0 and 1), `own_features` (whether it looks at nothing
        that the network does not see), `sees`, `values` (numbers fitted), `seconds` and `about`; simplest first, the floor
        last (see `floor_mse`; on validation and test rows it is the same number).

    Raises:
        PredictionError: There are no ratings to fit on or to score.
    """
    if min(len(split.train), len(split.validation)) == 0:
        raise PredictionError(
            "a ladder needs rows to fit on and to score. "
            f"Received: {len(split.train)} for training and {len(split.validation)} for validation."
        )
    codes, rating = Codes(data), data.rating
    likes = bool(np.isin(rating[split.train], (0, 1)).all())
    rows, log_losses, test_scores = [], [], []
    for rung in _rungs(codes, data, split.train, [name for name in features if name not in ("user_id", "movie_id")]):
        started = time.perf_counter()
        if only is not None and rung.name not in only:
            continue
        predict, values = rung.fit()
        scores = [
            float(np.mean((predict(part) - rating[part]) ** 2)) if len(part) else float("nan")
            for part in (split.validation, split.test)
        ]
        if likes:
            log_losses.append(_log_loss(predict(split.validation), rating[split.validation]))
        if score is not None:
            test_scores.append(score(predict(split.test), rating[split.test]))
        own = set(rung.sees) <= set(features)
        rows.append((rung.name, *scores, own, ", ".join(rung.sees), values, time.perf_counter() - started, rung.about))
    columns = ["rung", "validation_mse", "test_mse", "own_features", "sees", "values", "seconds", "about"]
    if score is not None:
        return _frame(rows, columns, log_losses).assign(test_score=test_scores)
    if only is not None:
        return _frame(rows, columns, log_losses)
    started = time.perf_counter()
    floor = floor_mse(codes, rating, features)
    about = "Variance among ratings that these features cannot tell apart: no predictor on them does better on average."
    scores = [floor, floor if len(split.test) else float("nan")]
    rows.append((FLOOR, *scores, True, ", ".join(features), 0, time.perf_counter() - started, about))
    return _frame(rows, columns, [*log_losses, float("nan")] if likes else [])


def _frame(rows: list[tuple[Any, ...]], columns: list[str], log_losses: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    if log_losses:
        frame.insert(3, "validation_log_loss", log_losses)
    return frame


def _log_loss(prediction: np.ndarray, like: np.ndarray) -> float:
    """-ln of the probability given to what happened, where tables and trees may say less than 0 or more than 1."""
    probability = np.clip(prediction, LEAST_DOUBT, 1 - LEAST_DOUBT)
    return float(-np.mean(np.where(like == 1, np.log(probability), np.log1p(-probability))))


def ladder_sentence(frame: pd.DataFrame, mse: float) -> str:
    """Where a network with this validation error stands."""
    rungs = frame[(frame["rung"] != FLOOR) & frame["validation_mse"].notna()]
    own = rungs[rungs["own_features"]]
    beaten = own[own["validation_mse"] > mse]
    better = own[own["validation_mse"] <= mse]
    text = (
        f"With {mse:.4f} MSE the network beats {len(beaten)} of {len(own)} simple predictors that see no other features"
    )
    if len(better):
        best = better.loc[better["validation_mse"].idxmin()]
        text += f"; the best of them is {best['rung']} with {best['validation_mse']:.4f}"
    floor = float(frame["validation_mse"].iloc[-1])
    if np.isfinite(floor):
        text += f". The floor of these features is about {floor:.4f}"
    return text + "."


def _rungs(codes: Codes, data: EncodedData, train: np.ndarray, content: list[str]) -> list[Rung]:
    """All rungs, simplest first; those without their features are left out."""
    rating = data.rating[train]

    def tables(*groups: tuple[str, ...]) -> Callable[[], tuple[Predict, int]]:
        def fit() -> tuple[Predict, int]:
            sizes = {"+".join(group): codes.cells(group) for group in groups}
            fitted = fit_tables({"+".join(group): codes.cell(group, train) for group in groups}, sizes, rating)
            return lambda rows: fitted.predict({"+".join(group): codes.cell(group, rows) for group in groups}), (
                fitted.num_values
            )

        return fit

    def factors() -> tuple[Predict, int]:
        fitted, _ = tables(("user_id",), ("movie_id",))()
        user, movie = data.user_row, data.movie_row
        shape = codes.size("user_id"), codes.size("movie_id")
        found = factorize(user[train], movie[train], rating - fitted(train), shape)
        return lambda rows: fitted(rows) + found.predict(user[rows], movie[rows]), (
            1 + sum(shape) * (1 + found.users.shape[1])
        )

    mean = float(rating.mean(dtype=np.float64))
    people = tuple(name for name in content if data.level(name) == "user")
    singles = [(name,) for name in content]
    cell = [people] if len(people) > 2 else []
    pairs = [pair for pair in itertools.combinations(content, 2) if codes.cells(pair) <= LARGEST_TABLE]
    rungs = [
        Rung("mean", (), "The mean training rating for everyone.", lambda: (lambda rows: np.full(len(rows), mean), 1))
    ]
    if "genres" in content:
        rungs.append(Rung("genre set", ("genres",), "A mean for each combination of genres.", tables(("genres",))))
    if people:
        rungs.append(
            Rung("demographics", people, "A mean for each combination of what is known of a user.", tables(people))
        )
    if len(singles) > 1:
        more = " and for each combination of what is known of a user" if cell else ""
        about = f"A value for each category of each feature{more}, added up."
        rungs.append(Rung("additive tables", tuple(content), about, tables(*singles, *cell)))
        about = "Additive tables, and a value for each combination of any two features: crosses without a network."
        rungs.append(Rung("tables with crosses", tuple(content), about, tables(*singles, *cell, *pairs)))
    if content:
        about = "Gradient-boosted trees on all features but the ids."
        rungs.append(Rung("boosted trees", tuple(content), about, lambda: _trees(data, train, content)))
    about = "A mean for each movie."
    rungs.append(Rung("movie mean", ("movie_id",), about, tables(("movie_id",))))
    about = "A value for each user and each movie, added up."
    rungs.append(Rung("user and movie bias", ("user_id", "movie_id"), about, tables(("user_id",), ("movie_id",))))
    about = "Biases and the product of a short vector per user and movie."
    rungs.append(Rung("low-rank factors", ("user_id", "movie_id"), about, factors))
    alone = {name for name in ("user_id", "movie_id") if codes.size(name) == 1}
    return [rung for rung in rungs if not alone & set(rung.sees)]


def _trees(data: EncodedData, train: np.ndarray, content: Sequence[str]) -> tuple[Predict, int]:
    from sklearn.ensemble import HistGradientBoostingRegressor  # here, for it takes over a second to import
    from threadpoolctl import threadpool_limits

    def columns(rows: np.ndarray) -> np.ndarray:
        parts: list[Any] = []
        for name in content:
            index, own = data.features[name], data.rows_of(data.level(name), rows)
            if index.ndim == 2:
                table = np.zeros((len(index), int(index.max(initial=0)) + 1), np.float32)
                table[np.arange(len(index))[:, None], np.maximum(index, 0)] = 1
                parts.append(table[own][:, 1:])
            else:
                parts.append(index[own][:, None].astype(np.float32))
        return np.concatenate(parts, axis=1)

    some = np.random.default_rng(0).permutation(train)[:TREE_ROWS]
    trees = HistGradientBoostingRegressor(max_iter=TREES, learning_rate=0.2, early_stopping=False, random_state=0)

    def predict(rows: np.ndarray) -> np.ndarray:
        with threadpool_limits(limits=1):
            return trees.predict(columns(rows))

    # One thread: where all cores train a network, threads that wait for each other take ten times as long.
    with threadpool_limits(limits=1):
        trees.fit(columns(some), data.rating[some])
    return predict, TREES * 31
