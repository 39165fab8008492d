"""What the tests of the data room share."""

from pathlib import Path

import pytest

from dcn_core.data.dataset import Dataset
from dcn_core.data.generated import generate


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a cache of its own."""
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def world() -> Dataset:
    """A generated world of 20,000 ratings. Do not change it."""
    return generate(20_000, seed=3)
