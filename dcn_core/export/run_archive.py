"""A run's folder as a zip, and back: only files of our own formats, read without pickle and without running anything.

`model.keras` and `model.onnx` stay out: they say what is to be run, and everything that is made of them can be made of the
config and the weights. A `model.onnx` that older exports hold is passed over.
"""

import io
import re
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from dcn_core import __version__
from dcn_core.data.zip_checks import Kind, check_directory, check_members
from dcn_core.errors import DataError, PlaygroundError, RunError
from dcn_core.export.packing import packed
from dcn_core.export.remake import remake
from dcn_core.files import write_json
from dcn_core.model.cost import parameter_counts
from dcn_core.model.shapes import check_model
from dcn_core.runs.folder import RESULT_FILES, SCHEMA, RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.runs.log import LATEST
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore, new_id
from dcn_core.runs.texts import MOST_LETTERS

MOST_MEGABYTES = 300
MOST_UNPACKED, MOST_TEXT = 1 << 30, 64 << 20
"""Bytes of all files together, and of one that is not arrays: it is read into memory at once."""
KIND = Kind("an exported run", "20260131-235959-0a1b2c/weights.npz", "export the run again, as a whole run")
_ADVICE = "Export the run again, as a whole run."
_PLAIN = ("run.json", "status.json", "result.json", "encoder.json", "insight.json", "events.jsonl")
_ARRAYS = ("weights.npz", "insight.npz")
_OF_TRAINING = re.compile(r"film/frame-\d{1,9}\.npz|checkpoint/(state-\d{1,9}\.npz|checkpoint\.json)")
_REMADE = "model.onnx"
_NEEDED = ("run.json", "status.json", *(name for name in RESULT_FILES if name != _REMADE))


def _is_text(most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and 0 < len(value) <= most


_KEPT: dict[str, Callable[[Any], bool]] = {
    "note": _is_text(MOST_LETTERS["note"]),
    "created": lambda value: type(value) in (int, float) and 0 <= value < LATEST,
    "data": _is_text(128),
    "fingerprint": _is_text(128),
    "continues": _is_text(64),
    "as_if_never_stopped": lambda value: type(value) is bool,
}
"""What a record may say of a run beside its name and config. Whether it is pinned is for the new place to decide."""


def pack(run: RunFolder) -> bytes:
    """Returns the files of a finished run, all below one folder that is named for it."""
    files = sorted(path for path in run.path.rglob("*") if path.is_file() and not path.is_symlink())
    names = [path.relative_to(run.path).as_posix() for path in files]
    return packed(
        (f"{run.id}/{name}", path.read_bytes()) for name, path in zip(names, files, strict=True) if _is_ours(name)
    )


def unpack(content: bytes, store: RunStore) -> RunFolder:
    """Takes a run in, as a new one of this store.

    Everything is checked before the run appears: names, sizes, and that config, encoder and weights belong together. The
    exported network is made anew of these, which takes some seconds.

    Raises:
        RunError: It is no zip of a finished run, or something in it is not as it should be; says what.
    """
    check_size(len(content))
    try:
        store.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store.root, prefix=".import-") as place:
            folder = Path(place) / new_id()
            folder.mkdir()
            _extract(content, folder)
            run = RunFolder(folder)
            _check(run)
            target = store.root / folder.name
            folder.rename(target)
            return RunFolder(target)
    except OSError as error:
        raise RunError(f"the run could not be written to {store.root}: {error.strerror}. Free some space.") from None


def check_size(size: int) -> None:
    """Refuses a zip that is too large to be read.

    Raises:
        RunError: It is.
    """
    if size > MOST_MEGABYTES * 1_000_000:
        raise RunError(f"a run to take in has at most {MOST_MEGABYTES} MB. Received: {size / 1e6:,.0f} MB.")


def _is_ours(name: str) -> bool:
    return name in (*_PLAIN, *_ARRAYS) or _OF_TRAINING.fullmatch(name) is not None


def _extract(content: bytes, folder: Path) -> None:
    """Writes the members whose names are known, after the whole table of contents was found in order."""
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            check_directory(Path(file.name), KIND)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            check_members("the archive", infos, KIND)
            members = [info for info in infos if not info.is_dir()]
            tops = {info.filename.partition("/")[0] for info in members}
            names = {info.filename.partition("/")[2]: info for info in members}
            if len(tops) != 1 or set(_NEEDED) - set(names):
                missing = ", ".join(sorted(set(_NEEDED) - set(names))) or "one folder"
                raise RunError(f"expected the zip of a finished run. It lacks {missing}. {_ADVICE}")
            names.pop(_REMADE, None)
            if strange := [name for name in names if not _is_ours(name)]:
                raise RunError(
                    f"the zip of a run holds only files that runs have. Received also: {strange[0][:80]!r}. Take it out, or "
                    "export the run again."
                )
            _check_sizes(names)
            for name, info in names.items():
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                with archive.open(info) as source, path.open("wb") as target:
                    _copy(source, target, info.file_size)
    except DataError as error:
        raise RunError(str(error)) from None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise RunError(f"expected a zip of a run. It cannot be read: {error}. {_ADVICE}") from None
    except Exception as error:
        if isinstance(error, OSError | RunError):
            raise
        raise RunError(f"the zip of the run is damaged: {error}. {_ADVICE}") from None  # zlib, lzma, struct


def _check_sizes(names: dict[str, zipfile.ZipInfo]) -> None:
    """Refuses what would fill the disk or the memory."""
    if (total := sum(info.file_size for info in names.values())) > MOST_UNPACKED:
        raise RunError(f"an exported run unpacks to at most {MOST_UNPACKED:,} bytes. Received: {total:,}.")
    for name, info in names.items():
        if not name.endswith(".npz") and info.file_size > MOST_TEXT:
            raise RunError(f"{name} of an exported run has at most {MOST_TEXT:,} bytes. Received: {info.file_size:,}.")


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """Copies a member, as long as it is no longer than the table of contents says."""
    while piece := source.read(1 << 20):
        size -= len(piece)
        if size < 0:
            raise RunError("a file in the zip is longer than its table of contents says. Do not trust this archive.")
        target.write(piece)


def _settle(run: RunFolder) -> None:
    """Writes the record anew, with what a record may say, and the status of a run that rests."""
    record, status = run.record(), run.written_status()
    if not status.finished:
        raise RunError(f"only a finished run can be taken in. This one is {status.state}.")
    kept = {key: record[key] for key, rule in _KEPT.items() if rule(record.get(key))}
    config = run.config().model_dump(mode="json")
    fixed = {"schema": SCHEMA, "version": __version__, "name": run.name(record), "imported": time.time()}
    write_json(run.path / "run.json", {"created": time.time()} | kept | fixed | {"config": config})
    run.set_status(Status(state=status.state, epoch=status.epoch, epochs=status.epochs, message=status.message[:500]))


def _check(run: RunFolder) -> None:
    """Checks that the parts of a run belong together, and writes its record anew.

    Raises:
        RunError: They do not.
    """
    try:
        _settle(run)
        for path in sorted(run.path.rglob("*.npz")):  # a zip in the zip, which may be a bomb of its own
            check_directory(path, KIND)
            with zipfile.ZipFile(path) as archive:
                check_members(path.name, archive.infolist(), KIND)
        config, encoder = run.config(), run.encoder()
        run.result()
        run.insight()
        check_model(config.model, encoder.specs)
        parameters = parameter_counts(config.model, encoder.specs)["total"]
        Limits.from_environment().check_parameters(parameters)
        if parameters != (held := sum(values.size for values in run.weights().values())):
            raise RunError(
                f"the network of the run in the zip has {parameters:,} weights by its config. Received: {held:,}. {_ADVICE}"
            )
        remake(run)
    except RunError:
        raise
    except PlaygroundError as error:
        raise RunError(f"the run in the zip is not whole: {error}") from None
    except Exception as error:  # whatever made-up values make of the readers
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise RunError(f"the parts of the run in the zip do not fit each other: {reason}. {_ADVICE}") from None
