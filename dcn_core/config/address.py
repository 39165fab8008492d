"""An experiment as the query of a web address: what differs from a preset, one `name=value` each, and back."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from dcn_core.config.presets import PRESETS, SECTIONS, preset_config
from dcn_core.config.run import describe

PRESET = "preset"
"""Name in the address of the preset that the others differ from; without it, the default."""
MOST_LETTERS = 4_096
"""Longest value that is looked at."""
_MOST_NAMES, _SHOWN = 100, 60

Values = Mapping[str, Mapping[str, Any]]
Setting = tuple[str, str]


@cache
def names() -> dict[str, Setting]:
    """Section and field of each name of an address: the field's own name, with its section where two sections share it."""
    fields = [(section, name) for section, config in SECTIONS.items() for name in config.model_fields]
    once = [name for _, name in fields]
    return {name if once.count(name) == 1 else f"{section}.{name}": (section, name) for section, name in fields}


def differ(left: Any, right: Any) -> bool:
    """Whether two values of a setting are not the same. The order of texts in a list says nothing, that of numbers does."""
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        if {type(value) for value in (*left, *right)} <= {str}:
            return sorted(left) != sorted(right)
        return list(left) != list(right)
    return bool(left != right)


def to_query(values: Values, preset: str = "default") -> dict[str, str]:
    """Returns what an address has to say so that `from_query` gives these values again.

    Args:
        values: By section and name, as a form holds them; they need not be valid.
        preset: What most of them come from.
    """
    base = preset_config(preset).model_dump(mode="json")
    query = {} if preset == "default" else {PRESET: preset}
    for written, (section, name) in names().items():
        value = values[section][name]
        if differ(value, base[section][name]):
            query[written] = _text(value)
    return query


def from_query(query: Mapping[str, str]) -> tuple[str, dict[Setting, Any], list[str]]:
    """Reads an address.

    Args:
        query: Texts by name, from anybody.

    Returns:
        The preset, the values of the settings that the address names and that are valid by themselves, and a sentence for
        each entry that was passed over.
    """
    problems = []
    preset = query.get(PRESET, "default")
    if preset not in PRESETS:
        problems.append(f"{PRESET} must be one of {', '.join(PRESETS)}. Received: {_short(preset)}")
        preset = "default"
    settings: dict[Setting, Any] = {}
    for written, text in list(query.items())[:_MOST_NAMES]:
        if written == PRESET:
            continue
        if written not in names():
            problems.append(f"there is no setting {_short(written)}")
            continue
        setting = names()[written]
        try:
            settings[setting] = _value(*setting, text)
        except ValueError as error:
            problems.append(str(error))
    return preset, settings, problems


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | list) and all(isinstance(part, str | int) and "," not in str(part) for part in value):
        return ",".join(map(str, value))
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


def _value(section: str, name: str, text: str) -> Any:
    """The value of a setting that a text means.

    Raises:
        ValueError: There is none; says what is expected.
    """
    if len(text) > MOST_LETTERS:
        raise ValueError(f"{name}: at most {MOST_LETTERS:,} letters. Received: {len(text):,}")
    config, problem = SECTIONS[section], f"{name}: cannot be read"
    for candidate in _candidates(text):
        try:
            value = getattr(config.model_validate_json(json.dumps({name: candidate}), strict=True), name)
            return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else value
        except ValidationError as error:
            if all(not found["loc"] for found in error.errors()):
                return candidate  # it does not fit the other settings, which may come with it
            if not isinstance(candidate, list) or "," in text:
                problem = describe(error)
        except (ValueError, RecursionError):  # half a letter, or a thousand brackets
            continue
    raise ValueError(problem)


def _candidates(text: str) -> Iterator[Any]:
    """What a text may mean: text, a JSON value, or a list with commas, of texts or of whole numbers."""
    yield text
    with contextlib.suppress(ValueError, RecursionError):
        yield json.loads(text)
    parts = [part for part in text.split(",") if part]
    yield parts
    if parts and all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        yield [int(part) for part in parts]


def _short(text: str) -> str:
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"
