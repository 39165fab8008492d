"""Calibration and slices against pandas' own grouping."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from dcn_core.data.generated import generate
from dcn_core.errors import PredictionError
from dcn_core.insight.clusters import clustered_interval
from dcn_core.insight.residuals import (
    calibration,
    calibration_error,
    calibration_sentence,
    slice_sentence,
    slices,
)

WORLD = generate(5_000, seed=2)
ROWS = np.arange(0, 5_000, 2)
RATING = WORLD.ratings["rating"].to_numpy(float)[ROWS]
RNG = np.random.default_rng(0)
PREDICTION = np.clip(RATING + RNG.normal(0, 1, len(ROWS)), 1, 5)


def test_calibration_compares_bins_of_equally_many_ratings() -> None:
    frame = calibration(PREDICTION + np.linspace(0, 1e-6, len(ROWS)), RATING, bins=10)
    assert frame["count"].sum() == len(ROWS)
    assert frame["predicted"].is_monotonic_increasing
    bins = pd.qcut(PREDICTION + np.linspace(0, 1e-6, len(ROWS)), 10, labels=False)
    np.testing.assert_allclose(frame["actual"], pd.Series(RATING).groupby(bins).mean())
    half = pd.Series(RATING).groupby(bins).agg(lambda own: own.sem() * stdtrit(len(own) - 1, 1 - 0.025 / 10))
    np.testing.assert_allclose(frame["high"] - frame["actual"], half)


def test_a_calibrated_predictor_is_said_to_be_one() -> None:
    chance = RNG.uniform(1, 5, 20_000)
    honest = calibration(chance, chance + RNG.normal(0, 0.5, 20_000))
    assert calibration_error(honest) < 0.03
    shifted = calibration(chance + 0.5, chance + RNG.normal(0, 0.5, 20_000))
    assert calibration_error(shifted) == pytest.approx(0.5, abs=0.02)
    assert "0.50 stars" in calibration_sentence(shifted)


def test_of_calibrated_predictors_at_most_some_are_doubted() -> None:
    rng = np.random.default_rng(1)
    said = []
    for _ in range(60):
        chance = rng.uniform(1, 5, 2_000)
        said.append(calibration_sentence(calibration(chance, chance + rng.normal(0, 0.5, 2_000))))
    assert np.mean(["no more than chance" in sentence for sentence in said]) > 0.85


def test_one_prediction_for_all_is_one_bin_and_one_rating_has_no_interval() -> None:
    assert len(calibration(np.full(9, 3.0), np.ones(9))) == 1
    single = calibration(np.array([3.0]), np.array([4.0]))
    assert np.isnan(single["low"].item())
    assert "no more than chance" in calibration_sentence(single)


def test_slices_are_groups_of_the_ratings() -> None:
    frame = slices(WORLD, ROWS, PREDICTION).set_index(["slice", "category"])
    table = WORLD.frame().iloc[ROWS].reset_index(drop=True)
    error = PREDICTION - RATING
    women = (table["gender"] == "F").to_numpy()
    assert frame.loc[("gender", "Female"), "count"] == women.sum()
    assert frame.loc[("gender", "Female"), "mse"] == pytest.approx(np.mean(error[women] ** 2))
    alike = (WORLD.ratings[column].to_numpy()[ROWS][women] for column in ("user_row", "movie_row"))
    assert frame.loc[("gender", "Female"), "bias_high"] == pytest.approx(clustered_interval(error[women], *alike)[2])
    drama = table["genres"].astype(str).str.split("|").map(lambda genres: "Drama" in genres).to_numpy()
    assert frame.loc[("genres", "Drama"), "bias"] == pytest.approx(error[drama].mean())
    nineties = ((table["year"] >= 1990) & (table["year"] < 2000)).to_numpy()
    assert frame.loc[("decade", "1990s"), "count"] == nineties.sum()
    young = (table["age"] == 18).to_numpy()
    assert frame.loc[("age", "18–24"), "mse"] == pytest.approx(np.mean(error[young] ** 2))


def test_a_bias_of_users_who_are_alike_is_not_found_where_there_is_none() -> None:
    """Errors that hang together by user, as those of a network without ids do: a slice is sure of its bias in 5 % of worlds."""
    rng, wrong = np.random.default_rng(5), 0
    person = WORLD.ratings["user_row"].to_numpy()[ROWS]
    for _ in range(100):
        error = 0.6 * rng.normal(size=len(WORLD.users))[person] + 0.6 * rng.normal(size=len(ROWS))
        own = slices(WORLD, ROWS, RATING + error).set_index(["slice", "category"]).loc[("gender", "Female")]
        wrong += not own["bias_low"] <= 0 <= own["bias_high"]
    assert wrong <= 12


def test_popularity_counts_training_ratings_only_and_cuts_films_in_tenths() -> None:
    train = np.setdiff1d(np.arange(5_000), ROWS)
    frame = slices(WORLD, ROWS, PREDICTION, train)
    most = frame.set_index("category").loc["tenth 10 (most popular)"]
    seen = np.bincount(WORLD.ratings["movie_row"].to_numpy()[train], minlength=len(WORLD.movies))
    top = np.argsort(seen, kind="stable")[9 * len(seen) // 10 :]
    assert most["count"] == np.isin(WORLD.ratings["movie_row"].to_numpy()[ROWS], top).sum()


def test_worst_slices_come_first_and_excess_adds_up_over_a_partition() -> None:
    frame = slices(WORLD, ROWS, PREDICTION)
    assert frame["mse_low"].is_monotonic_decreasing
    assert (frame["count"] >= 30).all()
    assert frame[frame["slice"] == "gender"]["excess"].sum() == pytest.approx(0, abs=1e-12)
    assert frame.iloc[0]["category"] in slice_sentence(frame)


def test_a_planted_fault_is_found() -> None:
    men = (WORLD.frame()["gender"].to_numpy() == "M")[ROWS]
    frame = slices(WORLD, ROWS, RATING + np.where(men, 0.7, 0.0))
    assert frame.set_index("category").loc["Male", "bias"] == pytest.approx(0.7)
    assert "0.70 stars too generous" in slice_sentence(frame)


def test_a_source_without_people_has_fewer_slices() -> None:
    from dataclasses import replace

    bare = replace(WORLD, users=WORLD.users[["user_id"]], movies=WORLD.movies.assign(genres="", year=pd.NA))
    assert set(slices(bare, ROWS, PREDICTION)["slice"]) == {"popularity"}


def test_predictions_of_other_rows_are_refused() -> None:
    with pytest.raises(PredictionError, match="2500 ratings and 3 predictions"):
        slices(WORLD, ROWS, PREDICTION[:3])
    with pytest.raises(PredictionError, match="at least one rating"):
        calibration(np.ones(0), np.ones(0))
