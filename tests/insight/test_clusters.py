"""Intervals over ratings that are alike, against simulated truth."""

import math
from dataclasses import replace

import numpy as np
import pytest

from dcn_core.data.generated import generate
from dcn_core.insight.clusters import clustered_interval, clustered_mean, clusters


def test_an_error_of_a_mean_allows_for_people_who_are_alike() -> None:
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(50), 20)
    found = np.array(
        [clustered_mean(rng.normal(size=50)[person] + 0.2 * rng.normal(size=1000), person) for _ in range(400)]
    )
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.15)
    assert found[:, 1].mean() > 3 / math.sqrt(1000)  # what ratings by themselves would say
    assert math.isnan(clustered_mean(np.ones(3), np.zeros(3, int))[1])


def test_two_ways_to_be_alike_add_up() -> None:
    rng = np.random.default_rng(2)
    person, movie = np.repeat(np.arange(40), 25), np.tile(np.arange(25), 40)
    found = np.array(
        [
            clustered_mean(0.5 * rng.normal(size=40)[person] + 0.5 * rng.normal(size=25)[movie], person, movie)
            for _ in range(400)
        ]
    )
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.15)
    assert set(found[:, 2]) == {24}


def test_values_that_are_not_alike_have_the_usual_interval() -> None:
    from scipy.stats import t

    values = np.random.default_rng(3).normal(size=7)
    assert clustered_interval(values) == pytest.approx(
        (values.mean(), *t.interval(0.95, 6, values.mean(), values.std(ddof=1) / math.sqrt(7)))
    )
    assert clustered_interval(values, np.arange(7)) == pytest.approx(clustered_interval(values))
    assert np.isnan(clustered_interval(values[:1])[1:]).all()


@pytest.mark.parametrize("people", [10, 30])
def test_an_interval_of_few_people_misses_as_seldom_as_it_says(people: int) -> None:
    """With the normal distribution in place of Student's, 1.1 % of ten people's intervals of 99.9 % miss."""
    rng = np.random.default_rng(4)
    person = np.repeat(np.arange(people), 8)
    misses = 0
    for _ in range(4_000):
        _, low, high = clustered_interval(
            rng.normal(size=people)[person] + rng.normal(size=len(person)), person, confidence=0.999
        )
        misses += not low <= 0 <= high
    assert misses <= 12


def test_a_table_without_users_is_not_one_person() -> None:
    world = generate(2_000, seed=2)
    assert [len(code) for code in clusters(world, np.arange(50))] == [50, 50]
    alone = replace(world, users=world.users.head(1), ratings=world.ratings.assign(user_row=0))
    (movie,) = clusters(alone, np.arange(50))
    np.testing.assert_array_equal(movie, world.ratings["movie_row"].to_numpy()[:50])
