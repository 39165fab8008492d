"""Where a run stands, as its status file says."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args

State = Literal[
    "queued", "preparing", "compiling", "training", "paused", "finishing", "done", "stopped", "failed", "interrupted"
]
ACTIVE: frozenset[State] = frozenset({"preparing", "compiling", "training", "paused", "finishing"})
"""States in which a worker process is at work on the run."""
FINISHED: frozenset[State] = frozenset({"done", "stopped"})
"""States in which the run's model is whole and can be asked."""
CANCELLED = "Cancelled before it started."
"""Message of a run that a person took out of the queue."""
_DAMAGED = "The status file of this run is damaged."


@dataclass(frozen=True)
class Status:
    """State and progress of a run.

    Attributes:
        updated: Unix time of the last change, in seconds. While a worker lives it changes every few seconds.
        epoch, epochs: Epochs finished, and the most that will be run.
        step, steps: Optimiser steps taken, and the most that will be taken.
        eta_s: Seconds left if every epoch is run, None while unknown.
        examples_per_second: Training ratings per second.
        message: What a person should know, for instance why the run failed.
        damaged: Whether the status file could not be read. Not in the file.
    """

    state: State
    updated: float = 0.0
    pid: int | None = None
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    eta_s: float | None = None
    examples_per_second: float | None = None
    message: str = ""
    damaged: bool = False

    @property
    def active(self) -> bool:
        """Whether a worker process is at work on the run."""
        return self.state in ACTIVE

    @property
    def finished(self) -> bool:
        """Whether the run's model is whole and can be asked."""
        return self.state in FINISHED

    @property
    def waiting_or_active(self) -> bool:
        """Whether the run will still change by itself."""
        return self.active or self.state == "queued"

    @property
    def resumable(self) -> bool:
        """Whether the run ended before its end and can go on, or be tried again, in its own folder."""
        return self.state in ("interrupted", "failed")

    def plain(self) -> dict[str, Any]:
        """As the status file holds it."""
        return {name: value for name, value in asdict(self).items() if name != "damaged"}

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Returns the status of decoded JSON; what is missing or foreign makes a failed status that says so."""
        if not isinstance(values, dict) or values.get("state") not in get_args(State):
            return cls(state="failed", message=_DAMAGED, damaged=True)
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values.keys() - {"damaged"}}
        if not all(_fits(name, value) for name, value in known.items()):
            return cls(state="failed", message=_DAMAGED, damaged=True)
        return cls(**known)


def _fits(name: str, value: Any) -> bool:
    """Whether a field of a status file holds what it should; a person may have edited it."""
    if name in ("state", "message"):
        return isinstance(value, str)
    if name in ("pid", "eta_s", "examples_per_second") and value is None:
        return True
    whole = name in ("pid", "epoch", "epochs", "step", "steps")
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value < 2**53
