"""A run's folder: what one experiment was, how it went, and what it learned. The only door to its files."""

import contextlib
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dcn_core import __version__
from dcn_core.config.features import FeatureSpec
from dcn_core.config.run import RunConfig, parse_config
from dcn_core.data.encoder import Encoder
from dcn_core.errors import RunError
from dcn_core.files import is_disk_full, overwrite_json, read_json, write_atomic, write_json
from dcn_core.runs import lock
from dcn_core.runs.events import append_event, read_events
from dcn_core.runs.log import FILE, Entry, Level, append_log, read_log
from dcn_core.runs.result import result_problem
from dcn_core.runs.status import Status
from dcn_core.runs.texts import tidy

SCHEMA = 1
"""Version of the folder's layout, written into run.json."""
RESULT_FILES = ("result.json", "encoder.json", "weights.npz", "insight.npz", "model.onnx")
"""What a finished run must hold to be asked."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run.

    `run.json` and a queued status exist from the start; the results only in a finished run, whose status is
    written after all of them.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, config: RunConfig, name: str, **more: Any) -> "RunFolder":
        """Makes the folder of a new, queued run. The parent must exist; the folder must not.

        Args:
            path: Where.
            config: The experiment.
            name: Plain text.
            **more: Further entries of `run.json`.
        """
        run = cls(path)
        path.mkdir()
        record = {"schema": SCHEMA, "version": __version__, "name": name, "created": time.time()}
        try:
            write_json(path / "run.json", record | more | {"config": config.model_dump(mode="json")})
            run.set_status(Status(state="queued", epochs=config.train.epochs))
        except OSError:
            shutil.rmtree(path, ignore_errors=True)  # half a run would be listed as a damaged one
            raise
        return run

    @property
    def id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    @property
    def film(self) -> Path:
        """Folder of the snapshots that were taken while it trained."""
        return self.path / "film"

    def record(self) -> dict[str, Any]:
        """What `run.json` says: schema, name, creation time, fingerprint, config as plain values.

        Raises:
            RunError: The file is missing, damaged, or from a newer version.
        """
        record = read_json(self.path / "run.json")
        if not isinstance(record, dict) or not isinstance(record.get("config"), dict):
            raise RunError(f"expected a run record in {self.id}/run.json. Received something else.")
        if record.get("schema") != SCHEMA:
            raise RunError(f"expected schema {SCHEMA} in {self.id}/run.json. Received: {record.get('schema')!r}.")
        return record

    def update_record(self, **values: Any) -> None:
        """Replaces some entries of `run.json`. The worker and a person may do so at the same time.

        Raises:
            RunError: The file cannot be read or written.
        """
        try:
            with lock.hold(self.path, patience_s=10.0):  # others write for milliseconds, or longer on a busy disk
                write_json(self.path / "run.json", self.record() | values)
        except OSError as error:
            raise RunError(f"run {self.id} cannot be changed: {error.strerror}. Its folder must be writable.") from None

    def name(self, record: Mapping[str, Any] | None = None) -> str:
        """The run's name, a plain text that a person may have chosen; of its `record`, if that was read already."""
        return tidy("name", str((record or self.record()).get("name", ""))) or self.id

    def config(self) -> RunConfig:
        """The run's whole experiment."""
        return parse_config(self.record()["config"])

    def check_ratings(self, fingerprint: str) -> None:
        """Checks that ratings with this fingerprint are those that it learned from; a run that does not tell takes any.

        Raises:
            RunError: They are others.
        """
        if self.record().get("data") not in (None, fingerprint):
            raise RunError(
                f"this needs the data that run {self.id} learned from. Received: others, for its source has changed since. Put "
                "the former file back, or train again."
            )

    def status(self) -> Status:
        """Where the run stands, by what is true of its folder, whatever its status file says.

        A run whose worker has vanished is interrupted; one that says it has finished but lacks a file is not finished.
        """
        status = self._settled_status()
        if status.active and not self.is_locked():
            status = self._settled_status()  # it may have finished between the two looks
            if status.active:
                return replace(status, state="interrupted", message=self._why_vanished())
        if status.finished and (missing := self.missing_files()):
            text = f"Files of this run are missing: {', '.join(missing)}."
            return self._unfinished(status, text, "Resume to write them again from its checkpoint.")
        return status

    def written_status(self) -> Status:
        """What the status file says, be it true or not."""
        try:
            return Status.from_json(read_json(self.path / "status.json"))
        except RunError as error:
            return Status(state="failed", message=str(error), damaged=True)

    def _settled_status(self) -> Status:
        """What the status file says; where it is damaged, what the other files say."""
        status = self.written_status()
        if not status.damaged:
            return status
        if not self.missing_files():  # results are written before the status that says so
            return Status(state="done")
        return self._unfinished(status, status.message, "Resume to go on from the last checkpoint.")

    def _unfinished(self, status: Status, text: str, advice: str) -> Status:
        if self.has_checkpoint():
            return replace(status, state="interrupted", message=f"{text} {advice}", damaged=False)
        return replace(status, state="failed", message=f"{text} Train it again.", damaged=False)

    def _why_vanished(self) -> str:
        if is_disk_full(OSError(), self.path):
            return "The disk is full. Free some space, then resume to go on from the last checkpoint."
        return "The training process ended unexpectedly. Resume to go on from the last checkpoint."

    def missing_files(self) -> list[str]:
        """Files that a finished run needs and this folder lacks."""
        try:
            present = {path.name for path in self.path.iterdir()}
        except OSError:
            present = set()
        return [name for name in RESULT_FILES if name not in present]

    def has_checkpoint(self) -> bool:
        """Whether training can go on from where it was."""
        return (self.path / "checkpoint" / "checkpoint.json").exists()

    def set_status(self, status: Status) -> None:
        """Writes the status, stamped with the time of now. On a full disk it takes the room of the one before."""
        values = replace(status, updated=time.time()).plain()
        path = self.path / "status.json"
        try:
            write_json(path, values, durable=not status.active)  # active ones change many times a second
        except OSError as error:
            if status.active or not is_disk_full(error, self.path):
                raise
            overwrite_json(path, values)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the run for the process that works on it; the system frees it however that process ends.

        Raises:
            RunError: Another process holds it, or the folder cannot be written.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock.hold(self.path / "worker.lock"))
            except BlockingIOError:
                raise RunError(f"run {self.id} is already being worked on by another process.") from None
            except OSError as error:
                raise RunError(f"the folder of run {self.id} must be writable. {error.strerror}.") from None
            yield

    def is_locked(self) -> bool:
        """Whether a process is working on the run."""
        return lock.is_held(self.path / "worker.lock")

    def append_event(self, event: Mapping[str, Any]) -> None:
        """Adds one line to `events.jsonl`, stamped with the time of now."""
        append_event(self.path / "events.jsonl", {**event, "time": time.time()})

    def events(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Returns the events from byte `offset` on, and the offset to go on from. A torn last line is left for later."""
        return read_events(self.path / "events.jsonl", offset)

    def result(self) -> dict[str, Any] | None:
        """Scores, parameters and timing of a finished run; None before.

        Raises:
            RunError: The file is damaged.
        """
        path = self.path / "result.json"
        if not path.exists():
            return None
        result = read_json(path)
        if problem := result_problem(result):
            raise RunError(f"expected {problem} in {self.id}/result.json. Received something else.")
        return dict(result)

    def save_result(self, result: Mapping[str, Any]) -> None:
        """Writes `result.json` in one step."""
        write_json(self.path / "result.json", result)

    def save_arrays(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Writes named arrays to `<name>.npz` in one step."""
        write_atomic(self.path / f"{name}.npz", lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]

    def weights(self) -> dict[str, np.ndarray]:
        """The kept weights by name, for instance `cross_0/W`."""
        return self._arrays("weights")

    def insight(self) -> dict[str, np.ndarray]:
        """What was computed of the trained network, see `dcn_core.insight.interactions`."""
        return self._arrays("insight")

    def _arrays(self, name: str) -> dict[str, np.ndarray]:
        try:
            # Opened here, as NumPy leaves a damaged file open.
            with (self.path / f"{name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
                return {key: archive[key] for key in archive.files}
        except FileNotFoundError:
            raise RunError(
                f"run {self.id} has no {name}.npz: it has not finished. Train it to the end first."
            ) from None
        except Exception as error:  # zipfile, zlib, struct and NumPy raise a dozen kinds on damaged bytes
            raise RunError(f"expected named arrays in {self.id}/{name}.npz. It cannot be read: {error}") from None

    def encoder(self) -> Encoder:
        """The encoder that was fitted on the run's training rows."""
        return Encoder.load(self.path / "encoder.json")

    def specs(self) -> tuple[FeatureSpec, ...]:
        """The model's input features."""
        return self.encoder().specs

    def log(self, level: Level, message: str, error: BaseException | None = None) -> None:
        """Adds a line to the run's log, see `dcn_core.runs.log`. What libraries print is in `worker.log`."""
        append_log(self.path / FILE, level, message, error)

    def log_entries(self, last: int = 100) -> list[Entry]:
        """The last lines of the run's log, oldest first."""
        return read_log(self.path / FILE, last)
