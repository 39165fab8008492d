"""Prepares a process for training: settings that must be in place before TensorFlow is imported, and a warm-up."""

import hashlib
import os
import platform
from pathlib import Path

MOST_CACHED_PROGRAMS = 200
"""Compiled programs kept in the cache, 1 to 2 MB each."""


_CACHE_FLAG = "--tf_xla_persistent_cache_directory="


def configure_tensorflow(cache_folder: Path | None = None) -> None:
    """Sets up TensorFlow for this process. Call it before anything imports TensorFlow.

    Compiled programs are kept in `cache_folder`, so that a model shape seen before starts in about a second. A program
    holds machine code: each kind of processor and each version of the library has its own sub-folder.

    Args:
        cache_folder: Folder for compiled programs, made if it is missing; None keeps none.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
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


def warm_up() -> None:
    """Imports TensorFlow and Keras and trains a toy model once, so that the first real run finds everything loaded."""
    import numpy as np

    from dcn_core.config.features import FeatureSpec
    from dcn_core.config.run import parse_config
    from dcn_core.data.encoder import EncodedData
    from dcn_core.data.splits import Split
    from dcn_core.training.trainer import train

    row = np.arange(8, dtype=np.int32) % 4
    data = EncodedData({"gender": row[:4] % 3}, {"year": row[:4]}, row, row[::-1].copy(), np.ones(8, np.float32))
    specs = (FeatureSpec("gender", 3), FeatureSpec("year", 4))
    config = parse_config({"data": {"features": ["gender", "year"]}, "train": {"epochs": 1, "batch_size": 4}})
    train(config, data, Split(np.arange(4), np.arange(4, 8), np.arange(0)), specs)


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
