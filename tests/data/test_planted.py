"""Crosses that a person plants in the generated world."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FEATURE_NAMES
from dcn_core.config.run import RunConfig, override
from dcn_core.config.world import CROSS_FIELDS, CROSS_STRENGTH, STRONGEST
from dcn_core.data.categories import AGE_CODES, OCCUPATIONS
from dcn_core.data.effects import NUM_CELLS, draw_effects
from dcn_core.data.generated import generate
from dcn_core.data.population import draw_movies
from dcn_core.data.sources import load_dataset
from dcn_core.errors import ConfigError, DataError


def test_the_world_without_any_choice_stays_the_same_to_the_bit() -> None:
    world = generate(3000, seed=5)
    assert world.fingerprint == "48f9b31f0b7ba4ea11f1abbf428dae73e45e59710015d39004d13329f8670a4c"
    digest = hashlib.sha256(world.ratings.to_numpy().astype("f8").tobytes()).hexdigest()
    assert digest == "ab33fac317b9075c70a85d0702c777019b0939d864db9f883883cf55114d0f6e"
    assert generate(3000, seed=5, crosses=dict(reversed(CROSS_STRENGTH.items()))).fingerprint == world.fingerprint


def test_every_pair_of_content_features_has_a_setting_in_their_order() -> None:
    content = FEATURE_NAMES[:5]
    assert set(CROSS_FIELDS) == {(a, b) for i, a in enumerate(content) for b in content[i + 1 :]}
    assert DataConfig(cross_gender_year=0.2).crosses()["gender", "year"] == 0.2


@pytest.mark.parametrize("pair", CROSS_FIELDS)
def test_a_planted_cross_has_its_strength_and_nothing_for_a_sum_of_main_effects(pair: tuple[str, str]) -> None:
    rng = np.random.default_rng(0)
    movies, genres = draw_movies(400, rng)
    year = movies["year"].to_numpy(float)
    counts = np.outer(rng.integers(0, 40, NUM_CELLS), rng.integers(1, 50, 400)).astype(float)
    values = draw_effects(counts, genres, year, rng, {pair: 0.4}).crosses  # type: ignore[dict-item]
    weight = counts / counts.sum()
    assert np.sqrt((weight * values**2).sum()) == pytest.approx(0.4)
    cells = np.indices((2, len(AGE_CODES), len(OCCUPATIONS))).reshape(3, -1)
    of_user = dict(zip(("gender", "age", "occupation"), cells, strict=True))
    for feature in pair:
        if feature in of_user:
            member = np.eye(len(of_user[feature]))[of_user[feature]]
            sums = member.T @ (weight * values).sum(axis=1)
        else:
            share = genres / genres.sum(axis=1, keepdims=True)
            member = share if feature == "genres" else pd.get_dummies(year).to_numpy(float)
            sums = member.T @ (weight * values).sum(axis=0)
        np.testing.assert_allclose(sums, 0, atol=1e-6)


def test_planting_one_cross_leaves_everything_else_as_it_is() -> None:
    plain, more = generate(3000, seed=5), generate(3000, seed=5, crosses={**CROSS_STRENGTH, ("genres", "year"): 0.5})
    pd.testing.assert_frame_equal(plain.ratings.drop(columns="rating"), more.ratings.drop(columns="rating"))
    pd.testing.assert_frame_equal(plain.movies, more.movies)
    assert plain.fingerprint != more.fingerprint
    assert plain.truth is not None and more.truth is not None
    assert more.truth.crosses[0].features == ("genres", "year") and more.truth.crosses[0].strength == 0.5
    assert {*more.truth.crosses[1:]} - {*plain.truth.crosses} == set()
    # The part of the score that was added is the cross: half a star wide, the same for all ratings of a movie.
    added = pd.Series(more.truth.best_prediction - plain.truth.best_prediction).groupby(plain.ratings["movie_row"])
    assert added.mean().std() > 0.2 and added.std().mean() < 0.15


def test_a_world_without_crosses_loses_nothing_without_them() -> None:
    nothing = generate(20_000, crosses={})
    assert nothing.truth is not None
    assert [cross.features for cross in nothing.truth.crosses] == [("user_id", "movie_id")]
    # What is left between the two is the taste of single users for single movies.
    assert 0 < nothing.truth.floors["without_crosses"] - nothing.truth.floor_mse < 0.06


@pytest.mark.parametrize(
    "crosses",
    [{("genres", "genres"): 0.1}, {("age", "genres"): 0.1}, {("genres", "age"): -0.1}, {("genres", "age"): 2}],
)
def test_what_cannot_be_planted_is_refused(crosses: dict[tuple[str, str], float]) -> None:
    with pytest.raises(DataError, match=r"a strength of 0 to 0\.6"):
        generate(1000, crosses=crosses)  # type: ignore[arg-type]


def test_a_strength_is_a_setting_with_bounds_that_chooses_the_data() -> None:
    config = override(RunConfig(), ["data.cross_gender_year=0.35", "data.num_ratings=1000"])
    world = load_dataset(config.data)
    assert world.truth is not None and world.truth.crosses[0].features == ("gender", "year")
    with pytest.raises(ConfigError, match=r"cross_gender_year: .*less than or equal to 0\.6"):
        override(RunConfig(), [f"data.cross_gender_year={STRONGEST + 0.1}"])
    assert config.fingerprint("data") == override(config, ["data.cross_gender_year=0"]).fingerprint("data")
    assert config.fingerprint(world.fingerprint) != config.fingerprint(generate(1000).fingerprint)
