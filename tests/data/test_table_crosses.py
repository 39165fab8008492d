"""The crosses that a table shows: found where they were planted, and not where there are none."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

from dcn_core.data.dataset import Dataset
from dcn_core.data.generated import generate
from dcn_core.data.grouping import MOST_CATEGORIES, OTHERS, UNKNOWN, groupings
from dcn_core.data.table_crosses import table_crosses

ACROSS = {"genres", "year"}


def gains(frame: pd.DataFrame) -> dict[frozenset[str], tuple[float, float, float]]:
    return {frozenset((row.feature, row.other)): (row.gain, row.low, row.high) for row in frame.itertuples()}


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return table_crosses(generate(100_000, seed=2))


def test_every_pair_but_those_with_ids_is_looked_at_once(found: pd.DataFrame) -> None:
    names = ("genres", "gender", "age", "occupation", "year")
    assert set(gains(found)) == {frozenset(pair) for pair in itertools.combinations(names, 2)}
    assert found["gain"].is_monotonic_decreasing
    by_pair = {frozenset((row.feature, row.other)): row.fitted_on for row in found.itertuples()}
    assert by_pair[frozenset(("gender", "age"))] == "users"
    assert by_pair[frozenset(("genres", "year"))] == "movies"
    assert by_pair[frozenset(("genres", "age"))] == "ratings"


def test_planted_crosses_of_users_with_movies_are_found_with_about_their_variance(found: pd.DataFrame) -> None:
    seen = gains(found)
    for pair, strength in ((("genres", "age"), 0.3), (("genres", "gender"), 0.24), (("genres", "occupation"), 0.22)):
        gain, low, _ = seen[frozenset(pair)]
        assert low > 0 and 0.6 * strength**2 < gain < 1.3 * strength**2, pair
    assert seen[frozenset(("age", "year"))][1] > 0
    assert {found["feature"].iloc[0], found["other"].iloc[0]} == {"genres", "age"}


def test_a_world_without_crosses_shows_none() -> None:
    nothing = table_crosses(generate(100_000, seed=2, crosses={}))
    assert nothing["gain"].max() < 0.002
    assert (nothing["low"] <= 0.0005).all()


def test_a_cross_within_users_is_told_from_what_single_users_are_like() -> None:
    """Single users of 20 ratings each rate by a taste of their own; only in the second world by gender × age together."""
    rng = np.random.default_rng(0)
    users = 4000
    gender, age = rng.integers(0, 2, users), rng.integers(0, 2, users)
    own = rng.normal(0, 0.5, users)

    def gain(strength: float) -> tuple[float, float, float]:
        bias = own + strength * np.where(gender == age, 1, -1)
        row = np.repeat(np.arange(users), 20)
        ratings = pd.DataFrame(
            {
                "user_row": row.astype(np.int32),
                "movie_row": rng.integers(0, 50, len(row)).astype(np.int32),
                "rating": (3.5 + bias[row] + rng.normal(0, 0.8, len(row))).astype(np.float32),
            }
        )
        people = pd.DataFrame(
            {"user_id": np.arange(users), "gender": np.array(["F", "M"])[gender], "age": 18 + 7 * age}
        )
        movies = pd.DataFrame({"movie_id": np.arange(50), "title": "x"})
        frame = table_crosses(Dataset("two", "0", ratings, people, movies))
        return gains(frame)[frozenset(("gender", "age"))]

    none, some = gain(0.0), gain(0.3)
    assert none[0] < 0.002 and none[1] <= 0
    assert some[1] > 0 and some[0] == pytest.approx(0.09, abs=0.02)


def test_the_gain_is_that_of_least_squares_on_held_out_ratings() -> None:
    """One-hot features: the table's gain is what the same two models of scikit-learn's ridge save, with all ratings as biases' equals."""
    from dcn_core.data.table_crosses import _gains

    rng = np.random.default_rng(1)
    n = 3000
    a, b, fold = rng.integers(0, 3, n), rng.integers(0, 4, n), rng.integers(0, 5, n)
    rest = rng.normal(0, 0.3, (3, 4))[a, b] + rng.normal(0, 1, n)
    world = generate(1000)
    one, other = (
        dataclasses.replace(g, membership=np.eye(k), categories=tuple("abcd"[:k]))
        for g, k in zip(groupings(world)[1:3], (3, 4), strict=True)
    )
    got, sizes = _gains(rest, (a, b), fold, one, other)
    expected = []
    for k in range(5):
        seen = fold != k
        x = np.concatenate([np.eye(3)[a], np.eye(4)[b]], axis=1)
        weights = np.linalg.solve(x[seen].T @ x[seen] + np.eye(7), x[seen].T @ rest[seen])
        left = rest - x @ weights
        cell = np.eye(12)[a * 4 + b]
        beyond = (cell[seen].T @ left[seen]) / (cell[seen].sum(axis=0) + 50)
        expected.append(np.mean(left[~seen] ** 2) - np.mean((left[~seen] - cell[~seen] @ beyond) ** 2))
    np.testing.assert_allclose(got, expected)
    np.testing.assert_array_equal(sizes, np.bincount(fold))


def test_data_with_ids_only_or_few_ratings_have_no_table(world: Dataset) -> None:
    bare = dataclasses.replace(world, users=world.users[["user_id"]], movies=world.movies[["movie_id", "title"]])
    assert table_crosses(bare).empty
    few = dataclasses.replace(world, ratings=world.ratings.head(3))
    assert np.isfinite(table_crosses(few)["gain"]).all()


def test_many_categories_are_put_together(world: Dataset) -> None:
    rng = np.random.default_rng(0)
    users = world.users.assign(
        occupation=[f"job {number:03}" for number in rng.integers(0, 300, len(world.users))],
        age=pd.array(rng.integers(1, 100, len(world.users)), dtype="Int16"),
    )
    users.loc[:5, "age"] = pd.NA
    by_name = {one.name: one for one in groupings(dataclasses.replace(world, users=users))}
    jobs, ages = by_name["occupation"], by_name["age"]
    assert len(jobs.categories) == MOST_CATEGORIES and jobs.categories[-1] == OTHERS
    assert (jobs.codes == MOST_CATEGORIES - 1).sum() > 100
    assert ages.categories[-1] == UNKNOWN and (ages.codes[:6] == len(ages.categories) - 1).all()
    assert len(ages.categories) <= 16 and ages.categories[0].startswith("1 to ")
    assert by_name["genres"].is_list and not jobs.is_list
    np.testing.assert_allclose(by_name["genres"].membership.sum(axis=1), 1)
