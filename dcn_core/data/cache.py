"""Keeps what was read from an archive or a large table as Arrow files, found again by its fingerprint.

Arrow's own format and not Parquet, which forgets the order of categories and those that no row has.

Each file is written beside its place and moved into it, the manifest last. Whatever does not match the manifest's
checksums counts as not there and is read from the archive again.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.ipc

from dcn_core.data.column import Column
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.files import write_atomic

VERSION = 4
"""Raised whenever reading an archive or a table gives another result."""
MOST_TABLES = 4
"""Tables of one's own that are kept: each change of a role makes another one."""

_TABLES = ("ratings", "users", "movies")
Kind = Literal["movielens", "tables"]
"""Folder of the cache: archives, or tables of one's own, of which only the newest stay."""


def cache_folder() -> Path:
    """Returns where caches lie: `PLAYGROUND_CACHE` if set, else `.cache` in the repository. It may not exist yet."""
    return Path(os.environ.get("PLAYGROUND_CACHE") or Path(__file__).parents[2] / ".cache")


def load(fingerprint: str, kind: Kind = "movielens") -> Dataset | None:
    """Returns the data set with this fingerprint, or None if there is none or it is damaged."""
    try:
        manifest = json.loads(_path(fingerprint, kind, "json").read_text(encoding="utf-8"))
        if manifest.pop("checksum") != _manifest_checksum(manifest):
            return None
        tables = {}
        for name in _TABLES:
            data = _path(fingerprint, kind, f"{name}.arrow").read_bytes()
            if hashlib.sha256(data).hexdigest() != manifest["tables"][name]:
                return None
            with pyarrow.ipc.open_file(pa.BufferReader(data)) as reader:
                tables[name] = reader.read_all().to_pandas()
        return Dataset(
            fingerprint=fingerprint,
            notes=tuple(manifest["notes"]),
            known=tuple(Column(**column) for column in manifest["known"]),
            nouns=Nouns(**manifest["nouns"]),
            **manifest["scale"],
            **tables,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException):
        return None


def store(dataset: Dataset, kind: Kind = "movielens") -> None:
    """Keeps a data set. A folder that cannot be written, or a full disk, is no error: the next time is just slower."""
    with contextlib.suppress(OSError):
        checksums = {}
        for name in _TABLES:
            sink = pa.BufferOutputStream()
            table = pa.Table.from_pandas(getattr(dataset, name), preserve_index=False)
            with pyarrow.ipc.new_file(
                sink, table.schema, options=pyarrow.ipc.IpcWriteOptions(compression="lz4")
            ) as file:
                file.write_table(table)
            data = sink.getvalue().to_pybytes()
            checksums[name] = hashlib.sha256(data).hexdigest()
            _write(_path(dataset.fingerprint, kind, f"{name}.arrow"), data)
        scale = {key: getattr(dataset, key) for key in ("name", "rating_step", "rating_min", "rating_max")}
        manifest: dict[str, Any] = {
            "scale": scale,
            "notes": list(dataset.notes),
            "known": [dataclasses.asdict(column) for column in dataset.known],
            "nouns": dataclasses.asdict(dataset.nouns),
            "tables": checksums,
        }
        manifest["checksum"] = _manifest_checksum(manifest)
        _write(_path(dataset.fingerprint, kind, "json"), json.dumps(manifest).encode())
        if kind == "tables":
            _forget_oldest()


def _path(fingerprint: str, kind: Kind, ending: str) -> Path:
    return cache_folder() / kind / f"{fingerprint[:32]}-v{VERSION}.{ending}"


def _forget_oldest() -> None:
    folder = cache_folder() / "tables"
    manifests = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
    for old in manifests[:-MOST_TABLES]:
        for file in folder.glob(f"{old.stem}.*"):
            file.unlink(missing_ok=True)


def _manifest_checksum(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, data)
