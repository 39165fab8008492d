"""Starts, queues and controls runs from a long-lived process such as the app's server."""

import contextlib
import threading
import time
from collections import deque
from dataclasses import replace

from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.runs.ending import settle, wait_for_end
from dcn_core.runs.executor import Executor, LocalExecutor, Worker
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.further import further_config
from dcn_core.runs.limits import Demand, Limits
from dcn_core.runs.process import Command
from dcn_core.runs.status import CANCELLED
from dcn_core.runs.store import RunStore

SILENCE_S = 120.0
CLOSE_S = 3.0


class Supervisor:
    """Hands queued runs to worker processes, `max_active` at a time, oldest first.

    All that matters is in the run folders: a supervisor that starts on them goes on with what is queued, and a run
    whose worker or supervisor was killed is seen as interrupted and can be resumed.

    Args:
        store: The runs.
        max_active: Runs that train at the same time. One uses all cores of a small machine.
        keep_warm: Whether to hold a worker ready that has loaded TensorFlow, which takes seconds.
        limits: What the operator allows; None for what the environment says.
        silence_s: Seconds without a sign of life after which a training worker is ended.
        executor: Where runs are trained; None for worker processes on this machine, as `max_active` and `keep_warm` say.
    """

    def __init__(
        self,
        store: RunStore,
        max_active: int = 1,
        keep_warm: bool = True,
        limits: Limits | None = None,
        silence_s: float = SILENCE_S,
        executor: Executor | None = None,
    ) -> None:
        self._store = RunStore(store.root.resolve())
        self._executor = executor or LocalExecutor(self._store.root, max_active, keep_warm)
        self._silence_s = silence_s
        self._lock = threading.Condition(threading.RLock())
        self._queue: deque[str] = deque()
        self._active: dict[str, Worker] = {}
        self._closed = False
        self.limits = limits or Limits.from_environment()
        self._store.trash.empty(self.limits.trash_days)
        self._queue.extend(run.id for run in reversed(self._store.list()) if run.state == "queued")
        self._dispatch()

    def start(
        self,
        config: RunConfig,
        name: str | None = None,
        fingerprint: str | None = None,
        demand: Demand | None = None,
    ) -> str:
        """Creates a run, queues it and returns its id.

        If the same experiment is already waiting or training here, no second run is made: its id is returned.

        Args:
            config: The experiment.
            name: Plain text; None for one that tells the model.
            fingerprint: Of the experiment on its data, if known.
            demand: What it takes, as far as known; what is not, the worker finds out and checks.

        Raises:
            ConfigError: It is larger than the operator allows.
            RunError: The queue is full, or the runs folder cannot be written.
        """
        self.limits.check_all(config, demand or Demand())
        with self._lock:
            if fingerprint and (same := self._under_way(fingerprint)):
                return same
            self._need_room()
            run = self._store.create(config, name, fingerprint)
            self._enqueue(run.id)
        return run.id

    def train_further(self, run_id: str, more_epochs: int | None = None) -> str:
        """Queues a new run that goes on where a finished one stood, and returns its id.

        Args:
            run_id: A finished run.
            more_epochs: How many; None for those that a stopped run has left.

        Raises:
            ConfigError: It would be larger than the operator or the config allows.
            RunError: The run cannot go on, the queue is full, or the runs folder cannot be written.
        """
        source = self._store.open(run_id)
        self.limits.check(further_config(source, more_epochs))
        with self._lock:
            self._need_room()
            run = self._store.create_further(run_id, more_epochs)
            self._enqueue(run.id)
        return run.id

    def stop(self, run_id: str) -> None:
        """Ends a run early: a training one keeps its best weights and finishes properly, a queued one is cancelled.

        Raises:
            RunError: It neither waits nor trains here, or cannot be written.
        """
        with self._lock:
            run = self._store.open(run_id)
            status = run.status()
            if status.state == "queued" and run_id not in self._active:
                if run_id in self._queue:
                    self._queue.remove(run_id)
                try:  # whichever server's worker comes to it finds it cancelled
                    run.set_status(replace(status, state="interrupted", message=CANCELLED))
                except OSError as error:
                    raise RunError(f"run {run_id} cannot be cancelled: {error.strerror}.") from None
                return
        self._command(run_id, "stop")

    def pause(self, run_id: str) -> None:
        """Holds a training run where it is."""
        self._command(run_id, "pause")

    def resume(self, run_id: str) -> str:
        """Lets a run go on, and returns the id of the run that does.

        A paused run goes on at once. An interrupted or failed one is queued, to go on from its checkpoint. A stopped one has
        a network, which it keeps: a new run trains the epochs that it had left.

        Raises:
            RunError: The run is in another state, the queue is full, or the folder cannot be written.
        """
        run = self._store.open(run_id)
        status = run.status()
        if status.state == "paused":
            self._command(run_id, "resume")
        elif status.state == "stopped":
            return self.train_further(run_id)
        elif status.resumable or (status.state == "queued" and not self.knows(run_id)):
            self.limits.check(run.config())
            with self._lock:
                self._wait_for_watch(run_id)
                self._need_room()
                if run.is_locked() or self.knows(run_id):
                    raise RunError(f"run {run_id} is already being worked on.")
                try:
                    run.set_status(replace(run.status(), state="queued", message=""))
                except OSError as error:
                    raise RunError(f"run {run_id} cannot be resumed: {error.strerror}.") from None
                self._enqueue(run_id)
        else:
            raise RunError(f"only a paused, interrupted or stopped run can be resumed. Run {run_id} is {status.state}.")
        return run_id

    def delete(self, run_id: str) -> None:
        """Moves a run to the trash; one that waits is taken out of the queue.

        Raises:
            RunError: It is being trained, or cannot be moved.
        """
        with self._lock:
            if not self._store.open(run_id).status().waiting_or_active:
                self._wait_for_watch(run_id)
            if run_id in self._active:
                raise RunError(f"run {run_id} is being trained. Stop it first.")
            waiting = run_id in self._queue
            if waiting:
                self.stop(run_id)
            self._store.delete(run_id)
        self._store.trash.empty(self.limits.trash_days)

    def place_in_queue(self, run_id: str) -> int | None:
        """1 for the run that starts next, None for one that is not waiting."""
        with self._lock:
            return self._queue.index(run_id) + 1 if run_id in self._queue else None

    def knows(self, run_id: str) -> bool:
        """Whether the run waits or trains here."""
        with self._lock:
            return run_id in self._queue or run_id in self._active

    def workers(self) -> dict[str, int]:
        """Process ids of the workers by run id; the warm one under "warm"."""
        with self._lock:
            found = {run_id: worker.pid for run_id, worker in self._active.items()}
            found.update(("warm", worker.pid) for worker in self._executor.idle())
        return found

    def close(self) -> None:
        """Ends all workers within three seconds; training ones save a checkpoint first."""
        with self._lock:
            self._closed = True
            workers = [*self._active.values(), *self._executor.idle()]
        for worker in workers:
            worker.hang_up()
        deadline = time.monotonic() + CLOSE_S
        for worker in workers:
            worker.close(max(0.0, deadline - time.monotonic()))

    def _wait_for_watch(self, run_id: str) -> None:
        """A run is seen as ended a moment before the watch over its worker has ended."""
        self._lock.wait_for(lambda: run_id not in self._active, timeout=CLOSE_S)

    def _need_room(self) -> None:
        if len(self._queue) >= self.limits.max_queue:
            raise RunError(
                f"at most {self.limits.max_queue} runs may wait, and so many do. Cancel one, or try again when one is done."
            )

    def _under_way(self, fingerprint: str) -> str | None:
        """Id of the run of that fingerprint that waits or trains here."""
        for run_id in (*self._active, *self._queue):
            try:
                run = self._store.open(run_id)
                if run.record().get("fingerprint") == fingerprint and run.status().waiting_or_active:
                    return run_id
            except RunError:
                continue
        return None

    def _enqueue(self, run_id: str) -> None:
        with self._lock:
            self._queue.append(run_id)
            self._dispatch()

    def _command(self, run_id: str, command: Command) -> None:
        with self._lock:
            worker = self._active.get(run_id)
        if worker is None or not worker.send(command):
            status = self._store.open(run_id).status()
            reason = "it was started by another process" if status.active else f"it is {status.state}"
            raise RunError(f"cannot {command} run {run_id}: {reason}.")

    def _dispatch(self) -> None:
        """Starts queued runs while there is room, and has the next worker made ready."""
        with self._lock:
            while not self._closed and self._queue and len(self._active) < self._executor.slots:
                self._launch(self._queue.popleft())
            if not self._closed and not self._active:
                self._executor.prepare()

    def _launch(self, run_id: str) -> None:
        worker = self._active[run_id] = self._executor.launch(self._store.root / run_id)
        threading.Thread(target=self._watch, args=(run_id, worker), daemon=True, name=f"watch-{run_id}").start()

    def _watch(self, run_id: str, worker: Worker) -> None:
        """Waits for the worker's end, has written down what became of its run, and starts the next."""
        run = RunFolder(self._store.root / run_id)
        try:
            how = wait_for_end(run, worker, self._silence_s)
            worker.close()
            if how is not None:
                settle(run, how, self._closed)
            if self.limits.keep_runs and not self._closed:
                with contextlib.suppress(RunError):  # one of them is being worked on, or the folder is read-only
                    self._store.retain(self.limits.keep_runs)
        finally:
            with self._lock:
                self._active.pop(run_id, None)
                self._lock.notify_all()
                self._dispatch()
