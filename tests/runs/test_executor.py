"""Which place trains, and that the supervisor asks nothing of it but what an executor promises."""

from pathlib import Path

import pytest

from dcn_core.errors import ConfigError
from dcn_core.runs.executor import LocalExecutor, executor_from_environment
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.runs.steps import SMALL
from tests.search.scripted import ScriptedExecutor, until


def test_the_environment_names_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(executor_from_environment(tmp_path, slots=3), LocalExecutor)
    assert executor_from_environment(tmp_path, slots=3).slots == 3
    monkeypatch.setenv("PLAYGROUND_EXECUTOR", "cloud")
    with pytest.raises(ConfigError, match="'local' or 'ray'"):
        executor_from_environment(tmp_path)


def test_without_ray_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    monkeypatch.setenv("PLAYGROUND_EXECUTOR", "ray")
    with pytest.raises(ConfigError, match=r"pip install -r requirements-ray\.txt"):
        executor_from_environment(tmp_path)


def test_as_many_runs_train_as_the_place_has_room_for(store: RunStore) -> None:
    store.root.mkdir()
    executor = ScriptedExecutor(lambda _: [1.0] * 1000, slots=2)
    supervisor = Supervisor(store, executor=executor)
    ids = [supervisor.start(SMALL) for _ in range(4)]
    until(lambda: [store.open(run_id).status().state for run_id in ids] == ["training", "training", "queued", "queued"])
    executor.slots = 3  # a machine joins
    supervisor.stop(ids[0])
    until(
        lambda: [store.open(run_id).status().state for run_id in ids] == ["stopped", "training", "training", "training"]
    )
    supervisor.close()
    assert [store.open(run_id).status().state for run_id in ids[1:]] == ["interrupted"] * 3
