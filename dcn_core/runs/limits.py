"""What the operator of a server allows, read from the environment: so much per run, so many runs, so long kept."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from dcn_core.config.run import RunConfig
from dcn_core.data.sources import asked_rows
from dcn_core.errors import ConfigError
from dcn_core.runs.memory import machine_mb

LESS_MEMORY = "Take fewer ratings, a smaller model or a smaller batch."


@dataclass(frozen=True)
class Demand:
    """What a run takes, as far as it is known before it starts; None for what is not.

    Attributes:
        rows: Ratings of its data.
        parameters: Numbers that its network learns.
        memory_mb: Megabytes, see `dcn_core.model.cost.memory_mb`.
    """

    rows: int | None = None
    parameters: int | None = None
    memory_mb: float | None = None


@dataclass(frozen=True)
class Limits:
    """Bounds of a server. Each is set by an environment variable `PLAYGROUND_<NAME>`, such as `PLAYGROUND_MAX_ROWS`.

    Attributes:
        max_rows: Ratings of a run's data.
        max_parameters: Numbers that a network learns.
        max_work: Ratings times epochs.
        max_memory_mb: Megabytes of memory of a run's process; 0 for what the machine has.
        max_minutes: Minutes from a run's start to its proper end with the best weights so far, pauses included.
        max_uploads_mb: Megabytes that uploaded archives may take together.
        max_queue: Runs that wait.
        keep_runs: Newest unpinned runs that are kept, 0 for all; the others go to the trash.
        trash_days: Days after which a deleted run is gone for good.
    """

    max_rows: int = 50_000_000
    max_parameters: int = 200_000_000
    max_work: int = 20_000_000_000
    max_memory_mb: float = 0.0
    max_minutes: float = 1440.0
    max_uploads_mb: float = 2_000.0
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

    @property
    def memory_mb(self) -> float:
        """Megabytes that a run's process may hold."""
        return self.max_memory_mb or machine_mb()

    def check_all(self, config: RunConfig, demand: Demand) -> None:
        """Refuses an experiment that is too large in any way that is known before it starts.

        Raises:
            ConfigError: Says which bound, what came, and what to do.
        """
        self.check(config, demand.rows)
        if demand.parameters is not None:
            self.check_parameters(demand.parameters)
        if demand.memory_mb is not None:
            self.check_memory(demand.memory_mb)

    def check(self, config: RunConfig, rows: int | None = None) -> None:
        """Refuses data that are too large, and too many epochs on them.

        Args:
            config: The experiment.
            rows: Ratings of its data; where they are not known yet, those of the generated world are.

        Raises:
            ConfigError: Says which bound, what came, and what to do.
        """
        if rows is None:
            rows = asked_rows(config.data)
        self.check_rows(rows)
        work = rows * config.train.epochs
        if work > self.max_work:
            raise ConfigError(
                f"this server takes at most {self.max_work:,} rows times epochs. Received: {rows:,} × "
                f"{config.train.epochs:,}. Take fewer epochs (up to {max(1, self.max_work // rows):,}) or fewer rows."
            )

    def check_rows(self, rows: int) -> None:
        """Refuses data that are too large.

        Raises:
            ConfigError: They are.
        """
        if rows > self.max_rows:
            raise ConfigError(f"this server takes at most {self.max_rows:,} rows. Received: {rows:,}. Take fewer.")

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

    def check_memory(self, needed_mb: float) -> None:
        """Refuses a run that would not fit into memory.

        Raises:
            ConfigError: It would not.
        """
        if needed_mb > self.memory_mb:
            raise ConfigError(
                f"this server gives a run at most {self.memory_mb:,.0f} MB of memory. This one would take about "
                f"{needed_mb:,.0f} MB. {LESS_MEMORY}"
            )

    def out_of_memory(self, used_mb: float) -> str:
        """Why a run was ended that took more memory than was foreseen."""
        return (
            f"This run took {used_mb:,.0f} MB of memory. This server gives a run at most {self.memory_mb:,.0f} MB, so it was "
            f"ended. {LESS_MEMORY}"
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
