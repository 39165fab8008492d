"""Python processes that this program starts of itself."""

import os
import subprocess
import sys
from pathlib import Path


def with_our_code() -> dict[str, str]:
    """This process's environment, in which a new interpreter finds this package from any folder."""
    root = str(Path(__file__).resolve().parents[1])
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}


def run_module(name: str, *arguments: str, longest_s: float, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of ours in a new interpreter to its end, and returns its exit code and what it wrote.

    Args:
        name: As after `python -m`.
        *arguments: What follows.
        longest_s: After so many seconds it is ended.
        **environment: Variables beside this process's own.

    Raises:
        subprocess.TimeoutExpired: It took longer.
    """
    return subprocess.run(
        [sys.executable, "-m", name, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=with_our_code() | environment,
        text=True,
        errors="replace",
        timeout=longest_s,
        check=False,
    )
