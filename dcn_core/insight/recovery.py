"""Truth beside learned: how well a measure of a trained network finds the crosses of the generated world."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.data.dataset import GroundTruth
from dcn_core.errors import PredictionError
from dcn_core.insight.interactions import pair_frame

IDS = ("user_id", "movie_id")
TOP = 3


@dataclass(frozen=True)
class Recovery:
    """Planted and learned, pair by pair, and a score per measure.

    Only pairs of content features are scored. An id determines its owner's content (who knows the user knows the age),
    so a network may carry a planted cross of age by the age or by the id, and nobody can say which is right. The taste
    that single users have for single movies is listed too; it takes some hundred ratings a user to learn.

    Attributes:
        pairs: `feature`, `other`, `planted` (stars; 0 where the world has no such cross), `scored`, and one column per
            measure. Strongest planted first.
        scores: `measure`; `rank_correlation`, Spearman's, of planted and learned over the scored pairs (under 1 at best,
            for the pairs without a cross are tied in the truth: see `best_rank_correlation`);
            `planted_rank_correlation`, over the planted pairs only; `precision`, share of the `k` planted pairs among the
            `k` strongest; `top`, how many of the three strongest planted are the three strongest learned. In the order
            given: the first is the one that `sentence` speaks of, chosen beforehand and not for its score.
        best_rank_correlation: What a perfect measure would reach.
    """

    pairs: pd.DataFrame
    scores: pd.DataFrame
    best_rank_correlation: float

    def sentence(self) -> str:
        """What the first measure found."""
        scored = self.pairs[self.pairs["scored"]]
        k = int((scored["planted"] > 0).sum())
        if k == 0 or self.scores.empty:
            return "None of the planted crosses is between features that this network sees."
        first = self.scores.iloc[0]
        return (
            f"By {first['measure'].replace('_', ' ')}, the network found {round(first['precision'] * k)} of the {k} planted crosses, "
            f"with a rank correlation of {first['rank_correlation']:.2f} (at best {self.best_rank_correlation:.2f})."
        )


def recovery(truth: GroundTruth, feature_names: tuple[str, ...], measures: Mapping[str, np.ndarray]) -> Recovery:
    """Compares measures with the truth.

    Args:
        truth: Of the generated world.
        feature_names: `F` names, in the order of the matrices' axes.
        measures: Symmetric matrices `(F, F)` by name, `PairEffects.effect` first for instance; larger means more of a cross. One with a missing pair is left out
            of the scores.

    Raises:
        PredictionError: A matrix has another shape.
    """
    size = len(feature_names)
    for name, matrix in measures.items():
        if matrix.shape != (size, size):
            raise PredictionError(
                f"measure '{name}' must be a matrix ({size}, {size}) for these features. Received: {matrix.shape}. "
                "Symmetrise it and sum it over layers first."
            )
    planted = {frozenset(cross.features): cross.strength for cross in truth.crosses}
    pairs = pair_frame(feature_names, itself=False, **measures)
    names = list(zip(pairs["feature"], pairs["other"], strict=True))
    pairs.insert(2, "planted", [planted.get(frozenset(pair), 0.0) for pair in names])
    pairs.insert(3, "scored", np.array([not set(pair) & set(IDS) for pair in names], dtype=bool))
    pairs = pairs.sort_values("planted", ascending=False, ignore_index=True, kind="stable")
    scored = pairs[pairs["scored"]]
    truth_values = scored["planted"].to_numpy()
    rows = [
        (name, *_scores(truth_values, scored[name].to_numpy()))
        for name in measures
        if len(scored) and np.isfinite(scored[name]).all()
    ]
    columns = ["measure", "rank_correlation", "planted_rank_correlation", "precision", "top"]
    scores = pd.DataFrame(rows, columns=columns)
    # The truth with its ties broken: what a measure without ties can reach.
    best = rank_correlation(truth_values, -np.arange(len(truth_values))) if len(scored) else float("nan")
    return Recovery(pairs, scores, best)


def _scores(planted: np.ndarray, learned: np.ndarray) -> tuple[float, float, float, int]:
    is_planted = planted > 0
    order, k = np.argsort(-learned, kind="stable"), int(is_planted.sum())
    top = set(np.argsort(-planted, kind="stable")[: min(TOP, k)])
    return (
        rank_correlation(planted, learned),
        rank_correlation(planted[is_planted], learned[is_planted]),
        float(is_planted[order[:k]].mean()) if k else float("nan"),
        len(top & set(order[: len(top)])),
    )


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's, with mean ranks for ties; NaN where one side has no spread."""
    if len(a) < 2:
        return float("nan")
    ranks = [pd.Series(values).rank().to_numpy() for values in (a, b)]
    spread = [np.std(rank) for rank in ranks]
    if min(spread) == 0:
        return float("nan")
    return float(np.mean((ranks[0] - ranks[0].mean()) * (ranks[1] - ranks[1].mean())) / (spread[0] * spread[1]))
