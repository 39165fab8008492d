"""How far the predicted probability of a like can be taken at its word: what came of predictions that were alike."""

from dataclasses import dataclass

import numpy as np

Z95 = 1.959964
MOST = 500
"""Ratings that are looked at: the share of likes among them is then known to four hundredths or so."""


@dataclass(frozen=True)
class Likes:
    """Of `count` ratings the `share` of likes, with the 95 % interval of Wilson (JASA 1927) from `low` to `high`."""

    count: int
    share: float
    low: float
    high: float


def likes_near(predicted: np.ndarray, like: np.ndarray, probability: float, most: int = MOST) -> Likes:
    """Counts the likes among the ratings that were predicted nearest to a probability.

    Args:
        predicted: Probabilities of held-out ratings, `(n,)` with n of at least 1.
        like: 1 or 0 for each.
        probability: The one that is asked about.
        most: How many of them to look at.
    """
    count = min(most, len(predicted))
    rows = np.argpartition(np.abs(predicted - probability), count - 1)[:count]
    share = float(like[rows].mean())
    centre = (share + Z95**2 / (2 * count)) / (1 + Z95**2 / count)
    half = Z95 / (1 + Z95**2 / count) * float(np.sqrt(share * (1 - share) / count + Z95**2 / (4 * count**2)))
    return Likes(count, share, max(0.0, centre - half), min(1.0, centre + half))
