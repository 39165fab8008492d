"""A search as one validated value: from where, over what, how, how long."""

from typing import Literal

from pydantic import Field, ValidationError

from dcn_core.config.fields import Config
from dcn_core.config.metrics import METRICS, monitored
from dcn_core.config.run import RunConfig, describe
from dcn_core.errors import ConfigError
from dcn_core.search.space import Dimension

Sampler = Literal["tpe", "random", "grid"]
MOST_TRIALS, MOST_GRID = 1_000, 1_000


class Plan(Config):
    """What a search does.

    Attributes:
        base: The experiment that it starts from; what is not varied stays as it is.
        dimensions: What is varied.
        data: Fingerprint of the ratings: an experiment that was trained on them before is not trained again.
        metric: Validation score that is optimised; by `make_plan` the one that the base watches.
        prune: Whether a trial that is worse than half of the others at the same epoch is stopped early.
        parallel: Trials that wait or train at the same time.
    """

    base: RunConfig
    dimensions: tuple[Dimension, ...] = Field(min_length=1, max_length=20)
    sampler: Sampler = "tpe"
    trials: int = Field(default=20, ge=1, le=MOST_TRIALS)
    prune: bool = True
    parallel: int = Field(default=1, ge=1, le=16)
    metric: str = Field(default="", max_length=40)
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    data: str | None = None

    @property
    def combinations(self) -> int:
        """How many there are on a grid."""
        count = 1
        for dimension in self.dimensions:
            count *= len(dimension.grid())
        return count

    @property
    def wanted(self) -> int:
        """Trials that are made: on a grid no more than it has."""
        return min(self.trials, self.combinations) if self.sampler == "grid" else self.trials


def make_plan(**values: object) -> Plan:
    """Returns a plan of values from outside.

    Raises:
        ConfigError: Names each that does not fit.
    """
    try:
        plan = Plan(**values)  # type: ignore[arg-type]
        watched = monitored(plan.base.data.target, plan.base.train.monitor).name
        plan = plan.model_copy(update={"metric": plan.metric or watched})
    except ValidationError as error:
        raise ConfigError(describe(error)) from None
    paths = [dimension.path for dimension in plan.dimensions]
    if plan.metric not in METRICS or METRICS[plan.metric].target != plan.base.data.target:
        raise ConfigError(f"a search optimises a validation score of its target. Received: '{plan.metric}'")
    if len(set(paths)) < len(paths):
        raise ConfigError(f"each setting is varied once. Received: {', '.join(paths)}")
    if plan.sampler == "grid" and plan.combinations > MOST_GRID:
        raise ConfigError(
            f"a grid has at most {MOST_GRID:,} combinations. Received: {plan.combinations:,}. Vary fewer settings, or sample."
        )
    return plan
