"""Which ratings a run learns from, which features it sees, and how rows are split."""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints, ValidationInfo, field_validator, model_validator

from dcn_core.config.features import FEATURE_NAMES
from dcn_core.config.fields import setting
from dcn_core.config.metrics import Target
from dcn_core.config.table import MOST_FEATURES, TableConfig
from dcn_core.config.world import WorldConfig

SplitKind = Literal["row", "time", "user", "movie"]
Feature = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]


class DataConfig(WorldConfig):
    """Data of one experiment: source, the generated world's knobs, features, split."""

    source: str = setting(
        "generated",
        label="Source",
        group="Data",
        help="Where the ratings come from: `generated` for the built-in world, or the path of a MovieLens archive, of its unpacked "
        "folder, or of a table. Start with the generated world, where it is known which crosses there are to find; then go to real "
        "ratings.",
        min_length=1,
        max_length=4096,
    )
    table: TableConfig | None = setting(
        None,
        label="Columns",
        group="Data",
        help="What each column of a table of one's own is. Empty for the generated world and for MovieLens.",
    )
    features: tuple[Feature, ...] = setting(
        FEATURE_NAMES,
        label="Features",
        group="Features",
        help="What the model may look at. The ids let it remember single users and movies; the others generalise to new ones.",
        choices=FEATURE_NAMES,
        min_length=1,
        max_length=MOST_FEATURES,
    )
    target: Target = setting(
        "rating",
        label="Predict",
        group="Target",
        help="The rating itself, by squared error, or whether the person likes it: a probability, by log loss. The "
        "DCN-V2 paper predicts likes.",
    )
    like_from: float = setting(
        4.0,
        label="Like from",
        group="Target",
        help="Ratings from here on are likes. What lies between dislike and like is left out. Only used when likes are predicted; of labels with "
        "two values, such as 0 and 1, the higher one is the like.",
        step=0.5,
        ge=-1e9,
        le=1e9,
    )
    dislike_to: float = setting(
        2.0,
        label="Dislike up to",
        group="Target",
        help="Ratings up to here are dislikes. The DCN-V2 paper drops 3 stars: dislike up to 2, like from 4. Only used when likes "
        "are predicted.",
        step=0.5,
        ge=-1e9,
        le=1e9,
    )
    split: SplitKind = setting(
        "row",
        label="Split by",
        group="Split",
        help="row: ratings at random, as most papers do. time: the future is predicted from the past. "
        "user or movie: validation and test hold only users (or movies) that training never saw.",
    )
    validation_fraction: float = setting(
        0.1,
        label="Validation share",
        group="Split",
        help="Share of the ratings that decides when to stop and which weights to keep. A tenth is enough above 10,000 ratings; with "
        "fewer, a larger share makes that decision less a matter of luck.",
        step=0.01,
        gt=0.0,
        le=0.5,
    )
    test_fraction: float = setting(
        0.1,
        label="Test share",
        group="Split",
        help="Share of the ratings that is touched once, at the end. Keep it whenever you compare: validation chose the best epoch, "
        "which flatters it. 0 leaves it out.",
        step=0.05,
        ge=0.0,
        le=0.5,
    )
    split_seed: int = setting(
        11,
        label="Split seed",
        group="Split",
        help="Seed of the split. 11 with 25 % validation and no test share is the original notebook's split.",
        ge=0,
        le=2**31 - 1,
    )

    @field_validator("features")
    @classmethod
    def _in_canonical_order(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError(f"each feature at most once. Received: {list(value)}")
        known = known_features(info.data.get("table"))
        if value == FEATURE_NAMES:  # those of the default, which a table has others for
            return known
        return tuple(name for name in known if name in value) if set(value) <= set(known) else value

    @model_validator(mode="after")
    def _knows_its_features(self) -> "DataConfig":
        known = known_features(self.table)
        if unknown := [name for name in self.features if name not in known]:
            raise ValueError(f"data.features may name {', '.join(known)}. Received: {', '.join(unknown)[:200]}")
        return self

    @model_validator(mode="after")
    def _likes_lie_above_dislikes(self) -> "DataConfig":
        if self.target == "like" and self.dislike_to >= self.like_from:
            raise ValueError(
                f"dislike_to must be below like_from. Received: dislike_to={self.dislike_to:g}, like_from={self.like_from:g}"
            )
        return self

    @model_validator(mode="after")
    def _leaves_rows_to_train_on(self) -> "DataConfig":
        if self.validation_fraction + self.test_fraction > 0.8:
            raise ValueError(
                "validation_fraction + test_fraction must be at most 0.8 so that rows are left to train on. "
                f"Received: {self.validation_fraction} + {self.test_fraction}"
            )
        return self


def known_features(table: Any) -> tuple[str, ...]:
    """Names of the features that a source can have, in order: those of a table, else those of MovieLens.

    Args:
        table: A `TableConfig`, its plain values, or None.
    """
    if not table:
        return FEATURE_NAMES
    return tuple((table if isinstance(table, TableConfig) else TableConfig.model_validate(table)).features)
