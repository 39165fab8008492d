"""Where a folder lies in an object store. One process at a time writes it, any may read it, and none needs a lock.

    snapshot          which blocks make up which file, see `dcn_core.runs.snapshot`
    blocks/<SHA-256>  bytes

A block never changes. The snapshot is written in one step after all its blocks, so a reader that has it has a folder as it was
at one moment; whatever else happens, a checksum is wrong or a block is missing, and the reader asks again later.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from dcn_core.errors import StoreError
from dcn_core.files import write_atomic
from dcn_core.runs.object_store import AT_ONCE, ObjectStore
from dcn_core.runs.snapshot import BLOCK, Snapshot, checksum, opened, promises

Stamp = tuple[int, int, int]


class Place:
    """One folder in a store.

    Args:
        store: The store.
        key: Of the place in it.
    """

    def __init__(self, store: ObjectStore, key: str) -> None:
        self._store, self.key = store, key
        self._last = Snapshot()
        self._stored: set[str] = set()
        self._sent: dict[str, tuple[Stamp, tuple[str, ...]]] = {}
        self._here: dict[str, tuple[str, ...]] = {}

    def push(self, folder: Path) -> None:
        """Brings the folder into the store as it is now: what has changed since the last time.

        Raises:
            StoreError: The store is away. What it held before is still whole.
            OSError: The folder cannot be read.
        """
        with opened(folder) as files:
            sent = {name: self._send(file, self._sent.get(name)) for name, file in files.items()}
        self._sent, self._here = sent, {name: blocks for name, (_, blocks) in sent.items()}
        snapshot = Snapshot(self._here)
        if snapshot == self._last:
            return
        self._store.write({f"{self.key}/snapshot": snapshot.to_bytes()})
        old = self._stored - snapshot.blocks - self._last.blocks  # a reader may be at the last one
        self._last = snapshot
        self._store.remove([self._key(block) for block in old])
        self._stored -= old

    def _send(self, file: BinaryIO, before: tuple[Stamp, tuple[str, ...]] | None) -> tuple[Stamp, tuple[str, ...]]:
        found = os.fstat(file.fileno())
        stamp = found.st_ino, found.st_mtime_ns, found.st_size
        if before is not None and before[0] == stamp and self._stored.issuperset(before[1]):
            return before
        blocks: list[str] = []
        waiting: dict[str, bytes] = {}
        for start in range(0, found.st_size, BLOCK):
            content = file.read(min(BLOCK, found.st_size - start))
            blocks.append(name := checksum(content))
            if name not in self._stored:
                waiting[name] = content
            if len(waiting) == AT_ONCE:
                self._write(waiting)
        self._write(waiting)
        return stamp, tuple(blocks)

    def _write(self, waiting: dict[str, bytes]) -> None:
        if waiting:
            self._store.write({self._key(name): content for name, content in waiting.items()})
            self._stored.update(waiting)
            waiting.clear()

    def pull(self, folder: Path, instead: Mapping[str, Callable[[bytes], None]] | None = None) -> bool:
        """Brings what has changed in the store into the folder. Returns whether anything had.

        Args:
            folder: It must exist: one that was deleted by hand stays deleted.
            instead: What to do with the bytes of files that are not to be written, by name.

        Raises:
            StoreError: The store is away, or its writer is at work. What was there before is still whole.
            OSError: The folder cannot be written.
        """
        snapshot = Snapshot.from_bytes(self._store.read(f"{self.key}/snapshot"))
        if snapshot == self._last:
            return False
        for name in sorted(snapshot.files, key=lambda name: (promises(name), name)):
            blocks, before = snapshot.files[name], self._here.get(name)
            if before == blocks:
                continue
            if instead and name in instead:
                instead[name](b"".join(self._blocks(blocks)))
            else:
                self._bring(folder, name, blocks, before or ())
            self._here[name] = blocks
        for name in self._here.keys() - snapshot.files.keys():
            (folder / name).unlink(missing_ok=True)
            del self._here[name]
        self._last, self._stored = snapshot, snapshot.blocks
        return True

    def _bring(self, folder: Path, name: str, blocks: tuple[str, ...], before: tuple[str, ...]) -> None:
        """Writes a file in one step; its first blocks are taken from the one that is there, as far as they are the same."""
        same = 0
        while same < min(len(blocks), len(before)) and blocks[same] == before[same]:
            same += 1
        for parent in reversed(Path(name).parents[:-1]):
            (folder / parent).mkdir(exist_ok=True)
        kept = self._kept(folder / name, blocks[:same])

        def write(file: BinaryIO) -> None:
            for content in kept:
                file.write(content)
            for content in self._blocks(blocks[len(kept) :]):
                file.write(content)

        write_atomic(folder / name, write)

    def _kept(self, path: Path, blocks: tuple[str, ...]) -> list[bytes]:
        kept: list[bytes] = []
        if blocks and path.is_file():
            with path.open("rb") as file:
                for block in blocks:
                    if checksum(content := file.read(BLOCK)) != block:
                        break
                    kept.append(content)
        return kept

    def _blocks(self, names: tuple[str, ...]) -> Iterator[bytes]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for start in range(0, len(names), AT_ONCE):
                yield from pool.map(self._block, names[start : start + AT_ONCE])

    def _block(self, name: str) -> bytes:
        content = self._store.read(self._key(name))
        if checksum(content) != name:
            raise StoreError("expected the bytes of a block that its name says. Received others, or half of them.")
        return content

    def _key(self, block: str) -> str:
        return f"{self.key}/blocks/{block}"

    def remove(self) -> None:
        """Takes the folder out of the store.

        Raises:
            StoreError: The store is away.
        """
        self._store.remove_all(self.key)
