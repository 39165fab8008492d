"""Who would like a movie: predictions for all users, and their means over segments."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from dcn_core.insight.wording import sentence

FEWEST = 20
"""Users that a segment needs."""

Codes = Mapping[str, tuple[np.ndarray, Sequence[str]]]
"""By attribute: the category of each user, int `(num_users,)` with -1 for none, and the categories' names."""


def segments(codes: Codes, scores: np.ndarray, pairs: bool = True, least: int = FEWEST) -> pd.DataFrame:
    """Mean predicted rating of a movie by group of users.

    Args:
        codes: What users are grouped by.
        scores: Predicted rating of the movie by each user, `(num_users,)`.
        pairs: Whether also combinations of two attributes are looked at.
        least: Users that a group needs.

    Returns:
        `segment` (plain text), `users`, `rating` (mean prediction), `lift` (over the mean of all users) and `share` (of its
        users who are above the upper quarter of all), highest mean first.
    """
    top, mean = float(np.quantile(scores, 0.75)), float(scores.mean())
    groups: list[tuple[str, np.ndarray]] = []
    for code, names in codes.values():
        groups += [(name, code == number) for number, name in enumerate(names)]
    if pairs:
        for (code, names), (other, others) in combinations(codes.values(), 2):
            joint = np.where((code >= 0) & (other >= 0), code * len(others) + other, -1)
            sizes = np.bincount(joint[joint >= 0], minlength=len(names) * len(others))
            for cell in np.flatnonzero(sizes >= least).tolist():
                name = f"{names[cell // len(others)]}, {others[cell % len(others)]}"
                groups.append((name, joint == cell))
    rows = [
        (sentence(name), int(mask.sum()), float(scores[mask].mean()), float((scores[mask] > top).mean()))
        for name, mask in groups
        if mask.sum() >= least
    ]
    frame = pd.DataFrame(rows, columns=["segment", "users", "rating", "share"])
    frame.insert(3, "lift", frame["rating"] - mean)
    return frame.sort_values("rating", ascending=False, ignore_index=True, kind="stable")


def activity(counts: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Users by their number of training ratings: a third each, and those without any apart."""
    known = counts > 0
    edges = np.quantile(counts[known], [1 / 3, 2 / 3]) if known.any() else np.zeros(2)
    code = np.where(known, np.searchsorted(edges, counts, side="left"), -1)
    return code, ["rates little", "rates some", "rates a lot"]


def taste(
    user_row: np.ndarray, movie_row: np.ndarray, genres: pd.Series, num_users: int
) -> tuple[np.ndarray, list[str]]:
    """The genre that each user has rated more often than others do, by the largest surplus of its share.

    Args:
        user_row: Users of some ratings, `(n,)`.
        movie_row: Their movies.
        genres: Of each movie, separated by "|".
        num_users: Number of all users; those without such ratings get -1.
    """
    lists = genres.fillna("").str.split("|")
    names = sorted({name for kinds in lists for name in kinds if name})
    if not names or len(user_row) == 0:
        return np.full(num_users, -1), []
    index = {name: number for number, name in enumerate(names)}
    has = np.zeros((len(genres), len(names)))
    for row, kinds in enumerate(lists):
        has[row, [index[name] for name in kinds if name]] = 1
    counts = np.zeros((num_users, len(names)))
    for number in range(len(names)):
        counts[:, number] = np.bincount(user_row, has[movie_row, number], minlength=num_users)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    overall = counts.sum(axis=0) / max(counts.sum(), 1)
    code = np.argmax(share - overall, axis=1)
    return np.where(counts.sum(axis=1) > 0, code, -1), [f"watches {name}" for name in names]
