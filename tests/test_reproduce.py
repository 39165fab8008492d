"""Claims, the table of results, and the commands that train for them."""

import dataclasses
import re

import pytest

from dcn_core.claims import CLAIMS, claims_of
from dcn_core.compare.verdict import between
from dcn_core.config.metrics import METRICS
from dcn_core.config.run import RunConfig, override
from dcn_core.data.sources import load_dataset, parse_source
from dcn_core.errors import ConfigError, RunError
from dcn_core.here import with_seed_here
from dcn_core.reproduce import Outcome, reproduce, write_results
from dcn_core.runs.store import RunStore
from tests.test_cli import last_line, run

RATINGS = claims_of("ratings")[0]
V1 = claims_of("dcn-v2-paper V1")[0]
NOTEBOOK = claims_of("notebook")[0]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title)
def test_every_claim_is_an_experiment_that_has_its_score(claim):
    assert claim.protocol
    assert bool(claim.source) == (claim.published is not None)
    if not claim.formula[0]:
        config = claim.config({"source": "anything.zip"})
        assert config.data.source == "anything.zip"
        assert METRICS[claim.metric].target == config.data.target
        assert claim.part == "validation" or config.data.test_fraction > 0


@pytest.mark.parametrize(
    ("claim", "mean", "verdict"),
    [
        (RATINGS, 0.845, "pass"),
        (RATINGS, 0.8451, "fail"),
        (V1, 0.8915, "pass"),
        (V1, 0.8914, "fail"),
        (NOTEBOOK, 1.15, "pass"),
        (NOTEBOOK, 1.136, "better than the band"),
        (NOTEBOOK, 1.161, "fail"),
        (claims_of("cold-start")[0], 7.0, "reported"),
    ],
)
def test_a_mean_is_held_against_the_band_in_the_direction_of_its_score(claim, mean, verdict):
    assert Outcome(claim, (mean,)).verdict == verdict


def test_an_outcome_tells_mean_and_spread():
    outcome = Outcome(RATINGS, (0.83, 0.84, 0.85), "MovieLens 1M")
    assert (outcome.mean, outcome.spread) == pytest.approx((0.84, 0.01))
    assert "test RMSE 0.8400 ± 0.0100  band at most 0.8450" in outcome.line()
    assert outcome.line().endswith("3 seeds, MovieLens 1M: pass")


def test_the_table_of_results_keeps_other_rows_and_replaces_its_own(tmp_path):
    path = tmp_path / "results.md"
    write_results(path, [Outcome(V1, (0.9,)), Outcome(RATINGS, (0.9,))])
    write_results(path, [Outcome(RATINGS, (0.84, 0.85))])
    rows = [line for line in path.read_text().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == ["ratings", "dcn-v2-paper V1"]
    assert "0.8450 ± 0.0071" in rows[0] and "pass" in rows[0]
    with pytest.raises(ConfigError, match="--write"):
        write_results(tmp_path / "missing" / "results.md", [])


def test_a_claim_is_trained_with_each_seed_once(tmp_path):
    claim = dataclasses.replace(claims_of("generated")[0], settings=("train.epochs=1", "model.deep_layer_sizes=[8]"))
    store = RunStore(tmp_path)
    data = parse_source("generated:3000")
    (first,) = reproduce([claim], data, 2, store)
    (again,) = reproduce([claim], data, 2, store)
    assert first.values == again.values
    assert len(set(first.values)) == 2
    assert len(store.list()) == 2


@pytest.mark.parametrize(("preset", "metric"), [("default", "rmse"), ("dcn-v2-paper", "auc")])
def test_cold_start_stands_beside_simple_predictors_on_the_same_rows(tmp_path, preset, metric):
    claim = next(one for one in claims_of("cold-start") if one.title == f"cold-start {preset} by movie")
    small = ("train.epochs=1", "model.deep_layer_sizes=[8]", "train.batch_size=512")
    claim = dataclasses.replace(claim, name="generated", settings=(*claim.settings, *small))
    (outcome,) = reproduce([claim], parse_source("generated:4000"), 1, RunStore(tmp_path))
    found = re.fullmatch(r"mean (\S+), best of 9 simple predictors (\S+) \((.+)\)", outcome.beside)
    assert found, outcome.beside
    mean, best, who = found.groups()
    assert who not in ("mean", "movie mean")  # of movies that nobody has rated there is no mean
    assert float(mean) == 0.5 if metric == "auc" else float(mean) > float(best)
    assert float(best) > 0.5 if metric == "auc" else float(best) < 1.2
    assert outcome.cells()[6] == outcome.beside


def test_two_experiments_are_told_apart_by_the_command(tmp_path):
    store, small = RunStore(tmp_path), ["data.num_ratings=3000", "model.deep_layer_sizes=[8]", "train.epochs=1"]
    configs = [override(RunConfig(), [*small, f"train.learning_rate={rate}"]) for rate in (1e-3, 1e-6)]
    data = load_dataset(configs[0].data).fingerprint
    runs = [[with_seed_here(store, config, seed, data, "x") for seed in (1, 2)] for config in configs]
    pair = runs[0][0].id, runs[1][1].id
    found = last_line(run("verdict", *pair, "--runs", str(tmp_path), "--json"))
    assert found["seeds"] == [[1, 2], [1, 2]] and found["paired"]
    scores = [[one.result()["scores"]["test"]["mse"] for one in own] for own in runs]
    assert found["mean"] == pytest.approx(sum(b - a for a, b in zip(*scores, strict=True)) / 2)
    listed = {one.id: one for one in store.list()}
    sentence = between(store.list(), *(listed[one] for one in pair), "rmse").sentence()
    assert "RMSE" in sentence
    with pytest.raises(RunError, match=r"have the score, one of mse, rmse, mae. Received: 'auc'"):
        between(store.list(), *(listed[one] for one in pair), "auc")
    run("verdict", pair[0], "nothing", "--runs", str(tmp_path), expect=2)


def test_what_cannot_be_reproduced_is_said(tmp_path):
    run("reproduce", "everything", "--runs", str(tmp_path), expect=2)
    refused = run("reproduce", "ratings", "--data", "generated:3000", "--runs", str(tmp_path), expect=2)
    assert "MovieLens ratings: give --data PATH" in refused.stderr


def test_a_polynomial_of_the_paper_is_reproduced_from_the_shell(tmp_path):
    table = tmp_path / "results.md"
    arguments = (
        "reproduce",
        "polynomials f2 V2",
        "--seeds",
        "1",
        "--runs",
        str(tmp_path),
        "--write",
        str(table),
        "--json",
    )
    (found,) = last_line(run(*arguments))
    assert found["verdict"] == "pass"
    assert found["mean"] < 1e-8
    assert "`polynomials f2 V2`" in table.read_text()
