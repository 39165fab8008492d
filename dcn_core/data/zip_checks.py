"""What a zip must keep to before anything of it is read: sizes, number and names of its members."""

import re
import stat
import struct
import zipfile
from pathlib import Path
from typing import NamedTuple

from dcn_core.errors import DataError

MAX_MEMBERS = 1_000
MAX_DIRECTORY_BYTES = 1 << 20  # a thousand members with long names
MAX_FILE_BYTES = 2 << 30  # the largest, ratings.csv of the 32M release, has 0.9 GB
MAX_TOTAL_BYTES = 6 << 30
MAX_RATIO = 100  # MovieLens tables shrink to about a quarter, a zip bomb to a thousandth
_RATIO_FROM = 8 << 20  # small files may be as repetitive as they like
_TAIL_BYTES = (1 << 16) + 22  # the end record and the longest comment

_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


class Kind(NamedTuple):
    """What an archive ought to be, for the messages.

    Attributes:
        what: With its article.
        example: A name of a file in it.
        advice: Where to get a good one, as the end of a sentence.
    """

    what: str
    example: str
    advice: str


MOVIELENS = Kind("a MovieLens archive", "ml-1m/ratings.dat", "download it from GroupLens")


def check_directory(path: Path, kind: Kind = MOVIELENS) -> None:
    """Refuses an archive whose table of contents is too large, before `zipfile` makes an object of each of its lines.

    Raises:
        DataError: It is.
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        return  # no zip: `zipfile` says so
    directory: int = struct.unpack_from("<L", tail, at + 12)[0]
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\6\7" and tail[at - 76 : at - 72] == b"PK\6\6":
        directory = max(directory if directory != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, at - 36)[0])
    if directory > MAX_DIRECTORY_BYTES:
        raise DataError(
            f"{path.name} has a table of contents of {directory:,} bytes, expected at most {MAX_DIRECTORY_BYTES:,}: it holds "
            f"far more files than {kind.what}. Instead, {kind.advice}."
        )


def check_members(label: str, infos: list[zipfile.ZipInfo], kind: Kind = MOVIELENS) -> None:
    """Refuses an archive that could write outside its folder or fill the memory.

    Raises:
        DataError: Says which member, and why.
    """
    if len(infos) > MAX_MEMBERS:
        raise DataError(
            f"{label} holds {len(infos):,} files, expected at most {MAX_MEMBERS:,}. This is not {kind.what}."
        )
    seen = set()
    for info in infos:
        name = info.orig_filename.replace("\\", "/")
        shown = repr(info.orig_filename[:80])
        if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/") or "\0" in name:
            raise DataError(
                f"{label} holds a file named {shown}, which points outside the archive. Expected plain names "
                f"like '{kind.example}'. Do not trust this archive; {kind.advice}."
            )
        mode = stat.S_IFMT(info.external_attr >> 16)
        if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "a link" if mode == stat.S_IFLNK else "a device"
            raise DataError(
                f"{label} holds {shown}, which is {what} to something else. Expected plain files. Do not trust this archive; "
                f"{kind.advice}."
            )
        if info.flag_bits & 0x1 or info.compress_type not in _READABLE:
            raise DataError(
                f"{label} holds {shown} encrypted or packed in a way that cannot be read. Expected a zip as downloaded. Pack it "
                "again without a password."
            )
        if name in seen:
            raise DataError(f"{label} holds {shown} twice, expected once. The archive is damaged; download it again.")
        seen.add(name)
        check_size(f"{label}: {name[:80]}", info.file_size, info.compress_size, kind)
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES:
        raise DataError(
            f"{label} unpacks to {total / 1e9:.1f} GB, expected at most {MAX_TOTAL_BYTES / 1e9:.1f} GB. This is not "
            f"{kind.what}."
        )


def check_size(label: str, size: int, compressed: int, kind: Kind = MOVIELENS) -> None:
    """Refuses a member that is too large, or that grows too much.

    Raises:
        DataError: It is, or does.
    """
    if size > MAX_FILE_BYTES or (size > _RATIO_FROM and size > MAX_RATIO * compressed):
        raise DataError(
            f"{label} unpacks from {compressed:,} to {size:,} bytes or more, expected at most {MAX_RATIO} times as many "
            f"and {MAX_FILE_BYTES:,}. This is not {kind.what}; {kind.advice}."
        )
