"""What tests of every room share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An empty runs folder."""
    return RunStore(tmp_path / "runs")


@pytest.fixture
def supervisor(store: RunStore) -> Iterator[Supervisor]:
    """A supervisor of that folder with a warm worker."""
    supervisor = Supervisor(store)
    yield supervisor
    supervisor.close()
