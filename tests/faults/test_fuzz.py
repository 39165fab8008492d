"""Whatever stands in a file of a run, or in the index, its reader gives what it promises or an error in words."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcn_core.data.dataset import Dataset
from dcn_core.data.sources import load_dataset
from dcn_core.errors import PlaygroundError
from dcn_core.runs.doctor import run_findings
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.index import FILE
from dcn_core.runs.log import read_log
from dcn_core.runs.store import RunStore
from dcn_core.serving.predictor import Predictor
from dcn_core.study import read_report
from dcn_core.training.checkpoint import load_checkpoint
from tests.fuzz import edited, fuzz, mutated
from tests.runs.steps import SMALL, wait_for


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Its ratings."""
    return load_dataset(SMALL.data)


@contextmanager
def with_file(finished: RunFolder, name: str, content: bytes) -> Iterator[RunFolder]:
    """A run that differs from the finished one in one file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / finished.id
        (path / name).parent.mkdir(parents=True)
        for found in finished.path.rglob("*"):
            if found.is_file():
                (path / found.relative_to(finished.path)).parent.mkdir(exist_ok=True)
                (path / found.relative_to(finished.path)).symlink_to(found)
        (path / name).unlink()
        (path / name).write_bytes(content)
        yield RunFolder(path)


def reads(*readers: Callable[[], object]) -> None:
    """Calls readers; none may raise anything but an error in words that a page can show."""
    for read in readers:
        try:
            read()
        except PlaygroundError as error:
            assert str(error)
            str(error).encode()


@fuzz(200)
@given(name=st.sampled_from(["run.json", "status.json", "result.json", "insight.json"]), data=st.data())
def test_any_edit_of_a_json_file(finished: RunFolder, name: str, data: st.DataObject) -> None:
    original = (finished.path / name).read_bytes()
    content = data.draw(mutated(original) | edited(json.loads(original)) | st.binary(max_size=100))
    with with_file(finished, name, content) as run:
        (listed,) = RunStore(run.path.parent).list()
        for text in (listed.name, listed.note, listed.status.message):
            text.encode()
        assert len(listed.name) <= 120 and 0 <= listed.created < 1e11
        again = RunStore(run.path.parent).list()  # from the index
        assert again[0].plain() == listed.plain()
        reads(run.config, run.result, run.record, run.name, lambda: read_report(run), lambda: list(run_findings(run)))
        reads(lambda: RunStore(run.path.parent).create_further(run.id, 1))


@fuzz(100)
@given(name=st.sampled_from(["events.jsonl", "log.jsonl"]), data=st.data())
def test_any_edit_of_a_file_of_lines(finished: RunFolder, name: str, data: st.DataObject) -> None:
    lines = (finished.path / name).read_bytes().splitlines()
    line = data.draw(st.integers(0, len(lines) - 1))
    lines[line] = data.draw(mutated(lines[line]) | edited(json.loads(lines[line])))
    with with_file(finished, name, b"\n".join(lines)) as run:
        events, offset = run.events()
        assert all(isinstance(event, dict) for event in events) and offset >= 0
        for entry in read_log(run.path / "log.jsonl"):
            entry.line().encode()
        from ui.curve import learning_curve
        from ui.history import History

        history = History()
        history.absorb(events, offset)
        learning_curve(history, 10)
        assert len(history.validation()) == len(history.epochs)


@fuzz(150)
@given(name=st.sampled_from(["weights.npz", "insight.npz", "model.onnx", "encoder.json"]), data=st.data())
def test_any_damage_of_what_was_learned(finished: RunFolder, dataset: Dataset, name: str, data: st.DataObject) -> None:
    original = (finished.path / name).read_bytes()
    with with_file(finished, name, data.draw(mutated(original))) as run:

        def ask() -> None:
            scores = Predictor.open(run.path).predict(dataset.users.iloc[:1], dataset.movies.iloc[:5])
            assert scores.shape == (5,) and scores.dtype == np.float32

        reads(run.weights, run.insight, run.encoder, lambda: read_report(run), ask)


@fuzz(100)
@given(data=st.data())
def test_any_damage_of_a_checkpoint(finished: RunFolder, data: st.DataObject) -> None:
    arrays = next((finished.path / "checkpoint").glob("state-*.npz")).name
    name = data.draw(st.sampled_from(["checkpoint.json", arrays]))
    original = (finished.path / "checkpoint" / name).read_bytes()
    changes = mutated(original) if name == arrays else mutated(original) | edited(json.loads(original))
    with with_file(finished, f"checkpoint/{name}", data.draw(changes)) as run:
        reads(lambda: load_checkpoint(run.path / "checkpoint"))
        reads(lambda: RunStore(run.path.parent).create_further(run.id, 1))


@fuzz(100)
@given(data=st.data())
def test_any_damage_of_the_index(finished: RunFolder, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(finished.path, Path(folder) / finished.id)
        expected = [run.plain() for run in RunStore(Path(folder)).list()]
        path = Path(folder) / FILE
        wait_for(lambda: path.exists() or not RunStore(Path(folder)).list())
        if data.draw(st.booleans()):
            path.write_bytes(data.draw(mutated(path.read_bytes())))
        else:
            with closing(sqlite3.connect(path)) as database, database:
                rows = database.execute("SELECT summary FROM runs").fetchall()
                if rows:
                    summary = data.draw(edited(json.loads(rows[0][0])))
                    database.execute("UPDATE runs SET summary = ?", (summary.decode(),))
        for path in Path(folder).glob(f"{FILE}-*"):
            path.unlink()
        store = RunStore(Path(folder))
        (listed,) = store.list()
        listed.name.encode()
        assert 0 <= listed.created < 1e11
        store.rebuild_index()
        assert [run.plain() for run in store.list()] == expected
