"""The folder that holds all runs."""

import os
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dcn_core import __version__
from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.runs.catalogue import RUN_ID, Catalogue
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.further import begin_where_it_stood, further_config, learns_as_if_never_stopped
from dcn_core.runs.index import index_of
from dcn_core.runs.summary import RunSummary
from dcn_core.runs.texts import MOST_LETTERS, clean
from dcn_core.runs.trash import Trash

__all__ = ["RunStore", "RunSummary", "default_name", "default_runs_path"]

FURTHER = " · further"


def default_runs_path() -> Path:
    """`PLAYGROUND_RUNS`, or `runs` in the current folder."""
    return Path(os.environ.get("PLAYGROUND_RUNS") or "runs")


class RunStore:
    """All runs below one folder.

    Args:
        root: The folder. It need not exist yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trash = Trash(root)
        self.index = index_of(root, __version__)
        self._catalogue = Catalogue(root, self.index)

    def create(self, config: RunConfig, name: str | None = None, fingerprint: str | None = None) -> RunFolder:
        """Makes a new queued run, named after its model unless `name` is given.

        Raises:
            RunError: The folder cannot be written.
        """
        return self._create(config, clean("name", name) if name else default_name(config), fingerprint=fingerprint)

    def create_further(self, run_id: str, more_epochs: int | None = None) -> RunFolder:
        """Makes a new queued run that trains a finished one further, see `dcn_core.runs.further`.

        Args:
            run_id: The finished run.
            more_epochs: How many; None for those that a stopped run has left.

        Raises:
            RunError: The run has not finished, or cannot go on.
            ConfigError: There would be more epochs than a run may have.
        """
        source = self.open(run_id)
        config, exact = further_config(source, more_epochs), learns_as_if_never_stopped(source)
        name = source.name().removesuffix(FURTHER)[: MOST_LETTERS["name"] - len(FURTHER)] + FURTHER
        run = self._create(config, name, continues=run_id, as_if_never_stopped=exact)
        try:
            begin_where_it_stood(run, source)
        except (OSError, RunError) as error:
            shutil.rmtree(run.path, ignore_errors=True)
            raise RunError(f"run {run_id} cannot be trained further: {error}") from None
        return run

    def _create(self, config: RunConfig, name: str, **more: Any) -> RunFolder:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            return RunFolder.create(self.root / new_id(), config, name, **more)
        except OSError as error:
            raise RunError(
                f"the runs folder must be writable. {self.root} is not: {error.strerror}. "
                "Free some space, change its permissions, or set PLAYGROUND_RUNS to another folder."
            ) from None

    def open(self, run_id: str) -> RunFolder:
        """Returns the run of that id.

        Raises:
            RunError: The id has another form, or there is no such run.
        """
        path = self.root / checked(run_id)
        if not path.is_dir():
            raise RunError(f"there is no run {run_id} in {self.root}. It may have been deleted.")
        return RunFolder(path)

    def edit(self, run_id: str, name: str | None = None, note: str | None = None, pinned: bool | None = None) -> None:
        """Changes what a person may choose of a run: its name, a note, and whether it is kept when others make room.

        Raises:
            RunError: There is no such run, it cannot be written, or a text is too long or empty.
        """
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = clean("name", name)
        if note is not None:
            values["note"] = clean("note", note)
        if pinned is not None:
            values["pinned"] = bool(pinned)
        self.open(run_id).update_record(**values)

    def delete(self, run_id: str) -> None:
        """Moves a run to the trash, from where `restore` brings it back.

        Raises:
            RunError: There is no such run, a process is working on it, or it cannot be moved.
        """
        self.trash.put(self.open(run_id))

    def restore(self, run_id: str) -> None:
        """Undoes `delete`.

        Raises:
            RunError: The run is not in the trash any more.
        """
        self.trash.restore(checked(run_id))

    def deleted(self) -> list[RunSummary]:
        """The runs in the trash, last deleted first."""
        return [
            RunSummary.read(RunFolder(self.trash.path / run_id))
            for run_id in self.trash.ids()
            if RUN_ID.fullmatch(run_id)
        ]

    def retain(self, newest: int) -> Sequence[str]:
        """Moves settled runs to the trash that are neither pinned nor among the newest so many; returns their ids."""
        settled = [run for run in self.list() if not run.pinned and not run.status.waiting_or_active]
        old = [run.id for run in settled[newest:]]
        for run_id in old:
            self.delete(run_id)
        return old

    def ids(self) -> Sequence[str]:
        """Ids of all runs, newest first."""
        return self._catalogue.ids()

    def list(self) -> list[RunSummary]:
        """All runs, newest first. A damaged run is listed as failed."""
        return self._catalogue.list()

    def rebuild_index(self) -> int:
        """Makes the database anew from the folders; returns how many runs there are."""
        return self._catalogue.rebuild()


def new_id() -> str:
    """An id for a run that is made now. Its last part is half fraction of the second, so that ids sort by time, half chance."""
    now = time.time()
    return f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{int(now % 1 * 4096):03x}{secrets.token_hex(2)[:3]}"


def checked(run_id: str) -> str:
    """Returns a run id from outside if it has an id's form.

    Raises:
        RunError: It has another form.
    """
    if not RUN_ID.fullmatch(run_id):
        raise RunError(f"a run id looks like 20260131-235959-0a1b2c. Received: {run_id[:80]!r}")
    return run_id


def default_name(config: RunConfig) -> str:
    """A short readable name of an experiment, for instance `DCN-V2 · 2 cross · 64-32`."""
    model = config.model
    kind = {
        "vector": "DCN",
        "matrix": "DCN-V2",
        "low_rank": f"DCN-V2 rank {model.projection_dim}",
        "mixture": f"DCN-Mix {model.num_experts} × {model.projection_dim}",
        "gated": "GDCN",
    }[model.cross_kind]
    parts = ["Deep"] if model.structure == "deep" else [kind, f"{model.num_cross_layers} cross"]
    if model.structure != "cross":
        parts.append("-".join(map(str, model.deep_layer_sizes)))
    return " · ".join(parts)
