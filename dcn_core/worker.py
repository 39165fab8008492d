"""The process that trains: `python -m dcn_core.worker`, one run in its life.

It loads TensorFlow, then reads from standard input: first the run folder's path, then control lines (`pause`,
`resume`, `stop`). The end of the input means that the server is gone: save a checkpoint and leave.
"""

import contextlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dcn_core.data.cache import cache_folder
from dcn_core.errors import PlaygroundError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.process import RUN_IS_TAKEN
from dcn_core.runs.status import Status
from dcn_core.training.setup import configure_tensorflow, warm_up

Control = Callable[[], str | None]


def main() -> int:
    """Trains the run that standard input names. Returns the exit code."""
    configure_tensorflow(cache_folder())
    warm_up()  # loading TensorFlow takes seconds: while nobody waits
    path = sys.stdin.readline().strip()
    if not path:
        return 0
    run = RunFolder(Path(path))
    log = os.open(run.path / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: lines.put("interrupt"))

    def control() -> str | None:
        with contextlib.suppress(queue.Empty):
            return lines.get_nowait()
        return None

    try:
        with run.lock():
            execute(run, control)
    except PlaygroundError as error:
        print(error, file=sys.stderr)  # noqa: T201  standard error is the run's log
        return RUN_IS_TAKEN
    return 0


def _read_lines(lines: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        lines.put(line.strip())
    lines.put("interrupt")


def execute(run: RunFolder, control: Control) -> None:
    """Trains a run from its config to its exported model, or to a status that says why not.

    Args:
        run: A run whose lock this process holds.
        control: Polled during training; returns "pause", "resume", "stop", "interrupt" or None.
    """
    progress = Progress(run)
    try:
        _execute(run, control, progress)
    except PlaygroundError as error:
        run.append_event({"type": "error", "message": str(error)})
        progress.set(state="failed", message=str(error))
    except MemoryError:
        progress.set(
            state="failed", message="The machine ran out of memory. Take fewer ratings, a smaller model or batch."
        )
    except OSError as error:
        traceback.print_exc()
        with contextlib.suppress(OSError):
            progress.set(
                state="failed", message=f"The run's files could not be written or read: {error.strerror or error}."
            )
    except Exception:
        traceback.print_exc()
        progress.set(
            state="failed",
            message="Training failed for a reason this program did not foresee. Its log has the details.",
        )


def _execute(run: RunFolder, control: Control, progress: "Progress") -> None:
    from dcn_core.data.encoder import Encoder, encode
    from dcn_core.data.sources import load_dataset
    from dcn_core.data.splits import split_rows
    from dcn_core.insight.interactions import SAMPLE_ROWS, interactions
    from dcn_core.model.export import export_model
    from dcn_core.training.trainer import train

    started = time.perf_counter()
    config = run.config()
    progress.set(state="preparing", epochs=config.train.epochs)
    run.append_event({"type": "phase", "phase": "preparing"})
    dataset = load_dataset(config.data)
    split = split_rows(dataset, config.data)
    encoder = Encoder.fit(dataset, split.train, config.data.features)
    encoder.save(run.path / "encoder.json")
    data = encode(dataset, encoder)
    run.update_record(fingerprint=config.fingerprint(dataset.fingerprint), data=dataset.fingerprint)
    prepare_s = time.perf_counter() - started

    result = train(
        config,
        data,
        split,
        encoder.specs,
        on_event=progress.on_event,
        control=control,
        checkpoint_dir=run.path / "checkpoint",
    )
    if result.stopped_by == "interrupt":
        progress.set(state="interrupted", message="Training was interrupted. Resume to go on from the last checkpoint.")
        return

    progress.set(state="finishing")
    run.append_event({"type": "phase", "phase": "finishing"})
    export_model(result.model, run.path)
    weights = run.weights()
    sample = split.validation[:: max(1, len(split.validation) // SAMPLE_ROWS)][:SAMPLE_ROWS]
    run.save_arrays("insight", interactions(config.model, encoder.specs, weights, data.inputs(sample)).arrays())
    run.save_result(
        {
            "run": run.id,
            "name": run.name(),
            "scores": result.scores,
            "parameters": result.model.count_params(),
            "best_epoch": result.best_epoch,
            "epochs_run": len(result.epoch_s),
            "timing": {
                "prepare_s": prepare_s,
                "compile_s": result.compile_s,
                "epoch_s": result.epoch_s,
                "total_s": time.perf_counter() - started,
            },
            "stopped_by": result.stopped_by,
        },
    )
    run.append_event({"type": "done", "scores": result.scores, "best_epoch": result.best_epoch})
    progress.set(state="stopped" if result.stopped_by == "user" else "done", eta_s=0.0)


class Progress:
    """Writes what the trainer reports into the run's events and status."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._values: dict[str, Any] = {"state": "preparing"}

    def set(self, **values: Any) -> None:
        """Changes some fields of the status and writes it."""
        self._values = self._values | {"message": ""} | values
        self._run.set_status(Status(**self._values | {"pid": os.getpid()}))

    def on_event(self, event: dict[str, Any]) -> None:
        """Appends a trainer's event, and takes over into the status what belongs there."""
        self._run.append_event(event)
        status: dict[str, Any] = {
            key: event[key] for key in ("step", "steps", "eta_s", "examples_per_second") if key in event
        }
        if event["type"] == "phase":
            status["state"] = event["phase"]
        if event["type"] == "epoch":
            status["epoch"] = event["epoch"]
        self.set(**status)


if __name__ == "__main__":
    sys.exit(main())
