"""The config that the options of a command describe, and its data."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from dcn_core.cli_table import table_config
from dcn_core.config.data import known_features
from dcn_core.config.presets import preset_config
from dcn_core.config.run import RunConfig, override, parse_config
from dcn_core.data.dataset import Dataset
from dcn_core.data.labels import fitting_target
from dcn_core.data.sources import load_dataset, parse_source
from dcn_core.data.table_file import is_table
from dcn_core.errors import ConfigError
from dcn_core.runs.limits import Limits


def config_of(
    data: str | None,
    preset: str | None,
    config_file: Path | None,
    assignments: list[str],
    roles: Sequence[str] = (),
    settings: Sequence[str] = (),
) -> RunConfig:
    """The config of options: preset, then file, then source and what its columns are, then settings."""
    values = preset_config(preset or "default").model_dump(mode="json")
    given = _given(config_file)
    values = {section: values.get(section, {}) | given.get(section, {}) for section in values | given}
    if data is not None:
        values["data"] = values["data"] | parse_source(data)
    source = str(values["data"].get("source"))
    if is_table(source) and (data is not None or roles or settings):
        table = table_config(Path(source), roles, settings)
        own, asked = known_features(table), values["data"]["features"]
        features = asked if set(asked) <= set(own) else list(own)  # a preset names those of MovieLens
        values["data"] |= {"table": table.model_dump(mode="json"), "features": features}
    elif roles or settings:
        raise ConfigError(f"--role and --table say what a table's columns are. Received the source '{source[:80]}'.")
    return override(parse_config(values), assignments)


def with_data(config: RunConfig, config_file: Path | None, assignments: Sequence[str]) -> tuple[RunConfig, Dataset]:
    """The config of some options and its data, so that what cannot be trained is reported before a run exists.

    What is predicted of a table is chosen as in the app, and told, unless `data.target` or a metric to watch was said.
    """
    limits = Limits.from_environment()
    limits.check(config)
    dataset = load_dataset(config.data)
    limits.check(config, dataset.num_ratings)
    said = "target" in _given(config_file).get("data", {}) or any(
        text.partition("=")[0].strip() == "data.target" for text in assignments
    )
    if config.data.table is not None and config.train.monitor == "auto" and not said:
        target = fitting_target(dataset, config.data.target)
        if target != config.data.target:
            config = override(config, [f"data.target={target}"])
            typer.echo(
                f"The label '{dataset.nouns.rating}' has two values: the probability of {dataset.nouns.high} is learned. "
                "Add --set data.target=rating to learn the number itself.",
                err=True,
            )
    return config, dataset


def _given(config_file: Path | None) -> dict[str, dict[str, Any]]:
    """The fields by section of a file of settings; none without one."""
    if config_file is None:
        return {}
    try:
        given = json.loads(config_file.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"--config must name a JSON file. {config_file} cannot be read: {error}") from None
    if not isinstance(given, dict) or not all(isinstance(fields, dict) for fields in given.values()):
        sections = ", ".join(RunConfig.model_fields)
        raise ConfigError(f"a config is an object of sections {sections}, each an object. Received: {config_file}")
    return given
