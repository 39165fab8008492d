"""Small parts of the sentences that say in plain language what numbers mean. Plain text, never Markdown."""

from collections.abc import Sequence
from typing import NamedTuple

FEATURE_WORDS = {
    "genres": "genres",
    "gender": "gender",
    "age": "age",
    "occupation": "occupation",
    "year": "release year",
    "user_id": "user",
    "movie_id": "movie",
}
"""Each feature in the middle of a sentence."""


class Unit(NamedTuple):
    """What predictions are measured in.

    Attributes:
        amount: Behind a number: 0.2 stars, 0.2 in probability.
        noun: On an axis.
    """

    amount: str
    noun: str


STARS, PROBABILITY, LOG_ODDS = (
    Unit("stars", "stars"),
    Unit("in probability", "probability"),
    Unit("in log-odds", "log-odds"),
)


def words(feature: str) -> str:
    """A feature, or whatever else is named, in the middle of a sentence."""
    return FEATURE_WORDS.get(feature, feature.replace("_", " ").strip())


def label(feature: str) -> str:
    """A feature by itself, as an axis or a list names it."""
    return sentence(words(feature))


def pair_words(feature: str, other: str) -> str:
    """`age and genres`, or `age and itself`."""
    return f"{words(feature)} and {'itself' if feature == other else words(other)}"


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def percent(share: float) -> str:
    """A share of one without digits that mean nothing: 31 %, 0.4 %."""
    return f"{100 * share:.0f} %" if abs(share) >= 0.0095 or share == 0 else f"{100 * share:.1f} %"


def decimal(value: float, digits: int, sign: str = "-") -> str:
    """A number in a text; its minus is a real one. A `sign` of "+" writes the plus as well."""
    return f"{value:{sign}.{digits}f}".replace("-", "−")


def signed(value: float, digits: int) -> str:
    """A number with its sign."""
    return decimal(value, digits, "+")


def short(value: float, digits: int = 6) -> str:
    """A setting's number as short as it is exact, to so many digits that count: `1e-06` as `1e-6`."""
    return f"{value:.{digits}g}".replace("e-0", "e-")


def sentence(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]
