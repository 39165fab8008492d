"""Many pages watch one run: what it told is read once and drawn once for each piece of news."""

from pathlib import Path
from typing import Any

import pytest

from dcn_core.config.run import RunConfig
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from ui.feed import Feed

TRAINING = Status(state="training", epochs=10)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunStore(tmp_path / "runs").create(RunConfig())


def step(progress: float) -> dict[str, Any]:
    return {"type": "step", "progress": progress, "train_mse": 1.0}


def epochs(curve: dict[str, Any] | None) -> list[float]:
    """Where on the axis the points of the training curve are."""
    assert curve is not None
    return list(curve["dataset"][0]["source"]["epoch"].to_pylist())


def test_all_pages_get_the_same_curve_until_there_is_news(run: RunFolder) -> None:
    feed = Feed(run)
    run.append_event(step(0.5))
    first = feed.curve(TRAINING, {"Mean": 1.2})
    assert epochs(first) == [0.5]
    assert feed.curve(TRAINING, {"Mean": 1.2}) is first
    run.append_event(step(1.0))
    second = feed.curve(TRAINING, {"Mean": 1.2})
    assert second is not first and epochs(second) == [0.5, 1.0]


def test_pages_with_other_references_get_a_curve_of_their_own(run: RunFolder) -> None:
    feed = Feed(run)
    with_level, without = feed.curve(TRAINING, {"Mean": 1.2}), feed.curve(TRAINING, {})
    assert with_level is not None and without is not None
    assert [len(curve["series"][1]["markLine"]["data"]) for curve in (with_level, without)] == [1, 0]


def test_the_axis_ends_where_the_run_ended(run: RunFolder) -> None:
    feed = Feed(run)
    run.append_event({"type": "epoch", "epoch": 3, "train_mse": 1.0, "validation": {"mse": 0.9}})
    going_on, over = feed.curve(TRAINING, {}), feed.curve(Status(state="stopped", epochs=10), {})
    assert going_on is not None and over is not None
    assert (going_on["xAxis"]["max"], over["xAxis"]["max"]) == (10, 3)


def test_a_run_that_failed_before_it_began_has_no_curve(run: RunFolder) -> None:
    assert Feed(run).curve(Status(state="failed"), {}) is None
