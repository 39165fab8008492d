"""Whatever a config file, a setting of a shell or a form says, it is a config or a `ConfigError`."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dcn_core.config.presets import SECTIONS
from dcn_core.config.run import RunConfig, override, parse_config
from dcn_core.data.sources import parse_source
from dcn_core.errors import ConfigError, DataError
from tests.fuzz import JSON, edited, fuzz

WHOLE = RunConfig().model_dump(mode="json")
FIELDS = [f"{section}.{name}" for section, config in SECTIONS.items() for name in config.model_fields]


def parses(values: Any) -> None:
    """Fails if the values raise anything but an error in words, or make a config that is not one."""
    try:
        config = parse_config(values)
    except ConfigError as error:
        assert 0 < len(str(error)) < 5_000
        return
    assert parse_config(config.model_dump(mode="json")) == config


@fuzz(150)
@given(JSON)
def test_any_json_is_a_config_or_an_error(values: Any) -> None:
    parses(values)


@fuzz(300)
@given(edited(WHOLE))
def test_any_edit_of_a_config_is_a_config_or_an_error(text: bytes) -> None:
    parses(json.loads(text))


@fuzz(150)
@given(st.dictionaries(st.sampled_from([*SECTIONS, "other"]), st.dictionaries(st.text(max_size=20), JSON, max_size=50)))
def test_many_unknown_settings_are_named_in_few_words(values: Any) -> None:
    parses(values)


@fuzz(150)
@given(st.sampled_from(FIELDS) | st.text(max_size=20), st.text(max_size=40) | JSON.map(json.dumps))
def test_any_setting_of_a_shell_is_a_config_or_an_error(name: str, text: str) -> None:
    try:
        override(RunConfig(), [f"{name}={text}"])
    except ConfigError as error:
        assert str(error)


@fuzz(100)
@given(st.text(max_size=60) | st.text(max_size=10).map("generated:{}".format))
def test_any_source_is_settings_or_an_error(text: str) -> None:
    try:
        parse_config({"data": parse_source(text)})
    except (ConfigError, DataError) as error:
        assert str(error)
