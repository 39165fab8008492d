"""Predictions from a shell: one pair, files of pairs, and what is wrong with them."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from dcn_core.cli_predict import app
from dcn_core.errors import PlaygroundError, PredictionError
from tests.serving.runs import untrained


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with one finished run of an untrained network."""
    folder = tmp_path_factory.mktemp("runs")
    untrained(folder)
    return folder


def call(runs: Path, *arguments: str, typed: bytes | None = None) -> Any:
    """Runs the command in this process; an error that a person is meant to read is raised."""
    done = CliRunner().invoke(app, ["--run", "latest", "--runs", str(runs), *arguments], input=typed)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_file_of_pairs_becomes_a_file_of_predictions(runs: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "pairs.csv", tmp_path / "out.csv"
    source.write_text("user_id,movie_id\n1,1\n999999,1\n")
    done = call(runs, "--pairs", str(source), "--out", str(target), "--interval", "--json")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["pairs"], summary["noted"]) == (2, summary["notes"].get("unknown user", 0) + (summary["noted"] - 1))
    frame = pd.read_csv(target, keep_default_na=False)
    assert list(frame) == ["user_id", "movie_id", "rating", "low", "high", "note"]
    assert frame["note"][1].startswith("unknown user") and frame["rating"].between(frame["low"], frame["high"]).all()
    printed = call(runs, "--pairs", "-", typed=source.read_bytes())
    again = pd.read_csv(io.StringIO(printed.stdout), keep_default_na=False)
    assert again["rating"].tolist() == frame["rating"].tolist() and "low" not in again


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "either --user and --movie, or --pairs"),
        (("--user", "1"), "either --user and --movie, or --pairs"),
        (("--user", "1", "--movie", "1", "--pairs", "x.csv"), "either --user and --movie, or --pairs"),
        (("--user", "one", "--movie", "1"), "--user must be a whole number"),
        (("--pairs", "/no/such/file.csv"), "must name a file that can be read"),
        (("--pairs", "/"), "must name a file that can be read"),
    ],
)
def test_what_is_wrong_is_said(runs: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(PlaygroundError, match=said):
        call(runs, *arguments)


def test_a_place_that_cannot_be_written_is_said(runs: Path, tmp_path: Path) -> None:
    source = tmp_path / "pairs.csv"
    source.write_text("user_id,movie_id\n1,1\n")
    with pytest.raises(PlaygroundError, match="can be written"):
        call(runs, "--pairs", str(source), "--out", str(tmp_path / "no" / "folder.csv"))


def test_an_interval_is_not_made_of_other_ratings_than_the_run_s(tmp_path: Path) -> None:
    untrained(tmp_path / "runs").update_record(data="another file")
    source = tmp_path / "pairs.csv"
    source.write_text("user_id,movie_id\n1,1\n")
    assert "rating" in call(tmp_path / "runs", "--pairs", str(source)).stdout
    with pytest.raises(PlaygroundError, match="its source has changed since"):
        call(tmp_path / "runs", "--pairs", str(source), "--interval")


def test_likes_are_probabilities_and_have_no_interval(tmp_path: Path) -> None:
    untrained(tmp_path / "runs", target="like")
    call_likes = json.loads(call(tmp_path / "runs", "--user", "1", "--movie", "1", "--json").stdout.splitlines()[-1])
    assert 0 < call_likes["rating"] < 1
    with pytest.raises(PlaygroundError, match="probabilities already"):
        call(tmp_path / "runs", "--pairs", "-", "--interval", typed=b"user_id,movie_id\n1,1\n")


def test_a_table_of_one_s_own_is_asked_by_its_ids_and_answers_in_its_unit(tmp_path: Path) -> None:
    """Learned are standard deviations; the network begins above the highest price, so that is what it says of everybody."""
    source, file = tmp_path / "sales.csv", tmp_path / "pairs.csv"
    rows = [f"c{n % 7},p{n % 5},{1000 * (n % 9 + 1)},{n % 3}" for n in range(200)]
    source.write_text("\n".join(["customer,product,price,week day", *rows]))
    roles = {"customer": "user", "product": "item", "price": "label", "week day": "category"}
    columns = [{"column": name, "role": role} for name, role in roles.items()]
    run = untrained(
        tmp_path / "runs",
        source=str(source),
        table={"columns": columns, "scale_label": True},
        features=["user_id", "movie_id", "week_day"],
    )
    for names in ("user_id,movie_id", "Customer,product"):
        file.write_text(f"{names}\nc1,p1\nnobody,p2\n")
        found = pd.read_csv(io.StringIO(call(tmp_path / "runs", "--pairs", str(file)).stdout))
        assert found.columns.tolist() == ["customer", "product", "rating", "note"]
        assert found["rating"].tolist() == pytest.approx([9000, 9000], abs=1)
        assert found["note"].fillna("").tolist() == ["without week day", "unknown customer and without week day"]
    summary = call(tmp_path / "runs", "--pairs", str(file), "--out", str(tmp_path / "out.csv"), "--json").stdout
    assert json.loads(summary.splitlines()[-1])["not_given"] == ["week day"]
    told = call(tmp_path / "runs", "--pairs", "-", typed=b"customer,product,week day\nc1,p1,2\nc1,p1,9\n")
    found = pd.read_csv(io.StringIO(told.stdout), keep_default_na=False)
    assert found["note"].tolist() == ["", "unknown week day"] and found["week day"].tolist() == [2, 9]
    one = json.loads(call(tmp_path / "runs", "--user", "c1", "--movie", "p1", "--json").stdout.splitlines()[-1])
    assert (one["rating"], one["actual"]) == pytest.approx((9000, 2000), abs=1)
    assert one["unknown"] == []  # its day is that of the rating that is known
    run.update_record(data="of a file that was there before")
    with pytest.raises(PlaygroundError, match="Put the former file back"):
        call(tmp_path / "runs", "--pairs", str(file))
    file.write_text("customer,price\nc1,1\n")
    with pytest.raises(PredictionError, match=r"one column named product.*names the columns customer and product"):
        call(tmp_path / "runs", "--pairs", str(file))
