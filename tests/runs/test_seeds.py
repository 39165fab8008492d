"""Which runs are one experiment with different seeds."""

from dcn_core.config.run import RunConfig, override
from dcn_core.runs.seeds import next_seeds, same_but_seed, with_seed
from dcn_core.runs.status import Status
from dcn_core.runs.summary import RunSummary

BASE = RunConfig()


def run(
    name: str, *settings: str, state: str = "done", data: str = "data", fingerprint: str | None = "own"
) -> RunSummary:
    """A run in a list."""
    config = override(BASE, settings)
    own = config.fingerprint(data) if fingerprint == "own" else fingerprint
    return RunSummary(name, name, 0.0, Status(state=state), config.model_dump(mode="json"), own)  # type: ignore[arg-type]


def test_runs_that_differ_only_by_the_seed_belong_together() -> None:
    runs = [
        run("seed 3", "train.seed=3"),
        run("other rate", "train.seed=2", "train.learning_rate=0.1"),
        run("other model", "train.seed=2", "model.num_cross_layers=3"),
        run("other features", "train.seed=2", "data.features=genres,age"),
        run("other world", "train.seed=2", data="another"),
        run("same ratings, read from a copy", "train.seed=4", "data.source=/a/copy.zip"),
        run("first"),
    ]
    assert {seed: one.name for seed, one in same_but_seed(runs, BASE, "data").items()} == {
        1: "first",
        3: "seed 3",
        4: "same ratings, read from a copy",
    }


def test_runs_that_did_not_learn_all_do_not_count() -> None:
    runs = [
        run("failed", "train.seed=2", state="failed"),
        run("interrupted", "train.seed=3", state="interrupted"),
        run("stopped early", "train.seed=4", state="stopped", fingerprint=None),
        run("went on in a way of its own", "train.seed=5", fingerprint="0123"),
    ]
    assert same_but_seed(runs, BASE, "data") == {}


def test_of_equal_seeds_the_newest_finished_one_counts() -> None:
    runs = [
        run("waits", state="queued"),
        run("newer"),
        run("older"),
        run("waits too", "train.seed=2", state="training"),
    ]
    found = same_but_seed(runs, BASE, "data")
    assert {seed: one.name for seed, one in found.items()} == {1: "newer", 2: "waits too"}


def test_damaged_runs_are_passed_over() -> None:
    damaged = [RunSummary("a", "a", 0.0, Status(state="done"), settings) for settings in (None, {}, {"train": 3})]
    assert same_but_seed(damaged, BASE, "data") == {}


def test_the_next_seeds_are_the_lowest_free_ones() -> None:
    assert next_seeds([], 2) == [1, 2]
    assert next_seeds([1, 3, 9], 2) == [2, 4]
    assert with_seed(BASE, 7).train.seed == 7 and with_seed(BASE, 7).model == BASE.model
