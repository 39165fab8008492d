"""Python processes that this program starts of itself."""

import os
from pathlib import Path


def with_our_code() -> dict[str, str]:
    """This process's environment, in which a new interpreter finds this package from any folder."""
    root = str(Path(__file__).resolve().parents[1])
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
