"""From a source's name to its data: the generated world, a MovieLens archive or folder, or a table of one's own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from dcn_core.config.data import DataConfig
from dcn_core.config.table import TableConfig
from dcn_core.data import cache
from dcn_core.data.archive import checksum, find_path, open_source
from dcn_core.data.dataset import Dataset
from dcn_core.data.generated import generate
from dcn_core.data.movielens import read_movielens
from dcn_core.data.own_table import fingerprint as table_fingerprint
from dcn_core.data.own_table import load_table, table_name
from dcn_core.data.table_file import is_table
from dcn_core.data.table_names import file_name
from dcn_core.errors import DataError

GENERATED = "generated"
KEPT_FROM = 20_000_000
"""Bytes from which a table of one's own is kept as it was read: below, reading takes about a second."""


def parse_source(text: str) -> dict[str, Any]:
    """Returns the `DataConfig` fields that a source's short form stands for.

    Args:
        text: "generated", "generated:1000000" (so many ratings) or a path. Quotes around it are dropped.

    Raises:
        DataError: There is no text, or no number after "generated:".
    """
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    if not text:
        raise DataError(
            "a source must be 'generated', 'generated:1000000' or a path. Received nothing. Give one of them."
        )
    kind, colon, size = text.partition(":")
    if kind != GENERATED:
        return {"source": text}
    if not colon:
        return {"source": GENERATED}
    digits = size.strip().replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise DataError(
            f"the number of ratings after 'generated:' must be whole, as in 'generated:100000'. Received: '{size}'"
        )
    return {"source": GENERATED, "num_ratings": int(digits)}


def asked_rows(config: DataConfig) -> int:
    """Returns how many ratings a config asks to generate, told before any is made; 0 where they are read from elsewhere.

    Raises:
        DataError: As of `parse_source`.
    """
    fields = parse_source(config.source)
    return int(fields.get("num_ratings", config.num_ratings)) if fields["source"] == GENERATED else 0


def stamp(config: DataConfig) -> tuple[int, int]:
    """Size and time of change, in ns, of a config's file: others where it was replaced. Zeros where there is no file."""
    if asked_rows(config):
        return 0, 0
    try:
        found = find_path(parse_source(config.source)["source"]).stat()
    except (DataError, OSError):
        return 0, 0
    return found.st_size, found.st_mtime_ns


def load_dataset(config: DataConfig) -> Dataset:
    """Returns the data that a config names. An archive or a large table read once before comes from the cache.

    Raises:
        DataError: The source does not exist, or cannot be read.
    """
    fields = parse_source(config.source)
    if fields["source"] == GENERATED:
        return generate(asked_rows(config), config.world_seed, config.noise, config.crosses())
    path = find_path(fields["source"])
    if config.table is not None:
        return _table(path, config.table)
    if path.is_file() and is_table(path):
        raise DataError(
            f"{file_name(path)} is a table of your own: it must be said what its columns are. Received no roles. Choose them on the "
            "Data page, or see `python -m dcn_core columns`."
        )
    source = open_source(path)
    fingerprint = checksum(source)
    dataset = cache.load(fingerprint)
    if dataset is None:
        dataset = read_movielens(source, fingerprint)
        cache.store(dataset)
    return dataset


def _table(path: Path, config: TableConfig) -> Dataset:
    if not path.is_file() or path.stat().st_size < KEPT_FROM:
        return load_table(path, config)
    fingerprint = table_fingerprint(path, config)
    dataset = cache.load(fingerprint, "tables")
    if dataset is None:
        dataset = load_table(path, config, fingerprint)
        cache.store(dataset, "tables")
    return replace(dataset, name=table_name(path))  # of a copy under another name
