"""What differs between experiments, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dcn_core.config.applies import applies
from dcn_core.config.presets import SECTIONS
from dcn_core.config.run import RunConfig


@dataclass(frozen=True)
class Difference:
    """A setting that is not the same in all experiments.

    Attributes:
        section: Of the config: data, model or train.
        name: Of the setting.
        label: As the form names it.
        values: One an experiment; None where it has no effect beside the others.
    """

    section: str
    name: str
    label: str
    values: tuple[Any, ...]


def differences(configs: Sequence[RunConfig]) -> list[Difference]:
    """The settings in which experiments differ, in the order of the form.

    A setting without effect beside the others, such as the rank of a full matrix, does not count as a difference of its own.
    """
    plain = [{section: dict(getattr(config, section)) for section in SECTIONS} for config in configs]
    found = []
    for section, model in SECTIONS.items():
        for name, field in model.model_fields.items():
            values = tuple(own[section][name] if applies(section, name, own) else None for own in plain)
            if any(value != values[0] for value in values):
                found.append(Difference(section, name, str(field.title), values))
    return found
