"""The config that the options of a command describe."""

import json
from pathlib import Path

from dcn_core.config.presets import preset_config
from dcn_core.config.run import RunConfig, override, parse_config
from dcn_core.data.sources import parse_source
from dcn_core.errors import ConfigError


def config_of(data: str | None, preset: str | None, config_file: Path | None, assignments: list[str]) -> RunConfig:
    """The config of options: preset, then file, then source, then settings."""
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
    return override(parse_config(values), assignments)
