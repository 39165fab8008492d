"""A search and its trials, as they are shown."""

from dataclasses import dataclass, field
from typing import Any, Literal

from dcn_core.compare.metrics import better
from dcn_core.config.run import RunConfig
from dcn_core.search.plan import Plan
from dcn_core.search.space import with_values

State = Literal["running", "stopped", "done"]


@dataclass(frozen=True)
class TrialRow:
    """One trial as a list shows it.

    Attributes:
        number: From 1.
        state: "running", "done", "stopped early" (by the pruner or a person) or "failed".
        value: Of the metric: of the whole run, or the last one of a trial that was stopped early. None before.
        settings: What was drawn, by path.
        run: Id of its run.
        problem: Why it failed.
    """

    number: int
    state: str
    value: float | None
    settings: dict[str, Any]
    run: str | None = None
    problem: str = ""


@dataclass(frozen=True)
class Search:
    """A search and its trials so far, oldest first."""

    name: str
    plan: Plan
    state: State
    problem: str = ""
    trials: list[TrialRow] = field(default_factory=list)

    @property
    def done(self) -> list[TrialRow]:
        """The trials that trained to their end."""
        return [trial for trial in self.trials if trial.state == "done" and trial.value is not None]

    @property
    def busy(self) -> bool:
        """Whether it will still change by itself."""
        return self.state == "running" or any(trial.state == "running" for trial in self.trials)

    @property
    def best(self) -> TrialRow | None:
        """The best of the trials that trained to their end; the first of equal ones."""
        return min(self.done, key=lambda trial: self.order(trial.value or 0.0), default=None)

    def order(self, value: float) -> float:
        """The value, or its negative where higher is better: the lower the better."""
        return value if better(self.plan.metric) == "lower" else -value

    def best_so_far(self) -> list[tuple[int, float, float]]:
        """Number, value and best value up to there of each trial that trained to its end."""
        found, best = [], None
        for trial in self.done:
            assert trial.value is not None
            if best is None or self.order(trial.value) < self.order(best):
                best = trial.value
            found.append((trial.number, trial.value, best))
        return found

    def config(self, trial: TrialRow) -> RunConfig:
        """The experiment of a trial."""
        return with_values(self.plan.base, trial.settings)
