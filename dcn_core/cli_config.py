"""The config that the options of a command describe."""

import json
from collections.abc import Sequence
from pathlib import Path

from dcn_core.cli_table import table_config
from dcn_core.config.data import known_features
from dcn_core.config.presets import preset_config
from dcn_core.config.run import RunConfig, override, parse_config
from dcn_core.data.sources import parse_source
from dcn_core.data.table_file import is_table
from dcn_core.errors import ConfigError


def config_of(
    data: str | None,
    preset: str | None,
    config_file: Path | None,
    assignments: list[str],
    roles: Sequence[str] = (),
    settings: Sequence[str] = (),
) -> RunConfig:
    """The config of options: preset, then file, then source and what its columns are, then settings."""
    config = preset_config(preset or "default")
    values = config.model_dump(mode="json")
    if config_file is not None:
        try:
            given = json.loads(config_file.read_text())
        except (OSError, ValueError) as error:
            raise ConfigError(f"--config must name a JSON file. {config_file} cannot be read: {error}") from None
        if not isinstance(given, dict) or not all(isinstance(fields, dict) for fields in given.values()):
            raise ConfigError(
                f"a config is an object of sections {', '.join(values)}, each an object. Received: {config_file}"
            )
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
