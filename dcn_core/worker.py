"""The process that trains: `python -m dcn_core.worker FOLDER`, one run in its life; temporary files go to that folder of its own.

It loads TensorFlow, then reads from standard input: first the run folder's path, then control lines (`pause`,
`resume`, `stop`). The end of the input means that the server is gone: save a checkpoint and leave.
"""

import contextlib
import hashlib
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcn_core.config.run import RunConfig
from dcn_core.data.cache import cache_folder
from dcn_core.errors import PlaygroundError
from dcn_core.files import is_disk_full
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.limits import LESS_MEMORY, Demand, Limits
from dcn_core.runs.memory import watched_memory
from dcn_core.runs.process import RUN_IS_TAKEN
from dcn_core.runs.progress import Progress
from dcn_core.training.setup import configure_tensorflow, leave, threads_for, use_threads, warm_up

if TYPE_CHECKING:
    from dcn_core.insight.report import Subject

Control = Callable[[], str | None]
GRACE_S = 2.5
"""Seconds to leave in once the server is gone. What is not polled, such as compiling, is broken off then; the checkpoint
before stays whole."""


def main(temporary: str) -> int:
    """Trains the run that standard input names, and begins its report. Returns the exit code.

    Args:
        temporary: Folder for temporary files, which is removed at the end: TensorFlow leaves a file for each function.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the server
    tempfile.tempdir = temporary
    try:
        return _work()
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _work() -> int:
    configure_tensorflow(cache_folder())
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()
    warm_up()  # loading TensorFlow takes seconds: while nobody waits
    from dcn_core.study import begin_report

    path = lines.get()
    if path == "interrupt":
        return 0
    run = RunFolder(Path(path))
    with contextlib.suppress(OSError):  # a read-only folder is said by the lock
        log = os.open(run.path / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, sys.stdout.fileno())
        os.dup2(log, sys.stderr.fileno())
    signal.signal(signal.SIGTERM, lambda *_: lines.put("interrupt"))

    def control() -> str | None:
        with contextlib.suppress(queue.Empty):
            return lines.get_nowait()
        return None

    try:
        with run.lock():
            if run.status().state != "queued":  # another server was faster, or it was cancelled
                return RUN_IS_TAKEN
            subject = execute(run, control)
            code = 1 if run.status().active else 0  # 1: its last word could not be written
    except PlaygroundError as error:
        print(error, file=sys.stderr)  # noqa: T201  standard error is the run's log
        return RUN_IS_TAKEN
    if subject is not None:
        begin_report(run, subject)
    return code


def _read_lines(lines: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        lines.put(line.strip())
    lines.put("interrupt")
    time.sleep(GRACE_S)
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os._exit(1)


def execute(run: RunFolder, control: Control, limits: Limits | None = None) -> "Subject | None":
    """Trains a run from its config to its exported model, or to a status that says why not.

    Args:
        run: A run whose lock this process holds.
        control: Polled during training; returns "pause", "resume", "stop", "interrupt" or None.
        limits: What the operator allows; None for what the environment says.

    Returns:
        The trained network and its ratings, to report on; None if there is no trained network.
    """
    progress = Progress(run)
    try:
        allowed = limits or Limits.from_environment()

        def give_up(used_mb: float) -> None:
            _end(run, progress, "failed", allowed.out_of_memory(used_mb))
            print(allowed.out_of_memory(used_mb), file=sys.stderr, flush=True)  # noqa: T201  for a shell
            os._exit(1)  # the thread that takes the memory cannot be interrupted

        with watched_memory(allowed.memory_mb, give_up):
            return _execute(run, control, progress, allowed)
    except PlaygroundError as error:
        _end(run, progress, "failed", str(error))
    except MemoryError as error:
        _end(run, progress, "failed", f"The machine ran out of memory. {LESS_MEMORY}", error)
    except OSError as error:
        if is_disk_full(error, run.path):
            advice = "Free some space, then resume to go on from the last checkpoint."
            _end(run, progress, "interrupted", f"The disk is full. {advice}", error)
        else:
            reason = f"The run's files could not be written or read: {error.strerror or error}."
            _end(run, progress, "failed", reason, error)
    except Exception as error:
        if type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's own
            _end(run, progress, "failed", f"The machine ran out of memory. {LESS_MEMORY}", error)
        else:
            reason = "Training failed for a reason this program did not foresee. Its log has the details."
            _end(run, progress, "failed", reason, error)
    return None


def _end(run: RunFolder, progress: Progress, state: str, message: str, error: BaseException | None = None) -> None:
    """Says how the run ended, as far as its folder still takes it."""
    run.log("error", message, error)
    with contextlib.suppress(OSError):
        run.append_event({"type": "error", "message": message})
    with contextlib.suppress(OSError):
        progress.end(state, message)


def _execute(run: RunFolder, control: Control, progress: Progress, limits: Limits) -> "Subject | None":
    from dcn_core.data.encoder import Encoder, encode
    from dcn_core.data.sources import load_dataset
    from dcn_core.data.splits import split_rows
    from dcn_core.insight.film import kept_rows
    from dcn_core.insight.interactions import interactions, sample_rows
    from dcn_core.insight.network import network_class
    from dcn_core.insight.report import Subject
    from dcn_core.model.cost import memory_mb, parameter_counts
    from dcn_core.model.export import Exporter
    from dcn_core.training.reel import Reel
    from dcn_core.training.trainer import train

    started = time.perf_counter()
    config = run.config()
    limits.check(config)
    progress.set(state="preparing", epochs=config.train.epochs)
    run.append_event({"type": "phase", "phase": "preparing"})
    run.log("info", f"Process {os.getpid()} begins.")
    _sweep(run)
    dataset = load_dataset(config.data)
    rows = len(dataset.ratings)
    limits.check(config, rows)
    split = split_rows(dataset, config.data)
    encoder = Encoder.fit(dataset, split.train, config.data.features)
    parameters = parameter_counts(config.model, encoder.specs)["total"]
    limits.check_all(config, Demand(rows, parameters, memory_mb(config, encoder.specs, rows)))
    run.log("info", f"{dataset.name}: {rows:,} ratings, a network of {parameters:,} weights.")
    encoder.save(run.path / "encoder.json")
    data = encode(dataset, encoder, config.data)
    run.update_record(fingerprint=_fingerprint(run, config, dataset.fingerprint), data=dataset.fingerprint)
    prepare_s = time.perf_counter() - started

    use_threads(threads_for(config, encoder.specs))
    reel = Reel(run.film, kept_rows(data, split, config.model, encoder.specs))
    exporter = Exporter()
    watched = Watched(control, progress, 60 * limits.max_minutes)
    result = train(
        config,
        data,
        split,
        encoder.specs,
        on_event=progress.on_event,
        control=watched,
        checkpoint_dir=run.path / "checkpoint",
        reel=reel,
        on_traced=exporter.begin,
    )
    if result.stopped_by == "interrupt":
        message = "Training was interrupted. Resume to go on from the last checkpoint."
        run.log("warning", message)
        progress.end("interrupted", message)
        return None

    progress.phase("finishing")
    exporter.finish(result.model, run.path)
    weights = run.weights()
    sample = data.inputs(sample_rows(split.validation))
    (run.path / "insight.json").unlink(missing_ok=True)  # a run that went on has another network now
    run.save_arrays("insight", interactions(config.model, encoder.specs, weights, sample).arrays())
    stopped_by = "limit" if watched.overtime and result.stopped_by == "user" else result.stopped_by
    if stopped_by in ("user", "limit"):
        run.update_record(fingerprint=None)  # it did not learn all that its config would have taught it
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
            "stopped_by": stopped_by,
        },
    )
    run.append_event({"type": "done", "scores": result.scores, "best_epoch": result.best_epoch})
    message = f"Stopped after {limits.max_minutes:g} minutes, the most that this server gives a run."
    state = "stopped" if stopped_by in ("user", "limit") else "done"
    run.log("info", message if stopped_by == "limit" else f"Finished: {state}.")
    progress.end(state, message if stopped_by == "limit" else "", eta_s=0.0)
    return Subject(
        config,
        dataset,
        split,
        encoder,
        data,
        network_class(config.data.target)(config.model, encoder.specs, weights),
        reel,
    )


def _fingerprint(run: RunFolder, config: RunConfig, data_fingerprint: str) -> str:
    """That of the config on its data; another one for a run that went on from a finished one in a way of its own."""
    fingerprint = config.fingerprint(data_fingerprint)
    record = run.record()
    if record.get("continues") and not record.get("as_if_never_stopped"):
        return hashlib.sha256(f"{fingerprint} {record['continues']} {run.id}".encode()).hexdigest()[:16]
    return fingerprint


def _sweep(run: RunFolder) -> None:
    """Removes half-written files that a killed worker has left."""
    for folder in (run.path, run.path / "checkpoint", run.film):
        for path in folder.glob(".*.*"):
            path.unlink(missing_ok=True)


class Watched:
    """A control that gives a sign of life whenever it is polled, and stops a run whose time is up.

    Args:
        control: The user's control.
        progress: Where signs of life go.
        seconds: Time of the run from now on; pauses count.
    """

    def __init__(self, control: Control, progress: Progress, seconds: float) -> None:
        self._control = control
        self._progress = progress
        self._deadline = time.monotonic() + seconds
        self.overtime = False

    def __call__(self) -> str | None:
        """Polls."""
        self._progress.beat()
        command: Any = self._control()
        if command is None and time.monotonic() >= self._deadline and not self.overtime:
            self.overtime = True
            return "stop"
        return command


if __name__ == "__main__":
    leave(main(sys.argv[1]))
