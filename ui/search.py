"""Finding a movie or a user by a few letters, on the server: catalogues are too long to send to a browser."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from dcn_core.data.dataset import Dataset, Nouns

MOST = 40
"""Most results that are offered."""
_CLOSE = 70  # least likeness, of 100, of a title that is offered for a mistyped one


def find(texts: Sequence[str], query: str, weight: np.ndarray, most: int = MOST) -> list[int]:
    """Returns rows of the `texts` (lower case) that suit a query, best first.

    Texts that hold every word of the query come first, those first in which each begins a word ("man" is no "woman"), by
    `weight`; if there are few, similar ones follow. Without a query the rows of the greatest weight come.

    Args:
        texts: What is searched, in lower case, one per row.
        query: What a person typed.
        weight: How well known each row is, for instance its number of ratings.
        most: How many rows to return.
    """
    words = query.lower().split()
    if not words:
        return best_known(weight, most)
    exact = [row for row, text in enumerate(texts) if all(word in text for word in words)]
    whole = " ".join(words)
    exact.sort(key=lambda row: (not texts[row].startswith(whole), not _begins(texts[row], words), -weight[row]))
    if len(exact) >= 3 or len(whole) < 3:
        return exact[:most]
    similar = process.extract(whole, texts, scorer=fuzz.WRatio, score_cutoff=_CLOSE, limit=most)
    return list(dict.fromkeys([*exact, *(row for _, _, row in similar)]))[:most]


def best_known(weight: np.ndarray, most: int = MOST) -> list[int]:
    """Rows of the greatest weight, which are offered before anything is typed."""
    return [int(row) for row in np.argsort(-weight, kind="stable")[:most]]


def hint(dataset: Dataset, usual: str) -> str:
    """What stands in an empty search: `usual` of MovieLens, whose users and movies have more to be found by than a name."""
    return usual if dataset.nouns == Nouns() else "Part of a name"


def _begins(text: str, words: Sequence[str]) -> bool:
    """Whether each of some words begins a word of a text."""
    return all(f" {word}" in f" {text}" for word in words)
