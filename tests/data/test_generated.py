import hashlib
import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.special import erf

from dcn_core.config.features import FEATURE_NAMES
from dcn_core.data.categories import AGE_CODES, GENRES, OCCUPATIONS
from dcn_core.data.effects import NUM_CELLS, cell_of, draw_effects
from dcn_core.data.generated import generate
from dcn_core.data.pairs import draw_pairs
from dcn_core.data.population import draw_movies, population_size
from dcn_core.data.titles import NASTY_TITLES
from dcn_core.errors import DataError


def digest(dataset):
    total = hashlib.sha256()
    for table in (dataset.ratings, dataset.users, dataset.movies):
        for name in table:
            values = table[name].to_numpy()
            total.update(repr(values.tolist()).encode() if values.dtype == object else values.tobytes())
    total.update(dataset.truth.best_prediction.tobytes())
    return total.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones():
    first, again, other = generate(3000, seed=5), generate(3000, seed=5), generate(3000, seed=6)
    assert digest(first) == digest(again) != digest(other)
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_another_process_gives_the_same_bytes():
    code = "from dcn_core.data.generated import generate as g; print(g(1000, 2).ratings.to_numpy().astype('f8').sum(0).tolist())"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == str(generate(1000, 2).ratings.to_numpy().astype("f8").sum(0).tolist())


def test_every_knob_changes_the_world_and_the_fingerprint():
    worlds = [generate(2000, 1, 0.8), generate(2001, 1, 0.8), generate(2000, 2, 0.8), generate(2000, 1, 0.9)]
    assert len({world.fingerprint for world in worlds}) == len({digest(world) for world in worlds}) == 4


def test_noise_changes_only_the_ratings():
    quiet, loud = generate(5000, 1, 0.2), generate(5000, 1, 1.5)
    pd.testing.assert_frame_equal(quiet.ratings.drop(columns="rating"), loud.ratings.drop(columns="rating"))
    pd.testing.assert_frame_equal(quiet.movies, loud.movies)
    assert quiet.truth.floor_mse < loud.truth.floor_mse


@pytest.mark.parametrize("num_ratings", [200, 1000, 12_345, 100_000])
def test_any_size_has_exactly_so_many_distinct_ratings(num_ratings):
    world = generate(num_ratings)
    ratings = world.ratings
    assert len(ratings) == num_ratings
    assert not ratings.duplicated(["user_row", "movie_row"]).any()
    assert np.bincount(ratings["user_row"], minlength=len(world.users)).min() >= 20
    assert ratings["user_row"].between(0, len(world.users) - 1).all()
    assert ratings["movie_row"].between(0, len(world.movies) - 1).all()
    assert set(ratings["rating"].unique()) <= {1.0, 2.0, 3.0, 4.0, 5.0}


def test_it_has_the_shape_of_movielens():
    assert population_size(1_000_000) == (6040, 3706)
    assert population_size(100_000) == (944, 1682)
    world = generate(100_000)
    rating = world.ratings["rating"]
    assert 3.5 < rating.mean() < 3.7
    assert 1.0 < rating.std() < 1.2
    assert set(world.users["gender"]) == {"F", "M"}
    assert 0.65 < (world.users["gender"] == "M").mean() < 0.77
    assert set(world.users["age"]) == set(AGE_CODES)
    assert set(world.users["occupation"]) <= set(OCCUPATIONS)
    genres = world.movies["genres"].str.split("|")
    assert set(genres.explode()) == set(GENRES)
    assert genres.str.len().between(1, 6).all()
    assert world.available_features() == FEATURE_NAMES
    per_movie = np.sort(np.bincount(world.ratings["movie_row"], minlength=len(world.movies)))[::-1]
    assert per_movie[: len(per_movie) // 10].sum() > 0.35 * per_movie.sum(), (
        "a tenth of the movies has a third of the ratings"
    )


def test_columns_have_the_types_of_the_contract(world):
    assert world.ratings.dtypes.astype(str).to_dict() == {
        "user_row": "int32",
        "movie_row": "int32",
        "rating": "float32",
        "timestamp": "int64",
    }
    assert world.users.dtypes.astype(str).to_dict() == {
        "user_id": "int64",
        "gender": "str",
        "age": "int16",
        "occupation": "str",
    }
    assert world.movies.dtypes.astype(str).to_dict() == {
        "movie_id": "int64",
        "title": "str",
        "year": "Int16",
        "genres": "str",
    }


def test_titles_are_unique_carry_their_year_and_some_are_nasty(world):
    titles = world.movies["title"]
    assert titles.is_unique
    assert titles.str.replace(r" \(\d{4}\)$", "", regex=True).is_unique
    assert (titles.str.extract(r"\((\d{4})\)$")[0].astype(int) == world.movies["year"].astype(int)).all()
    assert all(any(title.startswith(nasty + " (") for title in titles) for nasty in NASTY_TITLES)


def test_titles_stay_unique_in_a_large_world():
    movies, _ = draw_movies(15_000, np.random.default_rng(1))
    assert movies["title"].is_unique


def test_nobody_rates_a_movie_before_its_release(world):
    released = world.movies["year"].to_numpy(int)[world.ratings["movie_row"]]
    rated = pd.to_datetime(world.ratings["timestamp"], unit="s").dt.year
    assert (rated >= released).all()


def test_the_floor_is_the_mean_variance_of_the_rounded_rating():
    score, noise = np.linspace(0.3, 5.9, 7), 0.8
    from dcn_core.data.generated import _best_prediction

    best, floor = _best_prediction(score.astype(np.float32), noise)
    edges = np.array([-np.inf, 1.5, 2.5, 3.5, 4.5, np.inf])
    below = 0.5 * (1 + erf((edges - score[:, None]) / noise / np.sqrt(2)))
    probability = np.diff(below, axis=1)  # of 1 to 5 stars
    stars = np.arange(1, 6)
    mean = probability @ stars
    np.testing.assert_allclose(best, mean, rtol=1e-5)
    np.testing.assert_allclose(floor, (probability @ stars**2 - mean**2).mean(), rtol=1e-5)


def test_the_recorded_floor_is_reached_by_the_best_prediction_and_knowing_less_costs():
    world = generate(100_000)
    truth, rating = world.truth, world.ratings["rating"]
    assert np.mean((rating - truth.best_prediction) ** 2) == pytest.approx(truth.floor_mse, rel=0.02)
    assert truth.floor_mse < truth.floors["without_crosses"] - 0.1
    assert truth.floors["without_ids"] < truth.floors["without_crosses_and_ids"] - 0.1
    assert truth.floors["without_crosses_and_ids"] < rating.var()


def test_without_noise_the_rating_is_certain():
    world = generate(2000, noise=0.0)
    assert world.truth.floor_mse == 0.0
    np.testing.assert_array_equal(world.truth.best_prediction, world.ratings["rating"])


def test_crosses_have_their_recorded_strength_and_no_main_effect():
    rng = np.random.default_rng(0)
    movies, genres = draw_movies(300, rng)
    counts = np.outer(rng.integers(0, 40, NUM_CELLS), rng.integers(1, 50, 300)).astype(float)
    crosses = draw_effects(counts, genres, movies["year"].to_numpy(float), rng).crosses
    weight = counts / counts.sum()
    # Only gender and occupation cross within a user; all other crosses vanish in the mean over users of every movie.
    of_movie = (weight * crosses).sum(axis=0) / weight.sum(axis=0)
    np.testing.assert_allclose(of_movie, 0, atol=1e-9)
    of_cell = (crosses @ weight.sum(axis=0)).reshape(2, 7, 21)
    users = weight.sum(axis=1).reshape(2, 7, 21)
    for axes in ((1, 2), (0, 1)):  # by gender, by occupation
        np.testing.assert_allclose((users * of_cell).sum(axis=axes) / users.sum(axis=axes), 0, atol=1e-6)
    strength = np.sqrt((users * of_cell**2).sum())
    assert strength == pytest.approx(0.1)


def test_the_cell_tells_gender_age_and_occupation_apart():
    codes = np.array(list(itertools.product(range(2), range(7), range(21))))
    np.testing.assert_array_equal(cell_of(codes), np.arange(NUM_CELLS))


def test_the_truth_names_the_crosses_strongest_first_in_canonical_order(world):
    crosses = world.truth.crosses
    assert [cross.strength for cross in crosses] == sorted((cross.strength for cross in crosses), reverse=True)
    for cross in crosses:
        assert FEATURE_NAMES.index(cross.features[0]) < FEATURE_NAMES.index(cross.features[1])
    assert {("genres", "gender"), ("genres", "age"), ("age", "year")} <= {cross.features for cross in crosses}


def one_hots(frame, column):
    if column == "genres":
        columns = (
            frame["genres"]
            .cat.categories.str.get_dummies("|")
            .to_frame(index=False)
            .to_numpy(float)[frame["genres"].cat.codes]
        )
        return columns / columns.sum(axis=1, keepdims=True)
    values = frame[column].astype(int) // 10 if column == "year" else frame[column]
    return pd.get_dummies(values).to_numpy(float)


def gains(frame):
    """How much each cross of a user's and a movie's feature lowers the squared error on held-out rows.

    Least squares, beside all main effects. Crosses within a user or within a movie are left out: on a random split
    they stand for the biases of single users and movies, planted or not.
    """
    features = {name: one_hots(frame, name) for name in ("genres", "gender", "age", "occupation", "year")}
    target = frame["rating"].to_numpy(float)
    train = np.random.default_rng(0).random(len(frame)) < 0.75

    def error(blocks):
        x = np.concatenate(blocks, axis=1)
        seen, held_out = x[train], x[~train]
        weights = np.linalg.solve(
            seen.T @ seen + 5 * np.eye(x.shape[1]), seen.T @ (target[train] - target[train].mean())
        )
        return np.mean((target[~train] - target[train].mean() - held_out @ weights) ** 2)

    additive = error(list(features.values()))
    gain = {}
    for a, b in itertools.product(("genres", "year"), ("gender", "age", "occupation")):
        product = (features[a][:, :, None] * features[b][:, None, :]).reshape(len(frame), -1)
        gain[a, b] = additive - error([*features.values(), product])
    return gain


def test_planted_crosses_lower_the_error_and_the_others_do_not():
    gain = gains(generate(40_000, seed=2).frame())
    planted = [("genres", "age"), ("genres", "gender"), ("genres", "occupation"), ("year", "age")]
    assert min(gain[pair] for pair in planted) > 0.008
    assert max(gain[pair] for pair in gain if pair not in planted) < 0.003


def test_drawing_pairs_follows_popularity_without_replacement():
    popularity = np.array([4.0, 2.0, 1.0, 1.0] + [0.001] * 96)
    activity = np.full(4000, 2)
    pairs = draw_pairs(activity, popularity, np.random.default_rng(0))
    assert len(np.unique(pairs)) == 8000
    share = np.bincount(pairs % 100)[:4] / 4000
    weight = popularity / popularity.sum()
    # First draw by weight; second by weight among the rest.
    expected = [w + sum(v * w / (1 - v) for k, v in enumerate(weight) if k != i) for i, w in enumerate(weight[:4])]
    np.testing.assert_allclose(share, expected, atol=0.03)


def test_busy_users_follow_the_same_law():
    popularity = np.array([4.0, 2.0, 1.0, 1.0])  # two of four: more than the dense share
    share = np.bincount(draw_pairs(np.full(4000, 2), popularity, np.random.default_rng(0)) % 4) / 4000
    weight = popularity / 8
    expected = [w + sum(v * w / (1 - v) for k, v in enumerate(weight) if k != i) for i, w in enumerate(weight)]
    np.testing.assert_allclose(share, expected, atol=0.03)


@pytest.mark.parametrize("arguments", [(10, 1, 0.8), (1000, -1, 0.8), (1000, 1, -0.1), (1000, 1, float("nan"))])
def test_impossible_worlds_are_refused(arguments):
    with pytest.raises(DataError, match="Received: num_ratings="):
        generate(*arguments)
