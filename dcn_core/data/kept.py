"""Small tables that were counted in a data set, kept beside it in the cache: counted once, whoever asks."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from dcn_core.data.cache import cache_folder
from dcn_core.files import parse_json, write_atomic


def kept(kind: str, version: int, fingerprint: str, count: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Returns the table that `count` makes, from the cache if it is there whole.

    Args:
        kind: What is counted, part of the file's name.
        version: Raised whenever counting gives another result.
        fingerprint: Of the data set.
        count: Makes a table of texts and numbers.
    """
    path = cache_folder() / "counted" / f"{fingerprint[:32]}-{kind}-v{version}.json"
    found = _read(path)
    if found is not None:
        return found
    frame = count()
    columns = {str(name): _plain(frame[name]) for name in frame}
    with contextlib.suppress(OSError, ValueError):  # without room it is counted again the next time
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(
            path,
            json.dumps({"columns": columns, "checksum": _checksum(columns)}, allow_nan=False).encode(),
            durable=False,
        )
    return frame


def _plain(column: pd.Series) -> list[object]:
    """The values as JSON knows them; None for what is missing."""
    return [None if pd.isna(value) else value for value in column.tolist()]


def _read(path: Path) -> pd.DataFrame | None:
    try:
        document = parse_json(path.read_bytes())
        columns = document["columns"]
        if document["checksum"] != _checksum(columns):
            return None
        return pd.DataFrame({name: _column(values) for name, values in columns.items()})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _column(values: list[object]) -> list[object] | np.ndarray:
    """A column with something missing is one of numbers."""
    return np.array([np.nan if value is None else value for value in values], float) if None in values else values


def _checksum(columns: dict[str, list[object]]) -> str:
    return hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()
