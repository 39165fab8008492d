"""What the figures were measured on."""

import contextlib
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.turns import PEERS_PYTHON

PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "streamlit", "onnxruntime", "pandas", "numpy")
PEERS = ("torch", "jax")


def describe() -> dict[str, str]:
    """Returns processor, cores, memory, system, and the versions that matter."""
    described = {
        "Processor": _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "Cores": str(cores()),
    }
    if memory := _field("/proc/meminfo", "MemTotal"):
        described["Memory"] = f"{int(memory.split()[0]) / 2**20:.0f} GB"
    described["System"] = f"{platform.system()} {platform.machine()}"
    described["Python"] = platform.python_version()
    for package in PACKAGES:
        try:
            described[package] = version(package)
        except PackageNotFoundError:
            continue
    for package in PEERS:  # they live in an environment of their own
        asked = [PEERS_PYTHON, "-c", f"import importlib.metadata; print(importlib.metadata.version('{package}'))"]
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            described[package] = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return described


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def busy() -> float:
    """Processes that wanted a core in the last minute, on average; above 0.5 before the start, figures mean little."""
    return os.getloadavg()[0]


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
