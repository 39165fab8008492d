"""How a search draws its trials: Optuna's samplers and pruner, made for a plan."""

import json
from typing import Any

import optuna

from dcn_core.config.applies import applies
from dcn_core.config.run import RunConfig
from dcn_core.search.plan import Plan
from dcn_core.search.space import Dimension, in_order, plain, with_values

STARTUP = 6
"""Random trials before TPE has something to go by."""
WARM_UP = 1
"""Epochs that no trial is stopped in."""


def make_sampler(plan: Plan, made: int) -> optuna.samplers.BaseSampler:
    """The sampler of a plan, of which so many trials were made: after a restart it does not draw the same ones again."""
    if plan.sampler == "grid":
        values = {dimension.path: [code(value) for value in dimension.grid()] for dimension in plan.dimensions}
        return optuna.samplers.GridSampler(values, seed=plan.seed)
    if plan.sampler == "random":
        return optuna.samplers.RandomSampler(seed=plan.seed + made)
    return optuna.samplers.TPESampler(seed=plan.seed + made, n_startup_trials=STARTUP, constant_liar=plan.parallel > 1)


def make_pruner(plan: Plan) -> optuna.pruners.BasePruner:
    """Stops what is worse than the median of the earlier trials at the same epoch."""
    if not plan.prune:
        return optuna.pruners.NopPruner()
    return optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=WARM_UP)


def draw(trial: optuna.Trial, plan: Plan) -> RunConfig:
    """Draws the settings of a trial and returns its experiment.

    A setting that has no effect beside those drawn before it keeps the value of the base.

    Raises:
        ConfigError: The drawn settings do not fit together.
    """
    drawn: dict[str, Any] = {}
    values = plain(plan.base)
    for dimension in in_order(plan.dimensions):
        section, _, name = dimension.path.partition(".")
        if applies(section, name, values):
            drawn[dimension.path] = values[section][name] = _draw(trial, dimension, plan.sampler == "grid")
    return with_values(plan.base, drawn)


def code(value: Any) -> bool | int | float | str:
    """A value as Optuna keeps it: a plain one as it is, a list as JSON."""
    return json.dumps(list(value)) if isinstance(value, tuple | list) else value


def decode(value: Any, dimension: Dimension) -> Any:
    """Undoes `code`."""
    for choice in dimension.choices:
        if code(choice) == value:
            return choice
    return value


def _draw(trial: optuna.Trial, dimension: Dimension, grid: bool) -> Any:
    if dimension.choices or grid:
        values = [code(value) for value in dimension.grid()]
        return decode(trial.suggest_categorical(dimension.path, values), dimension)
    assert dimension.low is not None and dimension.high is not None
    if dimension.whole:
        return trial.suggest_int(dimension.path, int(dimension.low), int(dimension.high), log=dimension.log)
    return trial.suggest_float(dimension.path, dimension.low, dimension.high, log=dimension.log)
