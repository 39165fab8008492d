"""The whole experiment as one value, and how it is read from JSON and from `key=value` text."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError, model_validator

from dcn_core.config.data import DataConfig
from dcn_core.config.fields import Config
from dcn_core.config.metrics import METRICS, metrics_of
from dcn_core.config.model import ModelConfig
from dcn_core.config.train import TrainConfig
from dcn_core.config.world import CROSS_FIELDS, WorldConfig
from dcn_core.errors import ConfigError

_MOST_PROBLEMS, _MOST_LETTERS = 8, 120
WHICH_DATA = ("source", "table", *WorldConfig.model_fields)
"""Settings that say which data to take; the fingerprint of the data stands for them."""
_LATER = {
    "data": ("target", "like_from", "dislike_to"),
    "model": ("embedding_dims", "id_l2", "bias_l2", "normalization_position", "deep_initializer"),
    "train": ("monitor", "final_learning_rate_share", "label_smoothing"),
}
"""Settings that were added when runs had been trained already. At their defaults a fingerprint does not name them, so that those
runs are still known as what they are."""


class RunConfig(Config):
    """Data, model and training of one run."""

    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()

    @model_validator(mode="after")
    def _biases_have_their_ids(self) -> "RunConfig":
        for bias, feature in (("user_bias", "user_id"), ("movie_bias", "movie_id")):
            if getattr(self.model, bias) and feature not in self.data.features:
                raise ValueError(
                    f"model.{bias} needs '{feature}' among data.features. Received: {list(self.data.features)}"
                )
        return self

    @model_validator(mode="after")
    def _watches_a_score_of_its_target(self) -> "RunConfig":
        monitor, target = self.train.monitor, self.data.target
        if monitor != "auto" and METRICS[monitor].target != target:
            known = ", ".join(metric.name for metric in metrics_of(target) if metric.name != "rmse")
            raise ValueError(
                f"train.monitor must be auto or one of {known} for data.target={target}. Received: {monitor}"
            )
        return self

    def fingerprint(self, data_fingerprint: str) -> str:
        """A name for this experiment on this data: equal for two runs exactly if they would learn the same."""
        told_by_data = {"source", "table", *CROSS_FIELDS.values()}
        values = self.model_dump(mode="json", exclude={"data": told_by_data})
        for section, names in _LATER.items():
            fields = type(getattr(self, section)).model_fields
            for name in names:
                if values[section][name] == fields[name].default:
                    del values[section][name]
        text = json.dumps([values, data_fingerprint], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def parse_config(values: Mapping[str, Any]) -> RunConfig:
    """Returns the config of nested plain values, as from JSON. Text is no number here, and true is not 1.

    Raises:
        ConfigError: Names each key that is unknown, of another type, or out of bounds.
    """
    try:
        return RunConfig.model_validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        raise ConfigError(describe(error)) from None
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"a config is made of plain JSON values. {error}") from None


def override(config: RunConfig, assignments: Iterable[str]) -> RunConfig:
    """Returns `config` with `section.field=value` assignments applied; values are JSON or plain text.

    Raises:
        ConfigError: An assignment has another form, or its field or value is not valid.
    """
    values = config.model_dump(mode="json")
    for assignment in assignments:
        path, separator, text = assignment.partition("=")
        section, dot, name = path.strip().partition(".")
        if not (separator and dot and section in values):
            raise ConfigError(
                f"a setting is written section.field=value with section one of {', '.join(values)}. Received: '{assignment}'"
            )
        try:
            values[section][name] = json.loads(text)
        except (ValueError, RecursionError):
            values[section][name] = text.split(",") if "," in text else text
    return parse_config(values)


def describe(error: ValidationError) -> str:
    """The problems of a pydantic error as one line each: field, rule, what came."""
    lines = []
    for problem in error.errors()[:_MOST_PROBLEMS]:
        path = ".".join(str(part) for part in problem["loc"] if isinstance(part, int) or part.isidentifier())
        rule = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown setting '{_short(path)}'")
        elif problem["type"] == "value_error":
            lines.append(f"{path}: {rule}" if path else rule)
        else:
            lines.append(f"{path}: {rule}. Received: {_short(repr(problem['input']))}")
    if (more := error.error_count() - _MOST_PROBLEMS) > 0:
        lines.append(f"and {more:,} more like these")
    return "; ".join(lines)


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
