"""Trains one run: epochs, validation, early stopping, control by the user, and going on after an interruption."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dcn_core.config.features import FeatureSpec
from dcn_core.config.metrics import loss_metric, monitored
from dcn_core.config.run import RunConfig
from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.errors import RunError, TrainingError
from dcn_core.model.builder import build_model, raw_model
from dcn_core.training.checkpoint import load_checkpoint, save_checkpoint
from dcn_core.training.loop import CompiledLoop
from dcn_core.training.metrics import log_odds, scores
from dcn_core.training.optimizers import make_optimizer
from dcn_core.training.pace import Pace, Stopwatch
from dcn_core.training.reel import Reel
from dcn_core.training.resident import EpochOrders, ResidentData
from dcn_core.training.result import Progress, StoppedBy, TrainResult

SECONDS_BETWEEN_CHECKPOINTS = 2.0
"""A short epoch is not worth a checkpoint of its own: it is trained again sooner than it is written."""
SECONDS_BETWEEN_POLLS = 0.1
MOST_START_RATINGS = 4_096
"""Ratings, spread over the training ones, that tell the error before the first step."""


def train(
    config: RunConfig,
    data: EncodedData,
    split: Split,
    specs: Sequence[FeatureSpec],
    on_event: Callable[[dict[str, Any]], None] | None = None,
    control: Callable[[], str | None] | None = None,
    checkpoint_dir: Path | None = None,
    jit: bool = True,
    reel: Reel | None = None,
    on_traced: Callable[[keras.Model], None] | None = None,
) -> TrainResult:
    """Trains the network of a config and returns it with the best weights and their scores.

    The same config on the same data and machine gives the same weights bit for bit, also after an interruption.

    Args:
        config: Model and training; of `config.data` only the target is read.
        data: The encoded ratings, or likes.
        split: Rows for training, validation and test. The test rows are looked at once, at the end.
        specs: The features that the model sees.
        on_event: Called with the events `phase` (compiling, training, paused), `step` and `epoch`.
        control: Polled several times a second; returns "pause", "resume", "stop", "interrupt" or None.
        checkpoint_dir: Where the state is saved, and from where it goes on if there is one.
        jit: Whether XLA compiles the loop.
        reel: Where snapshots of the network are taken on the way.
        on_traced: Called with the network after the first epoch, if another follows: all programs of the training are traced
            by then, so another thread may trace what it likes. (What is traced before them decides what the cache finds.)

    Raises:
        TrainingError: The error is no number any more, or there is nothing to train or validate on.
        RunError: The checkpoint is damaged or belongs to another run.
    """
    on_event = on_event or (lambda _: None)
    return _Training(config, data, split, specs, on_event, control, checkpoint_dir, jit, reel, on_traced).run()


class _Training:
    def __init__(
        self,
        config: RunConfig,
        data: EncodedData,
        split: Split,
        specs: Sequence[FeatureSpec],
        on_event: Callable[[dict[str, Any]], None],
        control: Callable[[], str | None] | None,
        checkpoint_dir: Path | None,
        jit: bool,
        reel: Reel | None,
        on_traced: Callable[[keras.Model], None] | None,
    ) -> None:
        for name in ("train", "validation"):
            if not len(getattr(split, name)):
                raise TrainingError(
                    f"training needs at least one {name} rating. Received none. Change the split or take more ratings."
                )
        self._started = time.perf_counter()
        self._config, self._data, self._split = config.train, data, split
        self._names = [spec.name for spec in specs]
        self._on_event, self._control, self._folder, self._reel = on_event, control, checkpoint_dir, reel
        self._on_traced = on_traced
        self._train_rows = np.asarray(split.train, np.int32)
        self._batch_size = min(config.train.batch_size, len(self._train_rows))
        self._steps = -(-len(self._train_rows) // self._batch_size)
        self._orders = EpochOrders(self._train_rows, config.train.seed, config.train.epochs)
        self._pace = Pace(self._steps, self._batch_size)
        self._progress = Progress()
        self._best: list[np.ndarray] = []
        self._saved_at = -math.inf
        self._evaluation_seconds = 0.0
        self._target = config.data.target
        self._loss, self._monitor = loss_metric(self._target), monitored(self._target, config.train.monitor)
        self._belongs_to = config.model_dump(mode="json", include={"model", "train"}) | {
            "rows": [len(part) for part in split]
        }
        mean = float(data.rating[split.train].mean(dtype=np.float64))
        start = log_odds(mean) if self._target == "like" else mean
        self._model = build_model(config.model, specs, start, config.train.seed, self._target)
        self._loop = CompiledLoop(
            self._model,
            make_optimizer(config.train, config.train.epochs * self._steps),
            ResidentData(data, specs),
            num_rows=len(self._train_rows),
            batch_size=self._batch_size,
            evaluation_rows=max(len(split.validation), len(split.test)),
            id_dropout=config.model.id_dropout,
            seed=config.train.seed,
            target=self._target,
            label_smoothing=config.train.label_smoothing,
            jit=jit,
        )

    def run(self) -> TrainResult:
        """Trains to the end, or to an interruption."""
        self._load()
        self._on_event({"type": "phase", "phase": "compiling"})
        if not self._progress.history and not self._progress.step:
            self._report_start()
        watch = Stopwatch()
        self._loop.compile()
        self._progress.compile_s += watch.seconds
        if self._reel is not None:
            self._reel.rewind(self._progress.epoch - 1 if self._progress.step or self._progress.history else -1)
            if (self._progress.epoch, self._progress.step) == (1, 0):
                self._reel.take(0, self._loop.named_values)
        self._on_event({"type": "phase", "phase": "training"})
        while self._progress.stopped_by is None:
            if not self._train_epoch():
                return self._result({}, "interrupt")
            if self._on_traced and self._progress.stopped_by is None:
                self._on_traced(self._model)
                self._on_traced = None
        self._loop.restore(self._best)
        found: dict[str, dict[str, float] | None] = {
            "validation": self._progress.history[self._progress.best_epoch - 1]["validation"],
            "test": self._loop.evaluate(self._split.test) if len(self._split.test) else None,
        }
        return self._result(found, self._progress.stopped_by)

    def _report_start(self) -> None:
        """Reports the error before any step, which needs no compiled program: the curve begins while that is made."""
        count = len(self._train_rows)
        rows = self._train_rows[:: -(-count // MOST_START_RATINGS)]
        inputs = self._data.inputs(rows)
        output = raw_model(self._model)({name: inputs[name] for name in self._names}, training=False).numpy()[:, 0]
        self._report_step(0, scores(self._target, output, self._data.rating[rows])[self._loss.name])

    def _train_epoch(self) -> bool:
        """Trains what is left of an epoch and validates it. False if it was interrupted."""
        progress = self._progress
        order = tf.constant(self._orders[progress.epoch])
        watch = Stopwatch(progress.epoch_seconds)
        command = None
        while progress.step < self._steps and command is None:
            self._train_call(order)
            self._loop.compile_evaluation()
            command = self._poll(watch)
            progress.epoch_seconds = watch.seconds
        if command == "interrupt":
            self._save()
            return False
        self._validate(order, watch, stopped=command == "stop")
        if progress.stopped_by is None and (command := self._poll(watch)) == "stop":
            progress.stopped_by = "user"
        if self._reel is not None:
            last = progress.stopped_by is not None
            self._reel.take(progress.epoch - 1, self._loop.named_values, progress.best_epoch, last)
        is_due = time.perf_counter() - self._saved_at >= SECONDS_BETWEEN_CHECKPOINTS
        if command == "interrupt" or progress.stopped_by or is_due:
            self._save()
        return command != "interrupt"

    def _train_call(self, order: Any) -> None:
        """Calls the compiled loop once and reports."""
        progress = self._progress
        num_steps = self._pace.next_steps(self._steps - progress.step)
        begin = time.perf_counter()
        loss = self._loop.run(order, progress.step, num_steps)
        self._pace.record(num_steps, time.perf_counter() - begin)
        if not math.isfinite(loss):
            self._fail("training")
        progress.step += num_steps
        progress.loss += loss
        done = (progress.epoch - 1) * self._steps + progress.step
        self._report_step(done, loss / (num_steps * self._batch_size))

    def _report_step(self, done: int, train_loss: float) -> None:
        """Reports the mean loss of the last call, when `done` steps of the whole training are done."""
        epoch, epochs = self._progress.epoch, self._config.epochs
        seconds_left = (epochs * self._steps - done) * self._pace.seconds_per_step
        seconds_left += (epochs - epoch + 1) * self._evaluation_seconds
        self._on_event(
            {
                "type": "step",
                "epoch": epoch,
                "step": done,
                "steps": epochs * self._steps,
                "progress": done / self._steps,
                f"train_{self._loss.name}": train_loss,
                "examples_per_second": self._pace.examples_per_second,
                "eta_s": seconds_left if done else None,
            }
        )

    def _validate(self, order: Any, watch: Stopwatch, stopped: bool) -> None:
        """Ends an epoch: its scores, the best weights, and whether to go on."""
        progress = self._progress
        watch.hold()
        progress.compile_s += self._loop.wait_for_evaluation()
        watch.go()
        begin = time.perf_counter()
        self._loop.measure_statistics(order)
        found = self._loop.evaluate(self._split.validation)
        self._evaluation_seconds = time.perf_counter() - begin
        if not math.isfinite(found[self._loss.name]):
            self._fail("validation")
        value = found[self._monitor.name]
        is_best = progress.best is None or self._monitor.is_better(value, progress.best)
        if is_best:
            progress.best, progress.best_epoch = value, progress.epoch
            self._best = self._loop.snapshot()
        entry = {
            "epoch": progress.epoch,
            f"train_{self._loss.name}": progress.loss / (progress.step * self._batch_size),
            "validation": found,
            "seconds": watch.seconds,
            "best": is_best,
        }
        progress.history.append(entry)
        if stopped:
            progress.stopped_by = "user"
        elif progress.epoch - progress.best_epoch >= self._config.patience:
            progress.stopped_by = "patience"
        elif progress.epoch == self._config.epochs:
            progress.stopped_by = "epochs"
        progress.epoch, progress.step, progress.loss, progress.epoch_seconds = progress.epoch + 1, 0, 0.0, 0.0
        self._on_event({"type": "epoch", **entry})

    def _poll(self, watch: Stopwatch) -> str | None:
        """Returns "stop", "interrupt" or None; a pause lasts in here."""
        command = self._control() if self._control else None
        if command == "pause":
            watch.hold()
            self._on_event({"type": "phase", "phase": "paused"})
            while command not in ("resume", "stop", "interrupt"):
                time.sleep(SECONDS_BETWEEN_POLLS)
                command = self._control() if self._control else "resume"
            watch.go()
            if command != "interrupt":
                self._on_event({"type": "phase", "phase": "training"})
        return command if command in ("stop", "interrupt") else None

    def _fail(self, where: str) -> None:
        progress, train = self._progress, self._config
        raise TrainingError(
            f"the {where} error must stay a finite number, but it overflowed in epoch {progress.epoch} after step "
            f"{progress.step}: training diverged. Lower the learning rate (now {train.learning_rate:g}), for instance to "
            f"{train.learning_rate / 10:g}, or set a gradient clip of 10 (now {train.gradient_clip_norm:g})."
        )

    def _save(self) -> None:
        if self._folder is None:
            return
        variables = [variable.value.numpy() for variable in self._loop.variables]
        record = asdict(self._progress) | {"belongs_to": self._belongs_to}
        save_checkpoint(self._folder, record, {"variables": variables, "best": self._best})
        self._saved_at = time.perf_counter()

    def _load(self) -> None:
        """Goes back to the checkpoint, if there is one."""
        checkpoint = load_checkpoint(self._folder) if self._folder else None
        if checkpoint is None:
            return
        record, arrays = checkpoint
        if record.pop("belongs_to", None) != self._belongs_to:
            raise RunError(
                "the checkpoint must belong to this run's model, training and data. It is of another one. Delete the "
                "folder `checkpoint` of this run to train it from the start."
            )
        try:
            self._progress = Progress(**record)
            self._best = arrays.get("best", [])
            for variable, value in zip(self._loop.variables, arrays["variables"], strict=True):
                variable.assign(value)
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(
                f"the checkpoint must hold this network's variables. It does not: {error}. Delete the folder `checkpoint` of "
                "this run to train it from the start."
            ) from None

    def _result(self, found: dict[str, dict[str, float] | None], stopped_by: StoppedBy) -> TrainResult:
        progress = self._progress
        return TrainResult(
            model=self._model,
            scores=found,
            history=progress.history,
            best_epoch=progress.best_epoch,
            stopped_by=stopped_by,
            compile_s=progress.compile_s,
            epoch_s=[entry["seconds"] for entry in progress.history],
            total_s=time.perf_counter() - self._started,
        )
