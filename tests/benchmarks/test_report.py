"""The benchmarks' own parts: what is measured needs a quiet machine, what is written does not."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import plot, report
from benchmarks.results import Results, Section, Timing
from benchmarks.task import Task
from benchmarks.turns import take_turns
from benchmarks.world import write_archive
from dcn_core.config.data import DataConfig
from dcn_core.data.generated import generate
from dcn_core.data.sources import load_dataset


@pytest.fixture
def results() -> Results:
    """One comparison and one limit that is not met."""
    section = Section("notebook", "The notebook's network", measured="2026-01-01 00:00", notes=["In turns."])
    section.timings = [Timing("Playground", [1.0, 0.5, 0.9]), Timing("Keras fit", [18.0, 17.0, 30.0], variant="no-xla")]
    section.compare("one epoch", "Keras fit", 1 / 15)
    section.bar("first point", "", 2.0, 1.5, "seconds")
    return Results({"Cores": "2"}, "generated data", [section])


def test_a_ratio_is_that_of_the_medians(results: Results) -> None:
    bar = results.sections[0].bars[0]
    assert bar.value == pytest.approx(0.9 / 18)
    assert bar.met and not results.sections[0].bars[1].met
    assert (bar.written(bar.value), bar.written(bar.limit), bar.written(1.2)) == ("1/20", "1/15", "1.20 ×")


def test_results_survive_their_file(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "benchmarks.json")
    assert Results.load(tmp_path / "benchmarks.json") == results


def test_a_section_takes_the_place_of_the_older_one(results: Results) -> None:
    results.add(Section("repeat", "Again"), ["repeat", "notebook"])
    results.add(Section("notebook", "New"), ["repeat", "notebook"])
    assert [section.title for section in results.sections] == ["Again", "New"]


def test_the_document_holds_every_bar_and_timing(results: Results) -> None:
    text = report.document(results)
    assert "| one epoch | Keras fit | 1/20 | at most 1/15 | met |" in text
    assert "| first point |  | 2.00 s | at most 1.50 s | NOT MET |" in text
    assert "| Keras fit (no-xla) | 18.00 s | 17.00 s | 3 | 20 × |" in text
    assert "1 of 2 bars met." in text
    assert "NOT MET" in report.terminal(results.sections)


def test_the_picture_is_well_formed_and_draws_a_bar_for_each_contestant(results: Results) -> None:
    root = ElementTree.fromstring(plot.picture(results))
    bars = [node for node in root.iter("{http://www.w3.org/2000/svg}rect") if node.get("class") != "paper"]
    assert [node.get("class") for node in bars] == ["theirs", "ours"]


def test_players_take_turns() -> None:
    played = []

    class Player:
        def __init__(self, name: str) -> None:
            self.name = name

        def turn(self) -> dict[str, int]:
            played.append(self.name)
            return {"turn": len(played)}

    answers = take_turns([Player("a"), Player("b")], 2)
    assert played == ["a", "b", "a", "b"]
    assert answers == {"a": [{"turn": 1}, {"turn": 3}], "b": [{"turn": 2}, {"turn": 4}]}


def test_the_written_archive_is_read_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))
    world = generate(1_000)
    read = load_dataset(DataConfig(source=str(write_archive(world, tmp_path / "ml-1m.zip"))))
    pd.testing.assert_frame_equal(read.ratings, world.ratings)
    pd.testing.assert_frame_equal(read.users, world.users)
    assert read.movies["genres"].tolist() == world.movies["genres"].tolist()


def test_a_task_survives_its_folder_and_a_part_keeps_the_proportions(tmp_path: Path) -> None:
    task = Task.make(generate(2_000), "ids", 64)
    read = Task.load(task.save(tmp_path / "task"))
    assert (read.config, read.specs) == (task.config, task.specs)
    np.testing.assert_array_equal(read.flat(), task.flat())
    train, validation, share = read.part(5)
    assert len(train) == 5 * 64
    assert share == pytest.approx(len(train) / len(task.split.train))
    assert len(validation) == round(share * len(task.split.validation))
    assert read.part(0)[2] == 1.0
