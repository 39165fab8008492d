"""How a worker came to its end, and what is then written of its run."""

from dataclasses import replace

from dcn_core.errors import RunError
from dcn_core.runs.executor import Worker
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.heartbeat import Heartbeat
from dcn_core.runs.process import MACHINE_IS_GONE, RUN_IS_TAKEN, STORE_IS_AWAY

LOOK_S = 1.0


def wait_for_end(run: RunFolder, worker: Worker, silence_s: float) -> str | None:
    """Waits for the worker's end, or ends one that hangs. Returns in words how it ended if that was not in order.

    Args:
        run: What it works on.
        worker: The process.
        silence_s: Seconds without a sign of life after which a training worker is ended.
    """
    heartbeat = Heartbeat(run, silence_s)
    while (code := worker.wait(LOOK_S)) is None:
        if heartbeat.is_missed():
            worker.kill()
            return f"gave no sign of life for {heartbeat.silence:.0f} seconds and was ended"
    if code in (0, RUN_IS_TAKEN):
        return None
    if code == MACHINE_IS_GONE:
        return "was on a machine that is gone"
    if code == STORE_IS_AWAY:
        return "could not get its files from the object store"
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def settle(run: RunFolder, how: str, closing: bool = False) -> None:
    """Writes down what became of a run whose worker did not.

    Args:
        run: What the worker worked on.
        how: In words, of `wait_for_end`.
        closing: Whether the server is closing: a run that had not begun then stays queued for the next one.
    """
    try:
        status = run.status()
        if status.state == "queued" and not closing:
            message = f"The training process {how} before it began. Its log may say why. Resume to try again."
            run.set_status(replace(status, state="interrupted", message=message))
        elif status.state == "interrupted" and "disk is full" not in status.message:
            message = f"The training process {how}. Resume to go on from the last checkpoint."
            run.set_status(replace(status, message=message))
        else:
            return
        run.log("error", message)
    except (RunError, OSError):
        return  # deleted meanwhile, or not writable: what is shown of it is worked out from its files
