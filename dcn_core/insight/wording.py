"""Small parts of the sentences that say in plain language what numbers mean. Plain text, never Markdown."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

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
CHOICES = {
    "like": "Like or not",
    "mse": "MSE",
    "mae": "MAE",
    "log_loss": "Log loss",
    "auc": "AUC",
    "low_rank": "Low rank",
    "token_mean": "Token mean",
    "relu": "ReLU",
    "gelu": "GELU",
    "silu": "SiLU",
    "tanh": "tanh",
    "before_activation": "Before",
    "after_activation": "After",
    "he_uniform": "He",
    "glorot_uniform": "Glorot",
    "rmsprop": "RMSprop",
    "sgd": "SGD",
}
"""Closed choices whose words are not their names."""


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
    return f"{decimal(100 * share, 0 if abs(share) >= 0.0095 or share == 0 else 1)} %"


def decimal(value: float, digits: int, sign: str = "-") -> str:
    """A number in a text; its minus is a real one, and zero has none. A `sign` of "+" writes the plus as well."""
    text = f"{value:{sign}.{digits}f}".replace("-", "−")
    return text if any(digit in text for digit in "123456789") else text.lstrip("+−")


def amount(value: float) -> str:
    """A size in a text: two decimals, or as many as it takes to see it, 0.02 or 0.004."""
    return decimal(value, 2 if abs(value) >= 0.005 or value == 0 else min(9, math.ceil(-math.log10(abs(value)))))


def signed(value: float, digits: int) -> str:
    """A number with its sign."""
    return decimal(value, digits, "+")


def short(value: float, digits: int = 6) -> str:
    """A setting's number as short as it is exact, to so many digits that count: `1e-06` as `1e-6`."""
    return f"{value:.{digits}g}".replace("e-0", "e-")


def sentence(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def choice_label(value: object) -> str:
    """A closed choice as a form shows it."""
    text = str(value)
    return CHOICES.get(text) or label(text)


def number_label(value: object) -> str:
    """A number of a slider as short as it is exact: `1e-06` as `1e-6`, `1000000` as `1,000,000`."""
    if isinstance(value, str):
        return choice_label(value)
    return short(value) if isinstance(value, float) else f"{value:,}"


def value_label(value: Any) -> str:
    """The value of any setting, as tables, lists and pictures show it."""
    if isinstance(value, tuple | list):
        widths = all(isinstance(part, int) for part in value)
        return (" → " if widths else ", ").join(map(str if widths else choice_label, value)) or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return short(value, 4)
    return number_label(value) if isinstance(value, int) else choice_label(value)
