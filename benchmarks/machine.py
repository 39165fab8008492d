"""What the figures were measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "torch", "jax", "streamlit", "onnxruntime", "pandas", "numpy")


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
