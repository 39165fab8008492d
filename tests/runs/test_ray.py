"""A search on a real Ray cluster of two machines, one of which is lost. Where Ray is installed: `requirements-ray.txt`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

ray = pytest.importorskip("ray")
from ray.cluster_utils import Cluster  # noqa: E402

from dcn_core.config.run import override  # noqa: E402
from dcn_core.runs.executor import executor_from_environment  # noqa: E402
from dcn_core.runs.folder import RunFolder  # noqa: E402
from dcn_core.runs.object_store import VARIABLE  # noqa: E402
from dcn_core.runs.store import RunStore  # noqa: E402
from dcn_core.runs.supervisor import Supervisor  # noqa: E402
from dcn_core.search.conductor import Conductor  # noqa: E402
from dcn_core.search.plan import make_plan  # noqa: E402
from dcn_core.search.searches import Searches  # noqa: E402
from dcn_core.search.space import Dimension  # noqa: E402
from tests.runs.steps import LONG, has_trained, wait_for  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


QUICK = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 1000, "health_check_failure_threshold": 3}
"""How soon Ray takes a machine for lost; by itself after some twenty seconds."""


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    head = {"num_cpus": 1, "include_dashboard": False, "_system_config": QUICK}
    made = Cluster(initialize_head=True, head_node_args=head)
    monkeypatch.setenv("RAY_ADDRESS", made.address)
    monkeypatch.setenv("PLAYGROUND_EXECUTOR", "ray")
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.mark.parametrize("way", ["shared folder", "object store"])
def test_a_search_comes_to_its_end_though_a_machine_is_lost(
    store: RunStore, cluster: Cluster, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "object store":
        monkeypatch.setenv(VARIABLE, f"file://{tmp_path}/store")
    second = cluster.add_node(num_cpus=1)
    store.root.mkdir()
    executor = executor_from_environment(store.root)
    wait_for(lambda: executor.slots == 2)
    supervisor = Supervisor(store, executor=executor)
    conductor = Conductor(searches := Searches(store.root), supervisor, store)
    conductor.start()
    try:
        base = override(LONG, ["data.num_ratings=10000"])  # it does not end before a pause reaches it
        rates = Dimension(path="train.learning_rate", low=1e-4, high=1e-3, log=True)
        name = searches.create("one", make_plan(base=base, dimensions=(rates,), trials=2, parallel=2, prune=False))
        wait_for(lambda: len(store.ids()) == 2)
        before = [store.open(run_id) for run_id in store.ids()]
        asked: set[str] = set()
        wait_for(lambda: all(is_paused(run, supervisor, asked) for run in before))
        files = [file for pid in supervisor.workers().values() for file in open_files(pid)]
        assert any(file.is_relative_to(store.root) for file in files) == (way == "shared folder"), files
        cluster.remove_node(second, allow_graceful=False)
        wait_for(lambda: [run.status().state for run in before].count("paused") == 1)
        here, elsewhere = sorted(before, key=lambda run: run.status().state != "paused")
        supervisor.resume(here.id)
        stop(here, supervisor)  # the other needs its place
        stop(elsewhere, supervisor)
        wait_for(lambda: not searches.read(name).busy)
    finally:
        conductor.close()
        supervisor.close()
    assert [trial.state for trial in searches.read(name).trials] == ["stopped early"] * 2
    told = [[entry.message for entry in run.log_entries()] for run in before]
    lost = [any("machine that is gone" in message or "unexpectedly" in message for message in own) for own in told]
    begun = [sum(message.endswith("begins.") for message in own) for own in told]
    assert sorted(begun) == [1, 2], told  # one of them went on elsewhere
    assert any(lost) or 2 in begun
    assert not list(tmp_path.glob("store/*"))  # it is a way, not a place to stay
    assert all(store.open(run_id).weights() for run_id in store.ids())


def is_paused(run: RunFolder, supervisor: Supervisor, asked: set[str]) -> bool:
    """Whether a run is, which is asked for once it trains."""
    if has_trained(run) and run.id not in asked:
        asked.add(run.id)
        supervisor.pause(run.id)
    return run.status().state == "paused"


def stop(run: RunFolder, supervisor: Supervisor) -> None:
    """Ends a run early, once it trains."""
    wait_for(lambda: run.status().state == "training")
    supervisor.stop(run.id)


def open_files(pid: int) -> list[Path]:
    """The files that a process has open."""
    return [link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()]
