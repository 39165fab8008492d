"""Writing small files so that a reader, or a crash, never sees half of one."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


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
