"""Opens a MovieLens archive or unpacked folder safely: names, sizes and bytes are checked, nothing is unpacked to disk."""

import hashlib
import itertools
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dcn_core.data.zip_checks import MAX_FILE_BYTES, check_directory, check_members, check_size
from dcn_core.errors import DataError

SOURCE_FILES = (
    *("ratings.dat", "movies.dat", "users.dat"),
    *("ratings.csv", "movies.csv", "README.txt"),
    *("u.data", "u.item", "u.user"),
)
"""The files that are read, of all releases. All others are left alone."""

RATING_FILES = ("ratings.dat", "ratings.csv", "u.data")

MAX_ENTRIES = 10_000
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Source:
    """The tables of one data set, wherever they lie.

    Attributes:
        path: The archive or folder.
        folder: Name of the folder that holds the tables, for instance "ml-1m".
        members: Where each of `SOURCE_FILES` that is there lies: a name in the archive, or a path relative to `path`.
    """

    path: Path
    folder: str
    members: dict[str, str]

    def read(self, name: str) -> bytes:
        """Returns the bytes of one table.

        Raises:
            DataError: The file is damaged, too large, or not there.
        """
        member = self.members[name]
        if self.path.is_dir():
            return _read_file(self.path / member)
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(member) as stream:
                compressed = archive.getinfo(member).compress_size
                chunks, size = [], 0
                while chunk := stream.read(_CHUNK):
                    # Counted here because a header can claim any size.
                    size += len(chunk)
                    check_size(f"{self.path.name}: {member}", size, compressed)
                    chunks.append(chunk)
        except DataError:
            raise
        except Exception as error:  # zipfile, zlib and struct raise a dozen kinds on damaged bytes
            raise DataError(
                f"{self.path.name}: {member} cannot be unpacked, the archive is damaged or encrypted ({error}). "
                "Expected a MovieLens zip as downloaded. Download it again."
            ) from error
        return b"".join(chunks)


def find_path(text: str) -> Path:
    """Returns the path of an existing archive or folder.

    Raises:
        DataError: There is no such file or folder, or it is neither.
    """
    try:
        path = Path(text).expanduser()
        if path.is_file() or path.is_dir():
            return path
        found = "something that is neither" if path.exists() else "nothing there"
    except (OSError, ValueError, RuntimeError) as error:  # names too long, with a NUL, of an unknown ~user
        found = str(error)
    raise DataError(
        f"the source must be the path of a MovieLens archive (.zip), of its folder, or of a table. Received: '{text}' ({found}). "
        "Check the spelling, or use 'generated' for the built-in world."
    )


def checksum(source: Source) -> str:
    """Returns the SHA-256, as hex, of an archive, or of the files of a folder that are read, with their names.

    Raises:
        DataError: Something cannot be read.
    """
    try:
        if source.path.is_file():
            return _digest(source.path)
        parts = [f"{name} {_digest(source.path / member)}\n" for name, member in sorted(source.members.items())]
        return hashlib.sha256("".join(parts).encode()).hexdigest()
    except OSError as error:
        raise DataError(f"{source.path.name} cannot be read ({error}). Check that you may read it.") from error


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_source(path: Path) -> Source:
    """Finds the tables in an archive or folder.

    Raises:
        DataError: It is empty, damaged, of another format, unsafe, or holds no ratings.
    """
    return _find_in_folder(path) if path.is_dir() else _find_in_archive(path)


def _find_in_folder(path: Path) -> Source:
    try:
        children = list(itertools.islice(path.iterdir(), MAX_ENTRIES + 1))
        if len(children) > MAX_ENTRIES:
            raise DataError(
                f"the folder {path.name} holds more than {MAX_ENTRIES:,} entries. Give the folder of one MovieLens release."
            )
        folders = [path, *sorted(child for child in children if child.is_dir())]
        files = [
            str((folder / name).relative_to(path))
            for folder in folders
            for name in SOURCE_FILES
            if (folder / name).is_file()
        ]
    except OSError as error:
        raise DataError(f"the folder {path.name} cannot be read ({error}). Check that you may read it.") from error
    return _choose(path, (name.replace("\\", "/") for name in files), path.resolve().name)


def _find_in_archive(path: Path) -> Source:
    start = b""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
        if not start:
            raise DataError(f"{path.name} is empty (0 bytes). Expected a MovieLens zip. Download it again.")
        check_directory(path)
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except DataError:
        raise
    except Exception as error:  # see Source.read
        if start == b"PK\x03\x04":
            raise DataError(
                f"{path.name} begins like a zip but does not end like one, so it is truncated or damaged ({error}). "
                "Expected a whole MovieLens zip. Download it again."
            ) from error
        raise DataError(
            f"{path.name} is not a zip archive: it begins with {start!r}, expected b'PK'. "
            "Give the zip as downloaded from GroupLens, or the folder that it unpacks to."
        ) from error
    check_members(path.name, infos)
    names = [info.filename for info in infos if not info.is_dir()]
    if not names:
        raise DataError(f"{path.name} holds no files. Expected the tables of a MovieLens release. Download it again.")
    return _choose(path, names, path.stem)


def _read_file(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise DataError(
                f"{path.name} has {size:,} bytes, expected at most {MAX_FILE_BYTES:,}. This is not a MovieLens table."
            )
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error}). Check that you may read it.") from error


def _choose(path: Path, names: Iterable[str], top: str) -> Source:
    """Picks the one folder that holds a table of ratings; the outermost if one lies inside another."""
    folders: dict[PurePosixPath, dict[str, str]] = {}
    others = []
    for name in names:
        place = PurePosixPath(name.replace("\\", "/"))
        others.append(place.name)
        if place.name in SOURCE_FILES and "__MACOSX" not in place.parts:
            folders.setdefault(place.parent, {})[place.name] = name
    candidates = sorted((folder for folder, files in folders.items() if files.keys() & set(RATING_FILES)), key=_depth)
    if not candidates:
        seen = ", ".join(name[:40] for name in sorted(others)[:8]) or "none of them"
        if any(name.lower().endswith(".zip") for name in others):
            seen += " (an archive inside is not opened: unpack the outer one first)"
        raise DataError(
            f"{path.name} holds no MovieLens ratings: expected one of {', '.join(RATING_FILES)}. Received: {seen}. "
            "Give a MovieLens archive as downloaded, or the folder that it unpacks to."
        )
    if len(candidates) > 1 and _depth(candidates[0]) == _depth(candidates[1]):
        raise DataError(
            f"{path.name} holds several data sets: {', '.join(map(str, candidates[:8]))}. Expected one. Give one of the folders."
        )
    return Source(path, candidates[0].name or top, folders[candidates[0]])


def _depth(folder: PurePosixPath) -> int:
    return len(folder.parts)
