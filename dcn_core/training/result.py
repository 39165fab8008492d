"""What a training found, and where one stands that is not over."""

from dataclasses import dataclass, field
from typing import Any, Literal

import keras

StoppedBy = Literal["epochs", "patience", "user", "interrupt"]


@dataclass(frozen=True)
class TrainResult:
    """What training found.

    Attributes:
        model: The network with the kept weights: those of the epoch with the best validation score.
        scores: Scores of the kept weights by metric, `{"validation": {"mse", "rmse", "mae"}, "test": {...} or None}`, for
            likes those of likes. Empty after an interruption.
        history: One entry an epoch: epoch, train_mse (for likes train_log_loss), validation, seconds, best.
        best_epoch: Epoch of the kept weights, from 1.
        stopped_by: Why training ended. After "interrupt" it can go on from its checkpoint.
        compile_s: Seconds of compilation, of all processes that took part.
        epoch_s: Seconds of each epoch, validation included and pauses not.
        total_s: Seconds of this call.
    """

    model: keras.Model
    scores: dict[str, dict[str, float] | None]
    history: list[dict[str, Any]]
    best_epoch: int
    stopped_by: StoppedBy
    compile_s: float
    epoch_s: list[float]
    total_s: float


@dataclass
class Progress:
    """Where a training stands; all that a checkpoint holds beside arrays."""

    epoch: int = 1  # the one being trained, from 1
    step: int = 0  # steps done of it
    loss: float = 0.0  # sum of the losses of these steps
    epoch_seconds: float = 0.0
    best_epoch: int = 0
    best: float | None = None  # validation score of the best epoch
    compile_s: float = 0.0
    stopped_by: StoppedBy | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
