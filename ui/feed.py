"""What is told of one run, for all who watch it: its events are read once, its curve is made once for each piece of news."""

import threading
from collections.abc import Sequence
from typing import Any

from dcn_core.coach import Epoch, epochs_of
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status
from ui.curve import Points, learning_curve
from ui.history import History


class Feed:
    """Reads a run's events on from where they were read before, whoever asks.

    Args:
        run: The run.
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._history = History()
        self._curves: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def curve(
        self, status: Status, references: dict[str, float], siblings: Sequence[Points] = ()
    ) -> dict[str, Any] | None:
        """Returns the learning curve as an ECharts option that must not be changed; None before a run has begun.

        Args:
            status: Where the run stands.
            references: Levels to compare with, see `learning_curve`.
            siblings: Validation points of other seeds, likewise.
        """
        with self._lock:
            self._read_on()
            history = self._history
            if not (history.steps or history.epochs or status.waiting_or_active):
                return None
            last = max((record["epoch"] for record in history.epochs), default=0)
            wanted = (
                last if status.finished and last else status.epochs,
                tuple(references.items()),
                tuple(map(tuple, siblings)),
            )
            if wanted not in self._curves:
                self._curves[wanted] = learning_curve(history, wanted[0], references, siblings)
            return self._curves[wanted]

    def epochs(self) -> list[Epoch]:
        """The errors of each epoch that was told when the curve was last asked for."""
        with self._lock:
            return epochs_of(self._history.epochs)

    def validation(self) -> list[tuple[float, float]]:
        """Epochs done and the error on validation ratings there."""
        with self._lock:
            self._read_on()
            return self._history.validation()

    def _read_on(self) -> None:
        events, offset = self._run.events(self._history.offset)
        if events:
            self._history.absorb(events, offset)
            self._curves.clear()
