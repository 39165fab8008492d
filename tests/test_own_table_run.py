"""A run on a table of one's own: trained by a shell, asked, and looked into, without users, items or titles."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dcn_core.cli_config import config_of, with_data
from dcn_core.config.run import parse_config
from dcn_core.data.encoder import Encoder
from dcn_core.data.own_table import load_table
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.data.table_file import read_head
from dcn_core.data.table_roles import guess
from dcn_core.insight.report import Subject
from dcn_core.insight.sections import SECTIONS
from dcn_core.runs.store import RunStore
from dcn_core.serving.predictor import Predictor
from tests.data.tables import cars, purchases
from tests.insight.networks import random_network

ROOT = Path(__file__).parents[1]


def shell(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Calls `python -m dcn_core` and checks its exit code."""
    command = [sys.executable, "-m", "dcn_core", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr
    return done


@pytest.mark.parametrize(
    ("assignments", "file", "target"),
    [
        ([], None, "like"),
        (["data.target=rating"], None, "rating"),
        (["train.monitor=mse"], None, "rating"),
        ([], {"data": {"target": "rating"}}, "rating"),
        ([], {"train": {"epochs": 3}}, "like"),
    ],
)
def test_a_label_of_two_values_is_a_like_unless_it_was_said_what_is_predicted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], assignments: list[str], file: dict[str, Any] | None, target: str
) -> None:
    frame = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn"] * 20, "churned": ["no", "yes"] * 30})
    frame.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "c.json").write_text(json.dumps(file))
    config_file = None if file is None else tmp_path / "c.json"
    config, dataset = with_data(
        config_of(str(tmp_path / "t.csv"), None, config_file, assignments), config_file, assignments
    )
    assert (config.data.target, dataset.num_ratings) == (target, 60)
    told = "The label 'churned' has two values: the probability of yes is learned. Add --set data.target=rating"
    assert capsys.readouterr().err.startswith(told) == (target == "like")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """The runs folder, the table, and what `train` printed."""
    folder = tmp_path_factory.mktemp("own")
    cars(1200).to_csv(folder / "cars.csv", index=False)
    options = ["--role", "Brand=ignore", "--set", "train.epochs=25", "--set", "train.batch_size=64"]
    options += ["--set", "train.learning_rate=0.01", "--set", "train.patience=25", "--set", "model.structure=cross"]
    done = shell("train", "--data", str(folder / "cars.csv"), "--runs", str(folder / "runs"), "--json", *options)
    return folder / "runs", folder / "cars.csv", json.loads(done.stdout.splitlines()[-1])


def test_a_price_that_is_a_cross_is_learned_without_users_items_or_titles(
    trained: tuple[Path, Path, dict[str, Any]],
) -> None:
    runs, path, result = trained
    assert result["scores"]["test"]["mse"] < 0.05  # of a label with variance 1
    run = RunStore(runs).open(result["run"])
    config = run.config()
    assert config.data.features == ("fuel_type", "power_ps", "extras")
    assert config.data.table is not None and config.data.table.scale_label
    dataset = load_dataset(config.data)
    predictor = Predictor.open(run.path)
    asked = pd.DataFrame({"fuel_type": ["petrol", "diesel"], "power_ps": [100.0, 100.0]})
    prices = dataset.nouns.of_source(predictor.predict(dataset.users, dataset.movies, asked))
    np.testing.assert_allclose(prices, [11_000, 20_000], rtol=0.1)
    frame = pd.read_csv(path)
    every = dataset.nouns.of_source(predictor.predict(dataset.users, dataset.movies, dataset.ratings))
    assert np.corrcoef(every, frame["Price"])[0, 1] > 0.97
    pair = predictor.predict_pair(dataset, 1, 1)
    assert set(pair.unknown) <= {"extras"}  # of which the first car may have none
    assert pair.rating == pytest.approx(
        float(predictor.predict(dataset.users, dataset.movies, dataset.ratings[:1])[0]), abs=1e-5
    )


def test_a_shell_names_the_roles_and_what_does_not_fit(tmp_path: Path) -> None:
    cars(50).to_csv(tmp_path / "cars.csv", index=False)
    lines = shell("columns", str(tmp_path / "cars.csv"), "--role", "Power (PS)=number:5").stdout.splitlines()
    assert [line.split("  ")[0].strip() for line in lines[:6]] == list(cars().columns)
    assert "number:5" in lines[2] and "label" in lines[5] and "scale_label=true" in lines[-1]
    (tmp_path / "sides.csv").write_text("town,side,price\nRome,left,900\nOslo,right,10\nBonn,left,500\n")
    for side, scaled in (("side=category", "true"), ("side=label", "false")):
        assert f"scale_label={scaled}" in shell("columns", str(tmp_path / "sides.csv"), "--role", side).stdout
    refused = shell("columns", str(tmp_path / "cars.csv"), "--role", "Colour=category", expect=2)
    assert "--role takes COLUMN=ROLE with a column of Brand, Fuel type" in refused.stderr


@pytest.mark.parametrize(("frame", "kind"), [(cars(), "gated"), (purchases(200), "matrix")], ids=["cars", "purchases"])
def test_every_section_of_the_report_is_written(tmp_path: Path, frame: pd.DataFrame, kind: str) -> None:
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    roles = guess(read_head(path).table)
    data = {"source": str(path), "table": roles.model_dump(mode="json")}
    config = parse_config({"data": data, "model": {"embedding_dim": 3, "deep_layer_sizes": [5, 4], "cross_kind": kind}})
    dataset = load_table(path, roles)
    encoder = Encoder.fit(dataset, split_rows(dataset, config.data).train, config.data.features)
    network = random_network(encoder.specs, dtype=np.float32, cross_kind=kind)
    subject = Subject.of(config, dataset, encoder, network.weights)
    for name, write in SECTIONS.items():
        if name != "maps":  # seconds of t-SNE, which knows nothing of tables
            section = write(subject)
            assert name in ("gates", "film") or section.sentences or section.arrays
