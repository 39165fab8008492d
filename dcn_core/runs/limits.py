"""What the operator of a server allows, read from the environment: so much per run, so many runs, so long kept."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from dcn_core.config.run import RunConfig
from dcn_core.errors import ConfigError


@dataclass(frozen=True)
class Limits:
    """Bounds of a server. Each is set by an environment variable `PLAYGROUND_<NAME>`, such as `PLAYGROUND_MAX_ROWS`.

    Attributes:
        max_rows: Ratings of a run's data.
        max_parameters: Numbers that a network learns.
        max_work: Ratings times epochs.
        max_minutes: Minutes from a run's start to its proper end with the best weights so far, pauses included.
        max_queue: Runs that wait.
        keep_runs: Newest unpinned runs that are kept, 0 for all; the others go to the trash.
        trash_days: Days after which a deleted run is gone for good.
    """

    max_rows: int = 50_000_000
    max_parameters: int = 200_000_000
    max_work: int = 20_000_000_000
    max_minutes: float = 1440.0
    max_queue: int = 20
    keep_runs: int = 0
    trash_days: float = 7.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Returns the limits that the environment sets.

        Raises:
            ConfigError: One of them is no number, or negative.
        """
        values: dict[str, Any] = {}
        for field in fields(cls):
            variable = f"PLAYGROUND_{field.name.upper()}"
            if text := environment.get(variable, "").strip():
                values[field.name] = _number(variable, text, type(field.default))
        return cls(**values)

    def check(self, config: RunConfig, rows: int | None = None) -> None:
        """Refuses an experiment that is too large.

        Args:
            config: The experiment.
            rows: Ratings of its data; where they are not known yet, those of the generated world are.

        Raises:
            ConfigError: Says which bound, what came, and what to do.
        """
        if rows is None:
            rows = config.data.num_ratings if config.data.source == "generated" else 0
        self.check_rows(rows)
        work = rows * config.train.epochs
        if work > self.max_work:
            raise ConfigError(
                f"this server takes at most {self.max_work:,} ratings times epochs. Received: {rows:,} × "
                f"{config.train.epochs:,}. Take fewer epochs (up to {max(1, self.max_work // rows):,}) or fewer ratings."
            )

    def check_rows(self, rows: int) -> None:
        """Refuses data that are too large.

        Raises:
            ConfigError: They are.
        """
        if rows > self.max_rows:
            raise ConfigError(f"this server takes at most {self.max_rows:,} ratings. Received: {rows:,}. Take fewer.")

    def check_parameters(self, parameters: int) -> None:
        """Refuses a network that is too large.

        Raises:
            ConfigError: It is.
        """
        if parameters > self.max_parameters:
            raise ConfigError(
                f"this server takes networks of at most {self.max_parameters:,} weights. Received: {parameters:,}. Take a "
                "smaller embedding, fewer or smaller layers, or a low-rank cross layer."
            )


def _number(variable: str, text: str, kind: type) -> float | int:
    try:
        value: float | int = int(text.replace("_", "")) if kind is int else float(text)
    except ValueError:
        value = -1
    if not 0 <= value < math.inf:
        what = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{variable} must be {what} of at least 0. Received: {text!r}.")
    return value
