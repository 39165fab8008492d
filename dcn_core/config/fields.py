"""How a setting is declared: its bounds, its help and where it stands on a form, written once."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Config(BaseModel):
    """A frozen, validated value. Unknown keys are errors, and numbers must be numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


def setting(
    default: Any,
    *,
    label: str,
    group: str,
    help: str,
    step: float | None = None,
    choices: tuple[Any, ...] | None = None,
    unit: str | None = None,
    advanced: bool = False,
    **bounds: Any,
) -> Any:
    """Returns a pydantic field with what a form, the command line and the docs need to present it.

    Args:
        default: The best value known.
        label: Name on the form, in sentence case.
        group: Heading under which the form shows it.
        help: What it does, when to turn it, and the source's recommendation.
        step: Step of a slider or number box.
        choices: Values that a slider offers where even steps make no sense (for instance powers of two).
            Other values within the bounds stay valid.
        unit: What the number counts, in the plural, for instance "stars".
        advanced: Shown only on request.
        **bounds: pydantic's own bounds (`ge`, `le`, `gt`, `lt`, `min_length`, `max_length`).
    """
    extra: dict[str, Any] = {
        "label": label,
        "group": group,
        "step": step,
        "choices": choices,
        "unit": unit,
        "advanced": advanced,
    }
    return Field(default=default, title=label, description=help, json_schema_extra=extra, **bounds)


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Lowest and highest allowed value of a field, None where it has no such bound."""
    low = high = None
    for rule in field.metadata:
        for name in ("ge", "gt"):
            low = getattr(rule, name, low)
        for name in ("le", "lt"):
            high = getattr(rule, name, high)
    return low, high
