"""Intervals of means over ratings that are not independent: those of one user are alike, and so are those of one movie."""

import numpy as np

from dcn_core.data.dataset import Dataset


def clusters(dataset: Dataset, rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """The user and the movie of each of some ratings, `(n,)` each; what a table has only one of says nothing and is left out."""
    sides = (("user_row", dataset.users), ("movie_row", dataset.movies))
    return tuple(dataset.ratings[column].to_numpy()[rows] for column, table in sides if len(table) > 1)


def clustered_mean(values: np.ndarray, *cluster: np.ndarray) -> tuple[float, float, int]:
    """Mean of some values, its standard error where those of one cluster are alike, and its degrees of freedom.

    With e the values less their mean, the error is √V / n. One way, V = C / (C - 1) · Σ_c (Σ_{i in c} e_i)² over C clusters;
    without clusters each value is one. Two ways, both are added and what they share, Σ e², is taken off once (Cameron and
    Miller, A Practitioner's Guide to Cluster-Robust Inference, 2015). The degrees of freedom are those of the way with
    fewer clusters, C - 1; with a single cluster the error is NaN.

    Args:
        values: `(n,)`.
        cluster: None, one or two ways to group them, whole numbers from 0 `(n,)`.
    """
    mean = float(values.mean())
    rest = values - mean
    squares = float(np.sum(rest**2))
    ways = []
    for code in cluster:
        size = int(np.count_nonzero(np.bincount(code)))
        ways.append((float(np.sum(np.bincount(code, weights=rest) ** 2)), size))
    ways = ways or [(squares, len(values))]
    freedom = min(size for _, size in ways) - 1
    if freedom < 1:
        return mean, float("nan"), 0
    parts = [total * size / (size - 1) for total, size in ways]
    # What is taken off can leave too little where clusters hardly matter: never less than either way alone.
    variance = max(*parts, sum(parts) - squares) if len(parts) > 1 else parts[0]
    return mean, variance**0.5 / len(values), freedom


def clustered_interval(
    values: np.ndarray, *cluster: np.ndarray, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Mean of some values and its interval by Student's t, of `clustered_mean`; NaN where the error is not known."""
    from scipy.special import stdtrit  # here, for it takes 0.2 s to import

    mean, error, freedom = clustered_mean(values, *cluster)
    half = float(stdtrit(freedom, (1 + confidence) / 2)) * error if freedom else float("nan")
    return mean, mean - half, mean + half
