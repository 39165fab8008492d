"""The player of the playground's own trainer, as a run calls it: `python -m benchmarks.ours TASK STEPS CACHE`."""

import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.task import Task
from benchmarks.turns import Turns
from dcn_core.data.splits import Split
from dcn_core.training.setup import configure_tensorflow, threads_for, use_threads


class EpochClock:
    """Takes one turn for each epoch of a training, from its shuffle to the end of its validation."""

    def __init__(self, turns: Turns, share: float) -> None:
        self._turns, self._share = turns, share
        self._turns.wait()
        self._begin = self._trained = time.perf_counter()

    def on_event(self, event: dict[str, Any]) -> None:
        """Follows the trainer's events."""
        now = time.perf_counter()
        if event["type"] == "step":
            self._trained = now
        elif event["type"] == "epoch":
            self._turns.answer(
                train_s=self._trained - self._begin,
                validation_s=now - self._trained,
                share=self._share,
                train_mse=event["train_mse"],
                validation_mse=event["validation"]["mse"],
            )
            self._turns.wait()
            self._begin = self._trained = time.perf_counter()


def main() -> None:
    """Plays."""
    turns, task = Turns(), Task.load(Path(sys.argv[1]))
    configure_tensorflow(Path(sys.argv[3]))
    from dcn_core.training.trainer import train

    *rows, share = task.part(int(sys.argv[2]))
    use_threads(threads_for(task.config, task.specs))
    split = Split(*rows, task.split.test[:0])
    train(task.config, task.data, split, task.specs, on_event=EpochClock(turns, share).on_event)


if __name__ == "__main__":
    main()
