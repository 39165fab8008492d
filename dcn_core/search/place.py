"""Where searches are kept, told without loading Optuna."""

import os
from pathlib import Path

FILE = ".search.sqlite"


def database_url(root: Path) -> str:
    """`PLAYGROUND_SEARCH_DB`, for a database that several servers share, or a file beside the runs.

    Args:
        root: The runs folder.
    """
    return os.environ.get("PLAYGROUND_SEARCH_DB") or f"sqlite:///{root.resolve() / FILE}"


def exist(root: Path) -> bool:
    """Whether there may be searches, told without a look into the database."""
    return bool(os.environ.get("PLAYGROUND_SEARCH_DB")) or (root / FILE).exists()
