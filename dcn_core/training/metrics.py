"""Exact scores over all rows at once, in float64; never means of batches' means."""

import numpy as np

from dcn_core.config.metrics import Target


def scores(target: Target, output: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Returns every metric of a target by name.

    Args:
        target: What the label is.
        output: Raw outputs of the network, `(n,)`: stars, or log-odds of a like.
        label: `(n,)`: stars, or 1 and 0.
    """
    return like_scores(output, label) if target == "like" else rating_scores(output, label)


def rating_scores(prediction: np.ndarray, rating: np.ndarray) -> dict[str, float]:
    """Errors in stars."""
    error = (prediction - rating).astype(np.float64)
    mse = float(np.mean(error * error))
    return {"mse": mse, "rmse": mse**0.5, "mae": float(np.mean(np.abs(error)))}


def like_scores(logit: np.ndarray, like: np.ndarray) -> dict[str, float]:
    """Scores of probabilities, from their log-odds."""
    logit, like = logit.astype(np.float64), like.astype(np.float64)
    probability = (1 + np.tanh(logit / 2)) / 2
    return {
        "log_loss": float(np.mean(np.logaddexp(0, logit) - like * logit)),
        "auc": auc(logit, like),
        "accuracy": float(np.mean((logit > 0) == (like > 0.5))),
        "brier": float(np.mean((probability - like) ** 2)),
    }


def auc(score: np.ndarray, like: np.ndarray) -> float:
    """Area under the ROC curve: share of the pairs of a like and a dislike that are in order, ties counting half.

    The Mann-Whitney statistic from mid-ranks. 0.5 where there is no pair, so that nothing looks learned.

    Args:
        score: `(n,)`, finite; only its order counts.
        like: `(n,)`, 1 or 0.
    """
    liked = like > 0.5
    likes = int(liked.sum())
    pairs = likes * (len(like) - likes)
    if not pairs:
        return 0.5
    _, group, counts = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2  # mean rank of each group of ties, from 1
    return float((middle[group][liked].sum() - likes * (likes + 1) / 2) / pairs)


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), with p kept off 0 and 1."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(bounded / (1 - bounded)))
