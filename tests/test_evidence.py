"""Recovery over seeds: the table, the verdict on each measure, and the command that trains."""

import json
from pathlib import Path

import pandas as pd
import pytest

from dcn_core.evidence import together, verdicts
from tests.test_cli import QUICK, last_line, run


def scores(effect: tuple[float, int], strength: tuple[float, int]) -> pd.DataFrame:
    """A run's scores by measure: rank correlation, and how many of the top three."""
    rows = [("effect in stars", *effect), ("strength on data", *strength)]
    return pd.DataFrame(rows, columns=["measure", "rank_correlation", "top"]).assign(precision=1.0)


def test_a_measure_meets_the_bar_only_with_both_its_parts() -> None:
    frame = together({0: scores((0.9, 3), (0.9, 2)), 1: scores((0.8, 3), (0.79, 3))})
    assert frame[["measure", "seed", "met"]].to_numpy().tolist() == [
        ["effect in stars", 0, True],
        ["effect in stars", 1, True],
        ["strength on data", 0, False],
        ["strength on data", 1, False],
    ]
    first, second = verdicts(frame)
    assert first.startswith("effect in stars: rank correlation 0.80 to 0.90, the three strongest right on 2 of 2 seeds")
    assert first.endswith("on 2 of 2.") and second.endswith("on 0 of 2.")


def test_the_command_trains_each_seed_once_and_scores_every_measure(tmp_path: Path) -> None:
    arguments = ("recover", "--data", "generated:3000", "--runs", str(tmp_path), *QUICK)
    found = last_line(run(*arguments, "--seeds", "2", "--json"))
    assert [(row["measure"], row["seed"]) for row in found] == [
        (measure, seed) for measure in ("effect in stars", "strength on data", "block norm") for seed in (0, 1)
    ]
    again = run(*arguments, "--seeds", "1")
    assert "effect in stars: rank correlation" in again.stdout
    runs = json.loads(run("runs", "--runs", str(tmp_path), "--json").stdout)
    assert len(runs) == 2  # the second call trained nothing
    inspected = last_line(run("inspect", "--run", runs[0]["run"], "--runs", str(tmp_path), "--json"))
    assert inspected["across_seeds"]["strength"]["seeds"] == [0, 1]
    assert len(inspected["across_seeds"]["effect"]["mean"]) == 7


@pytest.mark.parametrize("source", ["/nowhere.zip"])
def test_only_a_generated_world_has_a_truth(tmp_path: Path, source: str) -> None:
    run("recover", "--data", source, "--runs", str(tmp_path), expect=2)
