"""Prepares a process for training: settings that must be in place before TensorFlow is imported, and a warm-up."""

import contextlib
import functools
import gc
import hashlib
import os
import platform
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from dcn_core.config.features import FeatureSpec
from dcn_core.config.run import RunConfig
from dcn_core.model.cost import flops_per_example

MOST_CACHED_PROGRAMS = 200
"""Compiled programs kept in the cache, 1 to 2 MB each."""
ONE_THREAD_FLOPS = 20_000_000
"""Operations of a step up to which one thread computes it. Measured: docs/decisions.md."""

_CACHE_FLAG = "--tf_xla_persistent_cache_directory="


def configure_tensorflow(cache_folder: Path | None = None) -> None:
    """Sets up TensorFlow for this process. Call it before anything imports TensorFlow.

    Compiled programs are kept in `cache_folder`, so that a model shape seen before starts in about a second. A program
    holds machine code: each kind of processor and each version of the library has its own sub-folder.

    Args:
        cache_folder: Folder for compiled programs, made if it is missing; None keeps none.
    """
    os.environ.setdefault(
        "TF_CPP_MIN_LOG_LEVEL", "3"
    )  # a cached program is read in two forms, and the first that fails is told as an error
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if cache_folder is None:
        return
    folder = cache_folder / "xla" / _machine()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        programs = sorted(folder.glob("*.pb"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in programs[MOST_CACHED_PROGRAMS:]:
            path.unlink(missing_ok=True)
    except OSError:
        return  # A cache that cannot be written only costs time.
    flag = f"{_CACHE_FLAG}{folder}"
    os.environ["TF_XLA_FLAGS"] = " ".join(filter(None, (os.environ.get("TF_XLA_FLAGS"), flag)))


def clear_program_cache() -> bool:
    """Deletes this process's cached programs, for when one turns out damaged. Returns whether there were any."""
    deleted = False
    for flag in os.environ.get("TF_XLA_FLAGS", "").split():
        if flag.startswith(_CACHE_FLAG):
            for path in Path(flag.removeprefix(_CACHE_FLAG)).glob("*.pb"):
                path.unlink(missing_ok=True)
                deleted = True
    return deleted


@functools.cache  # frozen a second time, the garbage of a training in between would stay for good
def warm_up() -> None:
    """Imports all that a run needs, which takes seconds. TensorFlow does not begin to compute: `use_threads` comes first."""
    # What Keras does with these, nothing here uses; they would cost more than a second.
    with _without("sklearn", "scipy"), _no_garbage():
        import dcn_core.model.export
        import dcn_core.training.trainer  # noqa: F401


@contextlib.contextmanager
def _no_garbage() -> Iterator[None]:
    """Keeps Python from looking for garbage, over and over, among the million objects that a block makes to stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextlib.contextmanager
def _without(*packages: str) -> Iterator[None]:
    """Lets imports in the block find that optional packages are missing, but for those that are loaded already."""
    hidden = [package for package in packages if package not in sys.modules]
    for package in hidden:
        sys.modules[package] = None  # type: ignore[assignment]  # what Python itself documents for this
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]


def use_threads(count: int) -> None:
    """Sets with how many threads TensorFlow computes; 0 is one a core. Without effect once it has begun to compute."""
    import tensorflow as tf

    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(count)


def threads_for(config: RunConfig, specs: Sequence[FeatureSpec]) -> int:
    """Threads that the steps of a training are worth: 1 for small ones, 0 (one a core) for others.

    A second thread makes small steps a little faster on an idle machine and much slower on a busy one, because the two
    wait for each other several times a step: docs/decisions.md.
    """
    operations = 3 * flops_per_example(config.model, specs)["total"] * config.train.batch_size
    return 1 if operations <= ONE_THREAD_FLOPS else 0


def leave(code: str | int | None) -> NoReturn:
    """Ends the process, as `sys.exit` does. With TensorFlow loaded it does so at once: to take itself down takes it a second."""
    if "tensorflow" not in sys.modules or isinstance(code, str):
        sys.exit(code)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def leave_with_caller() -> None:
    """Ends this process, with exit code 1, as soon as its standard input ends: the program that held the other end is gone."""

    def watch() -> None:
        while os.read(0, 4096):  # not through sys.stdin, whose lock an ordinary end would wait for
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="caller").start()


def _machine() -> str:
    """A name for what compiled programs depend on: processor, its features, and the library's version."""
    from importlib.metadata import PackageNotFoundError, version

    parts = [platform.system(), platform.machine(), platform.processor(), str(os.cpu_count())]
    for package in ("tensorflow", "tensorflow-cpu"):
        try:
            parts.append(version(package))
        except PackageNotFoundError:
            continue
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(errors="replace").splitlines()
        parts += sorted({line for line in lines if line.startswith(("flags", "Features", "model name"))})
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
