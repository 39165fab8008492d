"""A search on a real Ray cluster of two machines, one of which is lost. Where Ray is installed: `requirements-ray.txt`."""

from collections.abc import Iterator

import pytest

ray = pytest.importorskip("ray")
from ray.cluster_utils import Cluster  # noqa: E402

from dcn_core.config.run import override  # noqa: E402
from dcn_core.runs.executor import executor_from_environment  # noqa: E402
from dcn_core.runs.store import RunStore  # noqa: E402
from dcn_core.runs.supervisor import Supervisor  # noqa: E402
from dcn_core.search.conductor import Conductor  # noqa: E402
from dcn_core.search.plan import make_plan  # noqa: E402
from dcn_core.search.searches import Searches  # noqa: E402
from dcn_core.search.space import Dimension  # noqa: E402
from tests.runs.steps import SMALL, has_trained, wait_for  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    monkeypatch.setenv("RAY_ADDRESS", made.address)
    monkeypatch.setenv("PLAYGROUND_EXECUTOR", "ray")
    yield made
    ray.shutdown()
    made.shutdown()


def test_a_search_comes_to_its_end_though_a_machine_is_lost(store: RunStore, cluster: Cluster) -> None:
    second = cluster.add_node(num_cpus=1)
    store.root.mkdir()
    executor = executor_from_environment(store.root)
    wait_for(lambda: executor.slots == 2)
    supervisor = Supervisor(store, executor=executor)
    conductor = Conductor(searches := Searches(store.root), supervisor, store)
    conductor.start()
    base = override(SMALL, ["train.epochs=400", "train.batch_size=64", "data.num_ratings=10000"])
    rates = Dimension(path="train.learning_rate", low=1e-4, high=1e-3, log=True)
    name = searches.create("one", make_plan(base=base, dimensions=(rates,), trials=3, parallel=2, prune=False))
    wait_for(lambda: sum(has_trained(store.open(run_id)) for run_id in store.ids()) == 2)
    before = [store.open(run_id) for run_id in store.ids()]
    supervisor.pause(before[0].id)
    wait_for(lambda: before[0].status().state == "paused")
    supervisor.resume(before[0].id)
    cluster.remove_node(second, allow_graceful=False)
    wait_for(lambda: not searches.read(name).busy)
    conductor.close()
    supervisor.close()
    assert [trial.state for trial in searches.read(name).trials] == ["done"] * 3
    told = [[entry.message for entry in run.log_entries()] for run in before]
    lost = [any("machine that is gone" in message or "unexpectedly" in message for message in own) for own in told]
    begun = [sum(message.endswith("begins.") for message in own) for own in told]
    assert sorted(begun) == [1, 2], told  # one of them went on elsewhere
    assert any(lost) or 2 in begun
