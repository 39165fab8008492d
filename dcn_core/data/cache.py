"""Keeps what was read from an archive as Parquet files, found again by the archive's checksum.

Each file is written beside its place and moved into it, the manifest last. Whatever does not match the manifest's
checksums counts as not there and is read from the archive again.
"""

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from dcn_core.data.dataset import Dataset
from dcn_core.files import write_atomic

VERSION = 1
"""Raised whenever reading an archive gives another result."""

_TABLES = ("ratings", "users", "movies")


def cache_folder() -> Path:
    """Returns where caches lie: `PLAYGROUND_CACHE` if set, else `.cache` in the repository. It may not exist yet."""
    return Path(os.environ.get("PLAYGROUND_CACHE") or Path(__file__).parents[2] / ".cache")


def load(fingerprint: str) -> Dataset | None:
    """Returns the data set of an archive with this checksum, or None if there is none or it is damaged."""
    try:
        manifest = json.loads(_path(fingerprint, "json").read_text(encoding="utf-8"))
        if manifest.pop("checksum") != _manifest_checksum(manifest):
            return None
        tables = {}
        for name in _TABLES:
            data = _path(fingerprint, f"{name}.parquet").read_bytes()
            if hashlib.sha256(data).hexdigest() != manifest["tables"][name]:
                return None
            tables[name] = _as_frame(pyarrow.parquet.read_table(pa.BufferReader(data)))
        return Dataset(fingerprint=fingerprint, notes=tuple(manifest["notes"]), **manifest["scale"], **tables)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException):
        return None


def store(dataset: Dataset) -> None:
    """Keeps a data set. A folder that cannot be written, or a full disk, is no error: the next time is just slower."""
    with contextlib.suppress(OSError):
        checksums = {}
        for name in _TABLES:
            sink = pa.BufferOutputStream()
            table = pa.Table.from_pandas(getattr(dataset, name), preserve_index=False)
            # Plain LZ4 pages: half the time to write, a third more bytes than dictionaries.
            pyarrow.parquet.write_table(table, sink, compression="lz4", use_dictionary=name != "ratings")
            data = sink.getvalue().to_pybytes()
            checksums[name] = hashlib.sha256(data).hexdigest()
            _write(_path(dataset.fingerprint, f"{name}.parquet"), data)
        scale = {key: getattr(dataset, key) for key in ("name", "rating_step", "rating_min", "rating_max")}
        manifest: dict[str, Any] = {"scale": scale, "notes": list(dataset.notes), "tables": checksums}
        manifest["checksum"] = _manifest_checksum(manifest)
        _write(_path(dataset.fingerprint, "json"), json.dumps(manifest).encode())


def _path(fingerprint: str, kind: str) -> Path:
    return cache_folder() / "movielens" / f"{fingerprint[:32]}-v{VERSION}.{kind}"


def _as_frame(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas(ignore_metadata=False)


def _manifest_checksum(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, data)
