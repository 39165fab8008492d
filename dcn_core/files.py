"""Writing small files so that a reader, or a crash, never sees half of one; and reading them with clear errors."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from dcn_core.errors import RunError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SPARE_BYTES = 1_000_000


def write_atomic(path: Path, content: bytes | Callable[[BinaryIO], None], durable: bool = True) -> None:
    """Writes a file beside `path`, then puts it in place in one step; after an error, nothing is left of it.

    Args:
        path: Where the file belongs. The folder must exist.
        content: The bytes, or a function that writes them.
        durable: Whether to wait until the bytes are on the disk (milliseconds). Otherwise a power cut may bring back
            the file before this one; the end of the process never does.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any, durable: bool = True) -> None:
    """Writes `value` as JSON in one step. NaN and infinity are not JSON and raise ValueError."""
    write_atomic(path, json.dumps(value, allow_nan=False, indent=1).encode(), durable)


def overwrite_json(path: Path, value: Any) -> None:
    """Writes `value` over the bytes of a file that exists: the last word where a full disk has no room for a new file.

    The file never becomes shorter, so it keeps the room it has; what is left of it is filled with spaces.
    """
    content = json.dumps(value, allow_nan=False).encode()
    with path.open("r+b", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        file.write(content.ljust(size))


def parse_json(text: str | bytes) -> Any:
    """Returns the value of a JSON text whose numbers and texts can be used and shown.

    Raises:
        ValueError: It is no JSON, says NaN or Infinity, is nested too deeply, or holds half a character.
    """
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    escape = b"\\u" if isinstance(text, bytes) else "\\u"
    if escape in text:  # type: ignore[operator]
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text that a page can show
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def read_json(path: Path) -> Any:
    """Returns the value in a JSON file of a run.

    Raises:
        RunError: The file is missing or is not JSON.
    """
    try:
        return parse_json(path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"expected the file {path.name} in the run folder {path.parent.name}. It is missing.") from None
    except (ValueError, OSError) as error:
        raise RunError(f"expected JSON in {path.parent.name}/{path.name}. It cannot be read: {error}") from None


def is_disk_full(error: OSError, folder: Path) -> bool:
    """Whether an error came of a full disk, a used-up quota or a limit on file sizes.

    Libraries wrap such errors and lose their number, so the disk is asked as well.
    """
    if error.errno in _FULL or "No space left" in str(error):
        return True
    try:
        return shutil.disk_usage(folder).free < _SPARE_BYTES
    except OSError:
        return False
