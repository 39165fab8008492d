"""A folder at one moment: its files as lists of blocks, each known by the checksum of its bytes."""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from dcn_core.errors import StoreError
from dcn_core.files import parse_json

VERSION = 1
BLOCK = 1 << 20
"""Bytes of a block. Of a file that is only added to, nothing but the last block is ever sent again."""
STATUS = "status.json"
_NAME = re.compile(r"[A-Za-z0-9_][\w.+-]*(/[A-Za-z0-9_][\w.+-]*){0,7}", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{64}")
_TRIES = 20


@dataclass(frozen=True)
class Snapshot:
    """Which blocks make up which file.

    Attributes:
        files: SHA-256 of each block, in order, by the file's path in the folder. All blocks but the last of a file have
            `BLOCK` bytes.
    """

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def blocks(self) -> set[str]:
        """All of them."""
        return {block for blocks in self.files.values() for block in blocks}

    def to_bytes(self) -> bytes:
        """As it is kept: the checksum of what follows, then JSON."""
        body = json.dumps({"version": VERSION, "files": self.files}, sort_keys=True).encode()
        return checksum(body).encode() + b"\n" + body

    @classmethod
    def from_bytes(cls, content: bytes) -> "Snapshot":
        """Reads `to_bytes`.

        Raises:
            StoreError: It is half written, damaged, of another version, or names files outside its folder.
        """
        said, _, body = content.partition(b"\n")
        if said.decode("ascii", "replace") != checksum(body):
            raise StoreError("expected a whole snapshot of a folder. Received a damaged one, or half of one.")
        try:
            values = parse_json(body)
            if values["version"] != VERSION:
                raise StoreError(
                    f"expected a snapshot of version {VERSION}. Received: {str(values['version'])[:20]}. "
                    "All machines must run the same version of this program."
                )
            files = {name: tuple(blocks) for name, blocks in values["files"].items()}
            if not all(_SHA.fullmatch(block) for blocks in files.values() for block in blocks):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StoreError("expected a snapshot of a folder. Received something else.") from None
        for name in files:
            if not is_carried(name):
                raise StoreError(f"expected names of files of a run in a snapshot. Received: {name[:80]!r}.")
        return cls(files)


def checksum(content: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(content).hexdigest()


def is_carried(name: str) -> bool:
    """Whether a file of a folder belongs to its snapshot: neither locks nor what is half written."""
    return _NAME.fullmatch(name) is not None and not name.endswith(".lock")


def promises(name: str) -> int:
    """How much a file says of others: 0 nothing, 1 a little (JSON), 2 all (the status).

    Who writes a folder writes what is promised before the promise. Who copies one therefore reads in falling order and
    writes in rising order.
    """
    return 2 if name == STATUS else int(name.endswith(".json"))


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[dict[str, BinaryIO]]:
    """All files of a folder that another process works on, open for reading, none without what it promises.

    An open file keeps its bytes when it is replaced or removed. One that is only added to is longer than it was.

    Raises:
        StoreError: Files are replaced faster than they can be opened.
        OSError: The folder cannot be read.
    """
    for _ in range(_TRIES):
        with contextlib.ExitStack() as stack:
            files: dict[str, BinaryIO] = {}
            for level in (2, 1, 0):
                for name in _names(folder):
                    if promises(name) == level:
                        with contextlib.suppress(FileNotFoundError):
                            files[name] = stack.enter_context((folder / name).open("rb"))
            if all(_is_still(folder / name, file) for name, file in files.items() if promises(name) == 1):
                yield files
                return
    raise StoreError(f"the files of {folder.name} change faster than they can be read.")


def _names(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return [name for name in found if is_carried(name)]


def _is_still(path: Path, file: BinaryIO) -> bool:
    """Whether an open file is in its place: what it promises cannot have been taken away then."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
