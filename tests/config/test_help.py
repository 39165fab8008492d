"""Every knob explains itself."""

import re

import pytest

from dcn_core.config.presets import SECTIONS

FIELDS = [(section, name) for section, config in SECTIONS.items() for name in config.model_fields]


@pytest.mark.parametrize(("section", "name"), FIELDS, ids=lambda value: value)
def test_a_setting_says_what_it_does_and_when_to_turn_it(section: str, name: str) -> None:
    field = SECTIONS[section].model_fields[name]
    text = field.description or ""
    assert len(re.findall(r"[.!?](?=\s|$)", text)) >= 2, f"{section}.{name} needs two sentences: {text}"
    assert text.endswith(".") and 60 <= len(text) <= 420, (len(text), text)
    assert field.title and field.title[0].isupper()
