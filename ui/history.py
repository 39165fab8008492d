"""How a run went so far, gathered from its events, thinned to what a chart can show."""

from dataclasses import dataclass, field
from typing import Any

from dcn_core.config.metrics import TARGETS, Metric, loss_metric

MOST_POINTS = 400
"""Points of one line. More cannot be told apart, and the browser draws all of them anew at each tick."""
_LARGEST = 1e30


@dataclass
class History:
    """Events of one run, read piece by piece.

    Attributes:
        offset: Byte of the event file to read on from.
        steps: `(epochs done, training loss)` within epochs.
        epochs: One record per epoch: epoch, train_mse or train_log_loss, validation scores, seconds, best.
        loss: What the run minimises.
        every: One in how many step events is kept.
    """

    offset: int = 0
    loss: Metric = field(default_factory=lambda: loss_metric("rating"))
    steps: list[tuple[float, float]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    every: int = 1
    seen: int = 0

    def absorb(self, events: list[dict[str, Any]], offset: int) -> None:
        """Adds new events. A run that was resumed repeats epochs: the later telling counts."""
        for event in events:
            self.loss = _loss(event) or self.loss
            match event.get("type"):
                case "step" if _are_numbers(event.get(self._train), event.get("progress")):
                    progress = float(event["progress"])
                    while self.steps and self.steps[-1][0] >= progress:
                        self.steps.pop()
                    if self.seen % self.every == 0:
                        self.steps.append((progress, float(event[self._train])))
                    self.seen += 1
                case "epoch" if self._is_epoch(event):
                    self.epochs = [old for old in self.epochs if old["epoch"] < event["epoch"]] + [event]
        if len(self.steps) > MOST_POINTS:
            self.steps, self.every = self.steps[::2], self.every * 2
        self.offset = offset

    def training(self) -> list[tuple[float, float]]:
        """Epochs done (fractional) and the loss there: within epochs, or at their ends if no steps were told."""
        return self.steps or [(float(record["epoch"]), float(record[self._train])) for record in self.epochs]

    def validation(self) -> list[tuple[float, float]]:
        """Epochs done and the loss on validation ratings there."""
        return [(float(record["epoch"]), float(record["validation"][self.loss.name])) for record in self.epochs]

    @property
    def _train(self) -> str:
        return f"train_{self.loss.name}"

    def _is_epoch(self, event: dict[str, Any]) -> bool:
        """Whether an event tells of an epoch all that a chart needs; a person may have edited the file."""
        validation = event.get("validation")
        loss = validation.get(self.loss.name) if isinstance(validation, dict) else None
        return _are_numbers(event.get("epoch"), event.get(self._train), loss) and type(event["epoch"]) is int


def _loss(event: dict[str, Any]) -> Metric | None:
    """What the run of an event minimises; None if it does not tell."""
    losses = (loss_metric(target) for target in TARGETS)
    return next((loss for loss in losses if f"train_{loss.name}" in event), None)


def _are_numbers(*values: Any) -> bool:
    return all(type(value) in (int, float) and 0 <= value < _LARGEST for value in values)
