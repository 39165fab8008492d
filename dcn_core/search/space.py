"""What a search may vary: settings of the config with a range or a list of values, within the config's own bounds."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import model_validator
from pydantic.fields import FieldInfo

from dcn_core.config.applies import applies
from dcn_core.config.fields import Config, bounds
from dcn_core.config.presets import SECTIONS
from dcn_core.config.run import RunConfig, parse_config
from dcn_core.errors import ConfigError

NEVER = {"train.seed", "train.monitor"} | {
    f"data.{name}" for name in SECTIONS["data"].model_fields if name != "features"
}
"""Settings that no search varies: scores on other ratings, or from luckier seeds or another measure, cannot be compared."""
FIRST = ("data.features", "model.structure", "model.combination", "model.cross_kind")
"""Settings that decide which others have an effect: they are chosen first."""
OFFERED: dict[str, tuple[Any, ...]] = {
    "model.deep_layer_sizes": ((32,), (64,), (64, 32), (128, 64), (256, 128)),
    "train.ema_decay": (0.0, 0.99, 0.999, 0.9999),
}
"""Values that a search tries unless told otherwise, where the field itself has none that would do."""
STEPS = 5
"""Points of a range on a grid."""


class Dimension(Config):
    """One setting that is varied: between `low` and `high`, or among `choices`."""

    path: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()

    @model_validator(mode="after")
    def _is_within_the_config(self) -> "Dimension":
        info = field_of(self.path)
        if self.choices:
            if len({json.dumps(value) for value in self.choices}) < 2:
                raise ValueError(f"{self.path}: a list needs at least two values. Received: {list(self.choices)}")
            for value in self.choices:
                _check(self.path, value)
            return self
        if info.annotation not in (int, float) and not _is_number(info):
            raise ValueError(f"{self.path}: only a number has a range. Give a list of values.")
        if self.low is None or self.high is None or not self.low < self.high:
            raise ValueError(
                f"{self.path}: a range goes from a lower to a higher number. Received: {self.low} to {self.high}"
            )
        if self.log and self.low <= 0:
            raise ValueError(f"{self.path}: a logarithmic range begins above zero. Received: {self.low:g}")
        for value in (self.low, self.high):
            _check(self.path, int(value) if self.whole else value)
        return self

    @property
    def whole(self) -> bool:
        """Whether the setting is a whole number."""
        return field_of(self.path).annotation is not float

    @property
    def label(self) -> str:
        """The setting as the form names it."""
        return str(field_of(self.path).title)

    def grid(self) -> list[Any]:
        """The values that a grid tries: all choices, all of few whole numbers, else five points of the range."""
        if self.choices:
            return list(self.choices)
        assert self.low is not None and self.high is not None
        if self.whole and self.high - self.low < STEPS and not self.log:
            return list(range(int(self.low), int(self.high) + 1))
        a, b = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        points = [a + (b - a) * step / (STEPS - 1) for step in range(STEPS)]
        points = [math.exp(point) for point in points] if self.log else points
        points = [min(max(point, self.low), self.high) for point in points]
        return list(dict.fromkeys(round(point) if self.whole else point for point in points))


def field_of(path: str) -> FieldInfo:
    """The config's field of a path such as `model.dropout`.

    Raises:
        ConfigError: There is none, or no search may vary it.
    """
    section, _, name = path.partition(".")
    info = SECTIONS[section].model_fields.get(name) if section in SECTIONS else None
    if info is None or path in NEVER:
        raise ConfigError(
            f"a search varies settings such as model.dropout, but not the data or the seed. Received: '{path}'"
        )
    return info


def searchable(config: RunConfig, varied: Sequence[str] = ()) -> list[str]:
    """Paths of the settings that a search from this config may vary: those with an effect, by themselves or by what is varied."""
    values = plain(config)
    freed = {path.partition(".")[2] for path in varied} & {"structure", "cross_kind", "combination", "features"}
    return [
        f"{section}.{name}"
        for section, model in SECTIONS.items()
        for name, info in model.model_fields.items()
        if f"{section}.{name}" not in NEVER
        and (freed or applies(section, name, values))
        and (len(_feature_sets(config)) > 1 if name == "features" else _has_start(f"{section}.{name}", info))
    ]


def suggestion(path: str, base: RunConfig | None = None) -> Dimension:
    """A dimension to begin with: what the form offers.

    Args:
        path: Of the setting.
        base: Where the search starts from, which knows the features of its ratings.

    Raises:
        ConfigError: There is nothing to vary, or no search may vary it.
    """
    info = field_of(path)
    if path == "data.features":
        sets = _feature_sets(base or RunConfig())
        if len(sets) < 2:
            raise ConfigError("the features can be varied where an id is among them. Give the sets as JSON lists.")
        return Dimension(path=path, choices=sets)
    if (options := _options(path, info)) is not None:
        return Dimension(path=path, choices=options)
    if not _has_start(path, info):
        raise ConfigError(f"{path} has no range to begin with. Give its values as a list.")
    stops = [value for value in (_extra(info, "choices") or ()) if value > 0]
    low, high = bounds(info)
    if stops:
        low, high = min(stops), max(stops)
    low = float(low or 0)
    high = float(min(high if high is not None else low + 1, _usual(path, high)))
    if any(getattr(rule, "lt", None) is not None for rule in info.metadata):
        high = min(high, 0.5)
    return Dimension(path=path, low=low, high=high, log=bool(stops) and low > 0 and high / low >= 10)


def _feature_sets(base: RunConfig) -> tuple[tuple[str, ...], ...]:
    """The features of the base, with and without the ids of users and movies."""
    every = tuple(base.data.features)
    without = tuple(name for name in every if name not in ("user_id", "movie_id"))
    return tuple(dict.fromkeys(own for own in (every, without) if own))


def _has_start(path: str, info: FieldInfo) -> bool:
    """Whether the field itself says what a search may try."""
    return info.annotation in (int, float) or _options(path, info) is not None


def _usual(path: str, high: float | None) -> float:
    """The upper end that is worth trying where the bound is far beyond it."""
    usual = {
        "model.num_cross_layers": 4,
        "train.epochs": 30,
        "train.patience": 10,
        "train.warmup_steps": 1000,
        "train.gradient_clip_norm": 10,
    }
    return usual.get(path, high if high is not None else math.inf)


def parse_dimension(text: str, base: RunConfig | None = None) -> Dimension:
    """Reads `model.dropout=0..0.5`, `train.learning_rate=1e-4..1e-2:log` or `model.cross_kind=matrix,low_rank`.

    A path alone takes what the form offers. Lists of lists are JSON: `model.deep_layer_sizes=[[32],[64,32]]`.

    Raises:
        ConfigError: It has another form, or the values are not valid.
    """
    path, given, values = text.partition("=")
    path = path.strip()
    if not given:
        return suggestion(path, base)
    from pydantic import ValidationError

    from dcn_core.config.run import describe

    span, _, scale = values.partition(":")
    try:
        if ".." in span:
            low, high = (float(part) for part in span.split("..", 1))
            if scale not in ("", "log"):
                raise ValueError
            return Dimension(path=path, low=low, high=high, log=scale == "log")
        choices = (
            json.loads(values) if values.lstrip().startswith("[") else [_value(part) for part in values.split(",")]
        )
        return Dimension(path=path, choices=tuple(tuple(c) if isinstance(c, list) else c for c in choices))
    except ValidationError as error:
        raise ConfigError(describe(error)) from None
    except (ValueError, TypeError):
        raise ConfigError(
            "what is varied is written section.field=low..high, section.field=low..high:log or section.field=one,two,three. "
            f"Received: '{text[:120]}'"
        ) from None


def with_values(config: RunConfig, values: Mapping[str, Any]) -> RunConfig:
    """The config with some settings replaced.

    Raises:
        ConfigError: They do not fit together.
    """
    changed = config.model_dump(mode="json")
    for path, value in values.items():
        section, _, name = path.partition(".")
        changed[section][name] = list(value) if isinstance(value, tuple) else value
    return parse_config(changed)


def plain(config: RunConfig) -> dict[str, dict[str, Any]]:
    """All settings by section and name."""
    return {section: dict(getattr(config, section)) for section in SECTIONS}


def in_order(dimensions: Sequence[Dimension]) -> list[Dimension]:
    """Dimensions with those first that decide whether others have an effect."""
    return sorted(dimensions, key=lambda own: FIRST.index(own.path) if own.path in FIRST else len(FIRST))


def _options(path: str, info: FieldInfo) -> tuple[Any, ...] | None:
    if info.annotation is bool:
        return (False, True)
    if get_origin(info.annotation) is Literal:
        return get_args(info.annotation)
    if path in OFFERED:
        return OFFERED[path]
    if not _is_number(info):
        return None
    if info.annotation not in (int, float):  # a number or a word, such as the embedding size
        return tuple(_extra(info, "choices") or ()) or None
    stops = _extra(info, "choices") or ()
    return None if info.annotation is float or not stops or max(stops) / max(min(stops), 1) > 1e3 else tuple(stops)


def _is_number(info: FieldInfo) -> bool:
    return info.annotation in (int, float) or any(
        part in (int, float) or any(inner in (int, float) for inner in get_args(part))
        for part in get_args(info.annotation)
    )


def _extra(info: FieldInfo, name: str) -> Any:
    return info.json_schema_extra.get(name) if isinstance(info.json_schema_extra, dict) else None


def _check(path: str, value: Any) -> None:
    """Refuses a value that no config takes, whatever stands beside it."""
    section, _, name = path.partition(".")
    try:
        values = {name: list(value) if isinstance(value, tuple) else value}
        SECTIONS[section].model_validate_json(json.dumps(values), strict=True)
    except ValueError as error:
        if f"\n{name}" in f"\n{error}":
            raise ValueError(f"{path}: {value!r} is not allowed") from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()
