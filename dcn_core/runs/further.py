"""Training a finished run further, as a new run that begins where the finished one stood.

A new run, not the same one: the finished run keeps its network and its scores whatever becomes of the further epochs,
and the two can be compared.
"""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from dcn_core.config.run import RunConfig, parse_config
from dcn_core.errors import RunError
from dcn_core.files import read_json, write_json
from dcn_core.runs.folder import RunFolder


def further_config(run: RunFolder, more_epochs: int | None = None) -> RunConfig:
    """Returns the config of the run that goes on: that of `run` with so many more epochs.

    Args:
        run: A finished run.
        more_epochs: None for those that it was meant to run and did not.

    Raises:
        RunError: The run has not finished, has no checkpoint, or has run all its epochs.
        ConfigError: There are more epochs than a run may have.
    """
    progress = _checkpoint(run)["progress"]
    config, trained = run.config(), int(progress["epoch"]) - 1
    epochs = config.train.epochs if more_epochs is None else trained + more_epochs
    if epochs <= trained:
        raise RunError(f"run {run.id} has run all its {trained} epochs. Say how many more, at least 1.")
    patience = config.train.patience
    if progress["stopped_by"] == "patience":  # it has used up its patience: it gets as much again
        patience = min(1_000, patience + trained - int(progress["best_epoch"]))
    values = config.model_dump(mode="json")
    values["train"] |= {"epochs": epochs, "patience": patience}
    return parse_config(values)


def begin_where_it_stood(run: RunFolder, source: RunFolder) -> None:
    """Gives a new run the checkpoint of a finished one, optimiser and random state included, and its story so far.

    The arrays, and the frames of its film, are the same files under a second name: neither is ever changed, only replaced.
    """
    checkpoint = _checkpoint(source)
    folder = run.path / "checkpoint"
    folder.mkdir()
    arrays = str(checkpoint["arrays"])
    _link(source.path / "checkpoint" / arrays, folder / arrays)
    if source.film.is_dir():
        run.film.mkdir()
        for frame in source.film.iterdir():
            _link(frame, run.film / frame.name)
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(source.path / "events.jsonl", run.path / "events.jsonl")
    progress = checkpoint["progress"]
    settings = run.config().model_dump(mode="json", include={"model", "train"})
    progress |= {"stopped_by": None, "belongs_to": progress["belongs_to"] | settings}
    write_json(folder / "checkpoint.json", checkpoint)


def learns_as_if_never_stopped(run: RunFolder) -> bool:
    """Whether going on from this finished run gives what more epochs from the start would have given."""
    record = run.record()
    came_as_new = not record.get("continues") or record.get("as_if_never_stopped") is True
    ended_by_itself = _checkpoint(run)["progress"]["stopped_by"] == "epochs"
    return came_as_new and ended_by_itself and run.config().train.learning_rate_schedule == "constant"


def _checkpoint(run: RunFolder) -> dict[str, Any]:
    status = run.status()
    if not status.finished:
        raise RunError(f"only a finished run can be trained further. Run {run.id} is {status.state}.")
    problem = RunError(f"run {run.id} has no whole checkpoint to go on from. Train it anew with more epochs.")
    if not run.has_checkpoint():
        raise problem
    checkpoint = read_json(run.path / "checkpoint" / "checkpoint.json")
    try:
        progress, arrays = checkpoint["progress"], Path(checkpoint["arrays"]).name
        whole = (
            {"epoch", "best_epoch", "stopped_by", "belongs_to"} <= set(progress)
            and type(progress["epoch"]) is type(progress["best_epoch"]) is int
            and isinstance(progress["belongs_to"], dict)
            and (run.path / "checkpoint" / arrays).is_file()
        )
    except (KeyError, TypeError, ValueError):
        raise problem from None
    if not whole:
        raise problem
    return {**checkpoint, "arrays": arrays}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
