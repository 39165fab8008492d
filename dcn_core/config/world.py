"""The knobs of the generated world: its size, its noise, and which crosses are planted in it."""

from collections.abc import Mapping
from typing import Any

from dcn_core.config.features import FeatureName
from dcn_core.config.fields import Config, setting

Pair = tuple[FeatureName, FeatureName]
STRONGEST = 0.6
"""Largest strength of one cross, in stars: more than all main effects of features together."""


def _cross(label: str, strength: float, note: str = "") -> Any:
    about = (
        "How strongly the two features interact: standard deviation over the ratings, in stars, of what only the pair "
        "explains. 0 plants nothing. Only used with the generated source."
    )
    return setting(
        strength,
        label=label,
        group="Planted crosses",
        help=f"{about} {note}".strip(),
        step=0.01,
        unit="stars",
        ge=0.0,
        le=STRONGEST,
    )


_OF_A_USER = "Both belong to the user: a network that sees user ids may learn it as the user's own bias."
_OF_A_MOVIE = "Both belong to the movie: a network that sees movie ids may learn it as the movie's own bias."


class WorldConfig(Config):
    """What the generated world is made of. Strengths of crosses are in stars, pairs in the order of `FEATURE_NAMES`."""

    num_ratings: int = setting(
        100_000,
        label="Ratings",
        group="Generated world",
        help="Number of ratings in the generated world. More of them make rare crosses learnable and training slower: 100,000 take "
        "seconds, a million half a minute. Only used with the generated source.",
        choices=(10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000),
        ge=1_000,
        le=50_000_000,
    )
    world_seed: int = setting(
        1,
        label="World seed",
        group="Generated world",
        help="The same seed gives the same users, movies and ratings. Change it to see whether a finding holds in another world. "
        "Only used with the generated source.",
        ge=0,
        le=2**31 - 1,
    )
    noise: float = setting(
        0.8,
        label="Noise",
        group="Generated world",
        help="Standard deviation, in stars, of the part of each rating that no feature explains. It sets the ceiling: no network "
        "gets below its square. Lower it to see crosses sooner, raise it to see overfitting. Only used with the generated source.",
        step=0.05,
        unit="stars",
        ge=0.0,
        le=2.0,
    )
    cross_genres_age: float = _cross("Genres × age", 0.3)
    cross_genres_gender: float = _cross("Genres × gender", 0.24)
    cross_genres_occupation: float = _cross("Genres × occupation", 0.22)
    cross_age_year: float = _cross("Age × year", 0.13)
    cross_gender_occupation: float = _cross("Gender × occupation", 0.1, _OF_A_USER)
    cross_genres_year: float = _cross("Genres × year", 0.0, _OF_A_MOVIE)
    cross_gender_age: float = _cross("Gender × age", 0.0, _OF_A_USER)
    cross_gender_year: float = _cross("Gender × year", 0.0)
    cross_age_occupation: float = _cross("Age × occupation", 0.0, _OF_A_USER)
    cross_occupation_year: float = _cross("Occupation × year", 0.0)

    def crosses(self) -> dict[Pair, float]:
        """Returns the strength of each pair in stars, those of 0 included."""
        return {pair: getattr(self, name) for pair, name in CROSS_FIELDS.items()}


def _pair(name: str) -> Pair:
    _, feature, other = name.split("_")
    return feature, other  # type: ignore[return-value]


CROSS_FIELDS: Mapping[Pair, str] = {_pair(name): name for name in WorldConfig.model_fields if name.startswith("cross_")}
"""The setting of each pair's strength."""
CROSS_STRENGTH: Mapping[Pair, float] = WorldConfig().crosses()
"""The crosses of the world as it is without anybody's choice."""
