"""Searches: they find what is better, stop the hopeless, and go on after any interruption."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dcn_core.config.features import FEATURE_NAMES
from dcn_core.config.run import RunConfig, override
from dcn_core.errors import ConfigError, RunError
from dcn_core.pictures import search as pictures
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from dcn_core.search import conductor as conducting
from dcn_core.search.conductor import Conductor
from dcn_core.search.plan import Plan, make_plan
from dcn_core.search.searches import Searches
from dcn_core.search.space import Dimension, parse_dimension, searchable, suggestion
from dcn_core.search.trials import Search, TrialRow
from tests.search.scripted import Curve, ScriptedExecutor, ScriptedWorker, until

DROPOUT = Dimension(path="model.dropout", low=0.0, high=0.5)
Start = Callable[..., Supervisor]


def bowl(config: RunConfig) -> list[float]:
    """Best at a dropout of 0.2."""
    value = 1 + (config.model.dropout - 0.2) ** 2
    return [value + 0.2, value + 0.1, value]


def plan(*dimensions: Dimension, **more: object) -> Plan:
    return make_plan(base=RunConfig(), dimensions=dimensions or (DROPOUT,), data="data", **more)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conducting, "EVERY_S", 0.01)
    monkeypatch.setattr(conducting, "IDLE_S", 0.02)


@pytest.fixture
def conduct(store: RunStore) -> Iterator[Start]:
    """Starts a server: a supervisor with a conductor, on the runs folder of the test."""
    store.root.mkdir()
    open_ones: list[tuple[Conductor, Supervisor]] = []

    def start(curve: Curve = bowl, **more: object) -> Supervisor:
        supervisor = Supervisor(store, executor=ScriptedExecutor(curve, **more))  # type: ignore[arg-type]
        conductor = Conductor(Searches(store.root), supervisor, store)
        conductor.start()
        open_ones.append((conductor, supervisor))
        return supervisor

    def end() -> None:
        for conductor, supervisor in open_ones:
            conductor.close()
            supervisor.close()
        open_ones.clear()

    start.end = end  # type: ignore[attr-defined]
    yield start
    end()


def finished(searches: Searches, name: str) -> Search:
    until(lambda: not searches.read(name).busy)
    return searches.read(name)


def test_tpe_gets_close_to_the_best_and_trials_are_ordinary_runs(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)
    conduct(epoch_s=0.0)
    found = finished(searches, searches.create("one", plan(trials=18, prune=False)))
    assert found.state == "done" and len(found.trials) == 18
    best = found.best
    assert best is not None and abs(best.settings["model.dropout"] - 0.2) < 0.08
    run = store.open(str(best.run))
    assert run.status().state == "done" and run.config().model.dropout == best.settings["model.dropout"]
    assert found.config(best) == run.config()
    values = [value for _, _, value in found.best_so_far()]
    assert values == sorted(values, reverse=True)


def test_importance_tells_what_matters(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)
    conduct(epoch_s=0.0)
    idle = Dimension(path="train.patience", low=1, high=20)
    found = finished(searches, searches.create("one", plan(DROPOUT, idle, sampler="random", trials=18, prune=False)))
    shares = searches.importances(found.name)
    assert next(iter(shares)) == "model.dropout" and sum(shares.values()) == pytest.approx(1)


def test_a_grid_tries_everything_once_and_nothing_twice(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)
    conduct(epoch_s=0.0)
    kinds = Dimension(path="model.cross_kind", choices=("matrix", "low_rank"))
    ranks = Dimension(path="model.projection_dim", choices=(2, 4))
    found = finished(searches, searches.create("one", plan(ranks, kinds, sampler="grid", trials=100, prune=False)))
    assert len(found.trials) == 4
    settings = sorted(str(trial.settings) for trial in found.trials)
    assert settings.count("{'model.cross_kind': 'matrix'}") == 2  # the rank has no effect there
    assert len(store.ids()) == 3  # so the same experiment is not trained again


def test_the_hopeless_are_stopped_early(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)

    def curve(config: RunConfig) -> list[float]:
        return [1.0 + (config.train.seed > 0) * config.model.dropout] * 30

    conduct(curve, epoch_s=0.02)
    levels = Dimension(path="model.dropout", choices=(0.0, 0.05, 0.1, 0.15, 0.2, 0.7, 0.75, 0.8))
    found = finished(searches, searches.create("one", plan(levels, sampler="grid", trials=100)))
    early = [trial for trial in found.trials if trial.state == "stopped early"]
    assert early and all(store.open(str(trial.run)).status().state == "stopped" for trial in early)
    assert found.best is not None and found.best.value == 1.0


def test_the_table_and_the_picture_show_settings_as_the_form_does() -> None:
    kinds = Dimension(path="model.cross_kind", choices=("matrix", "low_rank"))
    rank, widths = (
        Dimension(path="model.projection_dim", low=4, high=16),
        Dimension(path="model.deep_layer_sizes", choices=((64, 32), (32,))),
    )
    settings = [("low_rank", 8, [64, 32]), ("matrix", None, [32])]
    paths = (kinds.path, rank.path, widths.path)
    trials = [
        TrialRow(number, "done", float(number), dict(zip(paths, own, strict=True)))
        for number, own in enumerate(settings, 1)
    ]
    found = Search("Search 1", plan(kinds, rank, widths), "done", trials=trials)
    table = pictures.table(found)
    assert table["State"].tolist() == ["Done", "Done"]
    assert table[kinds.label].tolist() == ["Low rank", "Matrix"] and table[widths.label].tolist() == ["64 → 32", "32"]
    assert table[rank.label].dtype == "Int64" and table[rank.label].isna().tolist() == [False, True]
    shown = pictures.parallel(found)
    assert shown.sentence.endswith(": Cross layer Low rank, Rank 8, Deep layers 64 → 32.")
    assert list(shown.figure.data[0].dimensions[0].ticktext) == ["Matrix", "Low rank"]


def test_a_failed_trial_does_not_end_the_search(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)
    conduct(lambda config: [] if config.model.dropout > 0.3 else bowl(config), epoch_s=0.0)
    levels = Dimension(path="model.dropout", choices=(0.1, 0.2, 0.4))
    found = finished(searches, searches.create("one", plan(levels, sampler="grid", trials=9, prune=False)))
    assert sorted(trial.state for trial in found.trials) == ["done", "done", "failed"]
    assert [trial.problem for trial in found.trials if trial.state == "failed"] == ["It diverged."]


def test_a_search_stops_and_goes_on(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)
    conduct()
    name = searches.create("one", plan(trials=6, sampler="random", prune=False))
    until(lambda: len(searches.read(name).done) >= 1)
    searches.set_state(name, "stopped")
    stopped = finished(searches, name)
    assert stopped.state == "stopped" and 1 <= len(stopped.trials) < 6
    searches.set_state(name, "running")
    assert len(finished(searches, name).done) == 6
    searches.extend(name, 2)
    found = finished(searches, name)
    assert found.state == "done" and len(found.trials) == 8
    assert len({trial.settings["model.dropout"] for trial in found.trials}) == 8


def test_a_search_goes_on_after_the_server_ended(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)
    conduct(epoch_s=0.2)
    name = searches.create("one", plan(trials=4, sampler="random", prune=False))
    until(lambda: any(trial.run and store.open(trial.run).status().active for trial in searches.read(name).trials))
    conduct.end()  # type: ignore[attr-defined]
    cut = Searches(store.root).read(name)
    assert cut.state == "running" and not cut.done
    conduct()
    found = finished(Searches(store.root), name)
    assert [trial.state for trial in found.trials] == ["done"] * 4
    assert found.trials[0].run == cut.trials[0].run  # its trial went on in the same run


@pytest.mark.parametrize("linger_s", [0.0, 0.2])
def test_a_trial_that_is_interrupted_again_and_again_is_given_up(
    store: RunStore, conduct: Start, linger_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedWorker, "linger_s", linger_s)
    searches = Searches(store.root)
    supervisor = conduct(epoch_s=60.0)
    name = searches.create("one", plan(trials=1, prune=False))
    workers = supervisor._executor.workers  # type: ignore[attr-defined]
    for times in range(1, 4):
        until(lambda times=times: len(workers) == times and workers[-1].is_alive())  # type: ignore[misc]
        workers[-1].kill()
        workers[-1]._stopped.set()
    found = finished(searches, name)
    assert found.trials[0].state == "failed" and "3 times" in found.trials[0].problem


def test_only_one_process_conducts(store: RunStore, conduct: Start) -> None:
    searches = Searches(store.root)
    for _ in range(3):
        conduct(epoch_s=0.0)
    found = finished(searches, searches.create("one", plan(trials=5, prune=False)))
    assert len(found.trials) == 5 and len(store.ids()) == 5


def test_names_are_unique_and_a_missing_search_is_said(store: RunStore) -> None:
    searches = Searches(store.root)
    assert searches.names() == [] and not (store.root / ".search.sqlite").exists()
    searches.create("one", plan())
    with pytest.raises(ConfigError, match="There is one called 'one'"):
        searches.create("one", plan())
    with pytest.raises(ConfigError, match="at least one"):
        searches.create("  ", plan())
    assert searches.names() == ["one"]
    searches.delete("one")
    with pytest.raises(RunError, match="no such search"):
        searches.read("one")


def test_a_damaged_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / ".search.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(RunError, match="database of the searches"):
        Searches(tmp_path).names()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model.dropout=0..0.5", {"low": 0.0, "high": 0.5, "log": False}),
        ("train.learning_rate=1e-4..1e-2:log", {"low": 1e-4, "high": 1e-2, "log": True}),
        ("model.cross_kind=matrix,low_rank", {"choices": ("matrix", "low_rank")}),
        ("model.deep_layer_sizes=[[32],[64,32]]", {"choices": ((32,), (64, 32))}),
        ("model.embedding_dim=8,auto", {"choices": (8, "auto")}),
        ("train.learning_rate", {"low": 1e-4, "high": 3e-2, "log": True}),
        ("model.batch_normalization", {"choices": (False, True)}),
        ("data.features", {"choices": (FEATURE_NAMES, FEATURE_NAMES[:5])}),
    ],
)
def test_what_is_varied_is_read_from_text(text: str, expected: dict[str, object]) -> None:
    found = parse_dimension(text)
    assert {name: getattr(found, name) for name in expected} == expected
    assert Dimension.model_validate_json(found.model_dump_json()).grid() is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("train.seed=1..5", "not the data or the seed"),
        ("data.split=row,time", "not the data or the seed"),
        ("model.nothing=1..2", "model.nothing"),
        ("model.dropout=0..1.5", "1.5 is not allowed"),
        ("model.dropout=0.5..0.1", "from a lower to a higher"),
        ("model.dropout=0..0.5:log", "above zero"),
        ("model.dropout=0..0.5:cubic", "is written"),
        ("model.dropout=a..b", "is written"),
        ("model.cross_kind=matrix,nonsense", "'nonsense' is not allowed"),
        ("model.cross_kind=1..2", "only a number"),
        ("model.cross_kind=matrix", "at least two"),
    ],
)
def test_what_cannot_be_varied_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_dimension(text)


def test_every_setting_that_can_be_varied_has_something_to_begin_with() -> None:
    base = RunConfig()
    for path in searchable(base, ["model.structure"]):
        start = suggestion(path, base)
        assert len(start.grid()) > 1, path
    bare = override(base, ["data.features=genres,age"])
    assert "data.features" not in searchable(bare) and "data.features" in searchable(base)
    with pytest.raises(ConfigError, match="where an id is among them"):
        suggestion("data.features", bare)


def test_a_grid_has_its_points_and_its_limit() -> None:
    assert Dimension(path="model.num_cross_layers", low=1, high=4).grid() == [1, 2, 3, 4]
    assert Dimension(path="train.learning_rate", low=1e-4, high=1e-2, log=True).grid() == pytest.approx(
        [1e-4, 10**-3.5, 1e-3, 10**-2.5, 1e-2]
    )
    many = [
        Dimension(path=f"model.{name}", low=0.0, high=0.5)
        for name in ("dropout", "embedding_l2", "cross_l2", "deep_l2")
    ]
    many.append(Dimension(path="train.ema_decay", low=0.0, high=0.5))
    with pytest.raises(ConfigError, match="3,125"):
        plan(*many, sampler="grid")
    with pytest.raises(ConfigError, match="varied once"):
        plan(DROPOUT, DROPOUT)
