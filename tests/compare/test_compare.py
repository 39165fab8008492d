"""Runs side by side: which may be compared, what differs, what a difference is worth."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from dcn_core.compare.comparable import Terms
from dcn_core.compare.duel import ALL, duel
from dcn_core.compare.metrics import axis_name, best_first, shared_metrics
from dcn_core.compare.noise import seed_scores
from dcn_core.compare.pareto import pareto
from dcn_core.compare.settings import differences
from dcn_core.compare.verdict import between
from dcn_core.config.data import DataConfig
from dcn_core.config.run import RunConfig, override
from dcn_core.data.dataset import Dataset
from dcn_core.data.sources import load_dataset
from dcn_core.errors import PredictionError
from dcn_core.pictures.compare import scores
from tests.compare.summaries import summary


@pytest.fixture(scope="module")
def world() -> Dataset:
    return load_dataset(DataConfig(num_ratings=4_000))


def test_runs_on_the_same_ratings_and_split_can_be_compared() -> None:
    runs = [
        summary("base", rmse=1.0),
        summary("other network", "model.num_cross_layers=3", rmse=1.0),
        summary("other features", "data.features=genres,age", rmse=1.0),
        summary("same ratings elsewhere", "data.source=/a/copy.zip", rmse=1.0),
        summary("waits", data=None),
        summary("other bound, of no effect", "data.like_from=5", rmse=1.0),
        summary("other split", "data.split=time", rmse=1.0),
        summary("other ratings", "data.world_seed=2", rmse=1.0, data="other"),
        summary("reads something unknown", "data.world_seed=3", data=None),
    ]
    groups = [[run.name for run in group] for group in Terms(runs).groups(runs).values()]
    assert groups == [
        ["base", "other network", "other features", "same ratings elsewhere", "waits", "other bound, of no effect"],
        ["other split"],
        ["other ratings"],
    ]
    likes = [summary(name, "data.target=like", *more) for name, *more in (("a",), ("b", "data.like_from=5"))]
    assert len(Terms([*runs, *likes]).groups(likes)) == 2
    assert Terms(runs).of(runs[-1]) is None


def test_a_run_that_is_older_than_a_setting_is_compared_all_the_same() -> None:
    now, then = summary("now"), summary("then")
    assert then.settings is not None
    for later in ("target", "like_from", "table", "cross_age_year"):
        del then.settings["data"][later]
    assert len(Terms([now, then]).groups([now, then])) == 1


def test_only_the_differences_are_listed_and_named_as_on_the_form() -> None:
    base = RunConfig()
    other = override(base, ["model.cross_kind=low_rank", "model.projection_dim=4", "train.learning_rate=0.01"])
    found = {one.label: one.values for one in differences([base, other])}
    assert found == {
        "Cross layer": ("matrix", "low_rank"),
        "Rank": (None, 4),
        "Learning rate": (base.train.learning_rate, 0.01),
    }


def test_a_setting_without_effect_is_no_difference() -> None:
    base = RunConfig()
    assert differences([base, override(base, ["model.num_experts=9", "model.projection_dim=3"])]) == []


def test_the_front_holds_what_nothing_beats_in_both() -> None:
    runs = [
        summary("small", rmse=1.0, parameters=10),
        summary("worse and larger", rmse=1.1, parameters=20),
        summary("large", rmse=0.8, parameters=40),
        summary("as good but larger", rmse=0.8, parameters=50),
        summary("unfinished"),
    ]
    frame = pareto(runs, "validation", "rmse", "parameters")
    assert list(frame["name"][frame["front"]]) == ["small", "large"]
    assert len(frame) == 4


def test_the_front_turns_where_higher_is_better() -> None:
    runs = [summary("low", rmse=0.6, parameters=10), summary("high", rmse=0.9, parameters=20)]
    for run in runs:
        run.result["scores"]["validation"]["auc"] = run.result["scores"]["validation"]["rmse"]  # type: ignore[index]
    assert list(pareto(runs, "validation", "auc", "parameters")["front"]) == [True, True]
    assert list(pareto(runs, "validation", "rmse", "parameters")["front"]) == [True, False]
    assert best_first({"low": 0.6, "high": 0.9}, "auc") == ["high", "low"]
    assert axis_name("test", "auc") == "Test AUC (higher is better)"
    assert [one.name for one in shared_metrics(runs, "validation")] == ["mse", "rmse", "mae", "auc"]
    assert shared_metrics(runs, "test") == []


def test_seeds_give_the_noise_of_a_score() -> None:
    runs = [summary("first", rmse=1.0), summary("second", "train.seed=2", rmse=1.2), summary("third", "train.seed=3")]
    other = summary("other", "model.num_cross_layers=1", rmse=1.5)
    own = seed_scores([*runs, other], runs[0], "validation", "rmse")
    rival = seed_scores([*runs, other], other, "validation", "rmse")
    assert own is not None and own.values == {1: 1.0, 2: 1.2}
    assert own.mean == pytest.approx(1.1) and own.spread == pytest.approx(math.sqrt(0.02))
    assert rival is not None and rival.values == {1: 1.5} and rival.spread is None
    assert seed_scores(runs, runs[2], "validation", "rmse") is None


def test_page_and_command_give_one_verdict() -> None:
    """A seed moves both scores alike, so the bars of the picture overlap; seed by seed the second is better."""
    runs = [summary(f"a{seed}", f"train.seed={seed}", rmse=1 + 0.1 * seed) for seed in (1, 2, 3)]
    others = [
        summary(f"b{seed}", f"train.seed={seed}", "model.num_cross_layers=1", rmse=0.99 + 0.1001 * seed)
        for seed in (1, 2, 3)
    ]
    found = [seed_scores([*runs, *others], run, "validation", "rmse") for run in (runs[0], others[0])]
    told = between([*runs, *others], others[0], runs[0], "rmse").sentence()
    assert told.startswith("b1 is better than a1: 0.0098 RMSE")
    shown = scores([one for one in found if one is not None], ["a1", "b1"], "validation", "rmse")
    assert shown.sentence == "B" + told[1:]
    once = [summary("x", rmse=1.0), summary("y", "model.num_cross_layers=1", rmse=1.1)]
    alone = [seed_scores(once, run, "validation", "rmse") for run in once]
    assert (
        "Each was trained once"
        in scores([one for one in alone if one is not None], ["x", "y"], "test", "rmse").sentence
    )


def test_the_winner_of_each_slice_is_found(world: Dataset) -> None:
    """The first network knows one genre and nothing else, the second is the mean."""
    rows = np.arange(len(world.ratings))
    rating = world.ratings["rating"].to_numpy(float)
    genre = world.movies["genres"].str.split("|").str[0].value_counts().index[0]
    has = world.movies["genres"].str.split("|").apply(lambda own: genre in own).to_numpy()
    inside = has[world.ratings["movie_row"].to_numpy()]
    second = np.full(len(rows), rating.mean())
    first = np.where(inside, rating, second)
    frame = duel(world, rows, first, second)
    assert frame["slice"].iloc[0] == ALL and frame["winner"].iloc[0] == "first"
    own = frame[(frame["slice"] == "genres") & (frame["category"] == genre)].iloc[0]
    assert own["winner"] == "first" and own["first"] == 0 and own["difference"] == pytest.approx(-own["second"])
    assert own["apart"] == pytest.approx(math.sqrt(own["second"]))
    assert "second" not in set(frame["winner"])
    turned = duel(world, rows, second, first)
    assert list(turned["difference_low"]) == pytest.approx(list(-frame["difference_high"]))
    assert set(turned["winner"]) == {"second", ""} or set(turned["winner"]) == {"second"}


def test_chance_wins_no_slice(world: Dataset) -> None:
    rng = np.random.default_rng(3)
    rating = world.ratings["rating"].to_numpy(float)
    rows = np.arange(len(rating))
    wins = []
    for _ in range(10):
        first, second = (rating + rng.normal(size=len(rating)) for _ in range(2))
        wins.append((duel(world, rows, first, second)["winner"] != "").any())
    assert sum(wins) <= 2  # 5 % of ten, all slices of each together


def test_a_table_without_users_is_not_one_person(world: Dataset) -> None:
    rating = world.ratings["rating"].to_numpy(float)
    alone = dataclasses.replace(world, users=world.users.head(1), ratings=world.ratings.assign(user_row=0))
    frame = duel(alone, np.arange(len(rating)), rating, np.full(len(rating), rating.mean()))
    assert frame["winner"].iloc[0] == "first" and len(frame) > 1


def test_a_comparison_of_nothing_is_refused(world: Dataset) -> None:
    with pytest.raises(PredictionError, match="at least one rating"):
        duel(world, np.arange(0), np.zeros(0), np.zeros(0))
    with pytest.raises(PredictionError, match="3 and 4 predictions"):
        duel(world, np.arange(4), np.zeros(3), np.zeros(4))
    assert isinstance(duel(world, np.arange(40), np.zeros(40), np.zeros(40)), pd.DataFrame)
