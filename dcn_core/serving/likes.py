"""How far the predicted probability of a like can be taken at its word: what came of predictions that were alike."""

from dataclasses import dataclass

import numpy as np

from dcn_core.insight.clusters import clustered_mean

MOST = 500
"""Ratings that are looked at: the share of likes among them is then known to four hundredths or so."""


@dataclass(frozen=True)
class Likes:
    """Of `count` ratings the `share` of likes, with its 95 % interval from `low` to `high`."""

    count: int
    share: float
    low: float
    high: float


def likes_near(
    predicted: np.ndarray, like: np.ndarray, probability: float, *cluster: np.ndarray, most: int = MOST
) -> Likes:
    """Counts the likes among the ratings that were predicted nearest to a probability.

    The interval is Wilson's (JASA 1927) for as many independent ratings as would know the share equally well: fewer than were
    counted, where those of one user, or of one movie, are alike (Korn and Graubard, Survey Methodology 1998).

    Args:
        predicted: Probabilities of held-out ratings, `(n,)` with n of at least 1.
        like: 1 or 0 for each.
        probability: The one that is asked about.
        cluster: What ratings are alike by, as of `clusters`, `(n,)` each.
        most: How many of them to look at.
    """
    from scipy.special import stdtrit  # here, for it takes 0.2 s to import

    count = min(most, len(predicted))
    rows = np.argpartition(np.abs(predicted - probability), count - 1)[:count]
    share, error, freedom = clustered_mean(like[rows].astype(float), *(code[rows] for code in cluster))
    freedom = max(freedom, 1)
    # Where all are alike, as many as there are clusters.
    n = min(count, share * (1 - share) / error**2) if error > 0 else min(count, freedom + 1)
    z = float(stdtrit(freedom, 0.975))
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))
    return Likes(count, share, max(0.0, centre - half), min(1.0, centre + half))
