"""The app without a browser: its script run by Streamlit's own tester, on folders of its own."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dcn_core.config.run import RunConfig, parse_config
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.hostile import movielens_csv

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty folders for runs and caches, and no worker kept warm."""
    monkeypatch.setenv("PLAYGROUND_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PLAYGROUND_WARM_WORKER", "0")
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


Open = Callable[..., AppTest]


@pytest.fixture
def app() -> Open:
    """Opens a page of the app in a new session: `app("data")`."""

    def open_page(
        page: str = "train", query: dict[str, str] | None = None, state: dict[str, object] | None = None
    ) -> AppTest:
        tester = AppTest.from_file(ROOT / "ui" / "shell.py", default_timeout=60)
        for key, value in (query or {}).items():
            tester.query_params[key] = value
        for key, value in (state or {}).items():
            tester.session_state[key] = value
        tester.run()
        if page != "train":
            tester.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        return tester

    return open_page


def train(root: Path, values: dict[str, dict[str, object]]) -> RunFolder:
    """Trains a run in a real worker and returns it finished."""
    store = RunStore(root)
    supervisor = Supervisor(store, keep_warm=False)
    config: RunConfig = parse_config(values)
    run = store.open(supervisor.start(config))
    limit = time.monotonic() + 120
    while run.status().waiting_or_active and time.monotonic() < limit:
        time.sleep(0.2)
    supervisor.close()
    assert run.status().finished, (run.status(), run.log_entries())
    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run on a small generated world."""
    values = {"data": {"num_ratings": 10_000}, "train": {"epochs": 2}, "model": {"embedding_dim": 4}}
    return train(tmp_path_factory.mktemp("trained"), values)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run on movies with hostile titles and genres, from a path that is one too."""
    folder = tmp_path_factory.mktemp("hostile")
    source = movielens_csv(folder / "ml-:smile: $x$ <b>")
    values: dict[str, dict[str, object]] = {
        "data": {"source": str(source), "features": ["genres", "user_id", "movie_id"]},
        "train": {"epochs": 1, "batch_size": 64},
        "model": {"embedding_dim": 4},
    }
    return train(folder / "runs", values)


@pytest.fixture
def on_trained(trained: RunFolder, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """The app's runs folder is the one of `trained`."""
    monkeypatch.setenv("PLAYGROUND_RUNS", str(trained.path.parent))
    return trained


@pytest.fixture
def on_hostile(hostile: RunFolder, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """The app's runs folder is the one of `hostile`."""
    monkeypatch.setenv("PLAYGROUND_RUNS", str(hostile.path.parent))
    return hostile
