"""What grows with the number of runs and trials: `python -m benchmarks.many_runs`. Prints a table; nothing is trained."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dcn_core.compare.comparable import Terms
from dcn_core.compare.duel import duel
from dcn_core.config.data import DataConfig
from dcn_core.config.run import RunConfig
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore

RUNS = (100, 1_000, 10_000)
TRIALS = (10, 100, 300)


def seconds(action: Callable[[], object], times: int = 5) -> float:
    """Least processor time of a few calls: other processes may be busy."""
    found = []
    for _ in range(times):
        begin = time.process_time()
        action()
        found.append(time.process_time() - begin)
    return min(found)


def tell(what: str, value: float, unit: str = "ms") -> None:
    """Prints a line of the table."""
    print(f"{what:58} {value:10,.1f} {unit}")  # noqa: T201  the answer


def listing(folder: Path) -> None:
    """A list of so many runs: first look of a process, and every later one."""
    first = RunStore(folder).create(RunConfig())
    first.set_status(Status(state="failed"))
    made = 1
    for count in RUNS:
        for number in range(made, count):
            shutil.copytree(first.path, folder / f"20260101-{number:06d}-abcdef")
        made = count
        time.sleep(0.06)
        RunStore(folder).list()  # fills the index
        tell(f"list of {count:,} runs, first look of a process", 1e3 * seconds(lambda: RunStore(folder).list(), 2))
        store = RunStore(folder)
        runs = store.list()
        tell(f"list of {count:,} runs, later looks", 1e3 * seconds(store.list))
        tell(f"which of {count:,} runs can be compared", 1e3 * seconds(lambda runs=runs: Terms(runs).groups(runs)))
    tell("index of the runs on disk", store.index.path.stat().st_size / RUNS[-1], "bytes a run")


def searching(folder: Path) -> None:
    """The database of a search: drawing, telling and reading trials."""
    from dcn_core.search.plan import make_plan
    from dcn_core.search.sampling import draw
    from dcn_core.search.searches import Searches
    from dcn_core.search.space import suggestion

    searches = Searches(folder)
    paths = ("train.learning_rate", "model.num_cross_layers", "model.dropout")
    plan = make_plan(base=RunConfig(), dimensions=tuple(map(suggestion, paths)), trials=TRIALS[-1])
    study = searches.study(searches.create("measured", plan))
    rng = np.random.default_rng(1)

    def trial() -> None:
        asked = study.ask()
        draw(asked, plan)
        for epoch in range(1, 11):
            asked.report(rng.random(), epoch)
        study.tell(asked, rng.random())

    made = 0
    for count in TRIALS:
        while made < count:
            trial()
            made += 1
        tell(f"draw and tell one trial of 10 epochs after {count:,}", 1e3 * seconds(trial, 3))
        made += 3
        tell(f"read a search of {count:,} trials", 1e3 * seconds(lambda: searches.read("measured"), 3))
    tell("database of searches on disk", (folder / ".search.sqlite").stat().st_size / made, "bytes a trial")


def comparing() -> None:
    """Two networks slice by slice."""
    for count in (100_000, 1_000_000):
        config = DataConfig(num_ratings=count)
        data = load_dataset(config)
        split = split_rows(data, config)
        first, second = np.random.default_rng(1).normal(3.5, 1, (2, len(split.validation)))
        rows, train = split.validation, split.train
        tell(
            f"two networks slice by slice, {len(rows):,} of {count:,} ratings",
            1e3 * seconds(lambda d=data, r=rows, a=first, b=second, t=train: duel(d, r, a, b, t), 2),
        )


def main() -> None:
    """Measures all of it."""
    with tempfile.TemporaryDirectory() as place:
        comparing()
        listing(Path(place) / "runs")
        (searches := Path(place) / "searches").mkdir()
        searching(searches)


if __name__ == "__main__":
    sys.exit(main())
