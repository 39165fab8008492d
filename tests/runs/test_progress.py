"""What a worker tells while it works."""

import time
from pathlib import Path

import pytest

from dcn_core.config.run import parse_config
from dcn_core.runs import progress as progresses
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.progress import Progress
from dcn_core.runs.store import RunStore


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunStore(tmp_path).create(parse_config({}))


def step(number: int) -> dict[str, object]:
    return {"type": "step", "epoch": 1, "step": number, "steps": 9, "examples_per_second": 10.0 * number, "eta_s": 1.0}


def test_every_step_is_an_event_but_the_status_is_written_a_few_times_a_second(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progresses, "STEP_S", 3600.0)
    progress = Progress(run)
    with run.lock():
        progress.phase("training")
        for number in (1, 2, 3):
            progress.on_event(step(number))
        assert [event.get("step") for event in run.events()[0]] == [None, 1, 2, 3]
        assert run.status().step == 0
        progress.on_event({"type": "epoch", "epoch": 1})
        status = run.status()
    assert (status.state, status.step, status.epoch, status.examples_per_second) == ("training", 3, 1, 30.0)


def test_a_step_after_a_while_is_written(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progresses, "STEP_S", 0.01)
    progress = Progress(run)
    time.sleep(0.02)
    progress.on_event(step(4))
    assert run.status().step == 4
