"""An object store given by its URL, such as `s3://bucket/prefix`: bytes under keys, through fsspec. Without locks, and
nothing in it is ever changed in place."""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from dcn_core.errors import ConfigError, PlaygroundError, StoreError

VARIABLE = "PLAYGROUND_RAY_STORE"
AT_ONCE = 8
"""Objects that are on their way at the same time: one takes tens of milliseconds, whatever its size."""
TICK_S = 1.0
_OWN_PROCESS_ONLY = ("memory",)


class ObjectStore:
    """Bytes under keys. A key is a path below the URL, with `/` between its parts.

    Args:
        url: Where, as fsspec understands it.

    Raises:
        ConfigError: It is no URL, of a protocol that is not known, or the package for it is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._files, self._root = _opened(url)

    def __str__(self) -> str:
        """The URL without what is secret in it."""
        return _shown(self.url)

    @classmethod
    def from_environment(cls, url: str) -> "ObjectStore":
        """The store that all machines are to use, after a look whether it can be written and read.

        Raises:
            ConfigError: It cannot, or other machines cannot see it.
        """
        protocol = url.partition("://")[0]
        if protocol in _OWN_PROCESS_ONLY:
            raise ConfigError(f"{VARIABLE} must name a store that all machines see. Received: '{_shown(url)}'.")
        store, key, content = cls(url), f"probe-{secrets.token_hex(8)}", secrets.token_bytes(16)
        try:
            store.write({key: content})
            found = store.read(key)
            store.remove([key])
        except StoreError as error:
            raise ConfigError(f"{VARIABLE} must name a store that can be written and read. {error}") from None
        if found != content:
            raise ConfigError(f"{VARIABLE} must name a store that gives back what it got. {store} does not.")
        return store

    def read(self, key: str) -> bytes:
        """Returns what lies under a key.

        Raises:
            StoreError: Nothing does, or the store is away.
        """
        with self._told():
            return bytes(self._files.cat_file(f"{self._root}/{key}"))

    def write(self, objects: Mapping[str, bytes]) -> None:
        """Puts bytes under keys, several at a time, in any order.

        Raises:
            StoreError: At least one could not be written.
        """
        with self._told(), ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda item: self._files.pipe_file(f"{self._root}/{item[0]}", item[1]), objects.items()))

    def remove(self, keys: list[str]) -> None:
        """Removes what lies under keys, as far as there is something.

        Raises:
            StoreError: The store is away.
        """
        with self._told(), ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._remove, keys))

    def _remove(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._files.rm_file(f"{self._root}/{key}")

    def remove_all(self, key: str) -> None:
        """Removes all that lies below a key.

        Raises:
            StoreError: The store is away.
        """
        with self._told(), contextlib.suppress(FileNotFoundError):
            self._files.rm(f"{self._root}/{key}", recursive=True)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each protocol has its own kinds
            reason = f"{type(error).__name__}: {error}".replace(self.url, str(self))[:300]
            raise StoreError(f"the object store {self} could not be asked. Received: {reason}") from None


def reach(
    what: Callable[[], object],
    given_up: threading.Event,
    patience_s: float = float("inf"),
    told: Callable[[str], None] = lambda _: None,
) -> str:
    """Does something with a store until it succeeds. Returns an empty text, or why it has not succeeded.

    Args:
        what: To be done; raises PlaygroundError or OSError where it could not be.
        given_up: Ends the trying.
        patience_s: So does this time.
        told: Is told the first failure.
    """
    deadline, first = time.monotonic() + patience_s, True
    while True:
        try:
            what()
            return ""
        except (PlaygroundError, OSError) as error:
            problem = str(error)
        if first:
            told(problem)
            first = False
        if time.monotonic() >= deadline or given_up.wait(TICK_S):
            return problem


def _opened(url: str) -> tuple[Any, str]:
    """fsspec's file system and the path in it."""
    protocol, between, _ = url.partition("://")
    if not between or "::" in url:
        raise ConfigError(
            f"{VARIABLE} must be a URL such as 's3://bucket/prefix' or 'file:///shared/store'. Received: '{_shown(url)}'."
        )
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise ConfigError(f"{VARIABLE} needs fsspec: pip install -r requirements-ray.txt") from None
    options: dict[str, Any] = {"auto_mkdir": True} if protocol in ("file", "local") else {}
    try:
        files, root = url_to_fs(url, use_listings_cache=False, **options)
    except ImportError as error:
        raise ConfigError(
            f"{VARIABLE}={_shown(url)} needs a package that is not installed on this machine. {error}: pip install it on all."
        ) from None
    except Exception as error:  # each protocol checks its URL in its own way
        reason = str(error).replace(url, _shown(url))[:300]
        raise ConfigError(
            f"{VARIABLE} must be a URL that fsspec knows. Received: '{_shown(url)}' ({reason})."
        ) from None
    if not str(root).strip("/"):
        raise ConfigError(
            f"{VARIABLE} must name a bucket or folder, as in 's3://bucket/prefix'. Received: '{url[:80]}'."
        )
    return files, str(root).rstrip("/")


def _shown(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("://")[0][:40]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200] if parts.scheme else url[:80]
