"""Runs that are trained in this process, for a shell that waits for them."""

from typing import Any

from dcn_core.config.run import RunConfig
from dcn_core.data.cache import cache_folder
from dcn_core.errors import RunError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.seeds import with_seed
from dcn_core.runs.store import RunStore
from dcn_core.runs.summary import finished_one
from dcn_core.terminal import progress_bar, stop_on_interrupt
from dcn_core.training.setup import configure_tensorflow, warm_up


def train_here(run: RunFolder) -> dict[str, Any]:
    """Trains a run and returns its result.

    Raises:
        RunError: It did not finish; says why.
    """
    configure_tensorflow(cache_folder())
    warm_up()
    from dcn_core.worker import execute

    with run.lock(), stop_on_interrupt() as control, progress_bar(run):
        execute(run, control)
    status, result = run.status(), run.result()
    if result is None or not status.finished:
        raise RunError(f"run {run.id} {status.state}: {status.message}")
    return result


def with_seed_here(store: RunStore, config: RunConfig, seed: int, data_fingerprint: str, name: str) -> RunFolder:
    """The finished run of an experiment with a seed: the one that is there, else a new one that is trained now.

    Args:
        store: Where runs are kept.
        config: The experiment, with any seed.
        seed: The seed.
        data_fingerprint: Of its ratings.
        name: Of a new run.
    """
    own = with_seed(config, seed)
    known = finished_one(store.list(), own.fingerprint(data_fingerprint))
    if known:
        return store.open(known)
    run = store.create(own, name)
    train_here(run)
    return run
