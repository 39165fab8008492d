"""How often a page looks at the run that it shows."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore, RunSummary
from ui import caches, live


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunSummary:
    store = RunStore(tmp_path / "runs")
    run = store.create(RunConfig())
    run.set_status(Status(state="queued"))
    monkeypatch.setattr(caches, "store", lambda: store)
    return RunSummary.read(run)


def drawn_anew(shown: RunSummary, every: float | None, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a look at a run has the whole page drawn anew."""
    calls: list[None] = []
    monkeypatch.setattr(st, "rerun", lambda: calls.append(None))
    live.look(shown, every)
    return bool(calls)


@pytest.mark.parametrize(
    ("state", "age", "every"), [("queued", 0, 1), ("training", 0, 1), ("training", 60, 2), ("done", 0, None)]
)
def test_a_run_is_looked_at_every_second_a_long_one_every_two(
    shown: RunSummary, state: str, age: float, every: float | None
) -> None:
    run = replace(shown, status=Status(state=state), created=time.time() - age)  # type: ignore[arg-type]
    assert live.tick(run) == every


def test_the_page_is_drawn_anew_when_a_run_becomes_long_and_when_it_is_over(
    shown: RunSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = live.tick(shown)
    assert not drawn_anew(shown, every, monkeypatch)
    assert drawn_anew(replace(shown, created=time.time() - 60), every, monkeypatch)
    caches.store().open(shown.id).set_status(Status(state="failed"))
    assert drawn_anew(shown, every, monkeypatch)
    assert not drawn_anew(replace(shown, status=Status(state="done")), None, monkeypatch)
