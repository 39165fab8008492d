"""Means of categories with honest intervals, and how filled the table is."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from dcn_core.data.category_means import category_means, filled
from dcn_core.data.dataset import Dataset
from dcn_core.data.profile import profile
from tests.data.test_splits import tiny


def test_means_are_those_of_the_ratings(world: Dataset) -> None:
    means = category_means(world).set_index(["feature", "category"])
    frame = world.frame()
    women = frame.loc[frame["gender"] == "F", "rating"]
    assert means.loc[("gender", "Female"), "count"] == len(women)
    assert means.loc[("gender", "Female"), "mean"] == pytest.approx(women.mean())
    drama = frame.loc[frame["genres"].astype(str).str.split("|").map(lambda own: "Drama" in own), "rating"]
    assert means.loc[("genres", "Drama"), "count"] == len(drama)
    assert means.loc[("genres", "Drama"), "mean"] == pytest.approx(drama.mean())
    assert means.loc["age"]["count"].sum() == len(frame)


@pytest.mark.parametrize("members", [3, 30])
def test_the_interval_counts_users_and_holds_the_mean_of_other_users(members: int) -> None:
    """Users whose own level varies: an interval that counted ratings would miss the truth most of the time."""
    rng = np.random.default_rng(0)
    held = []
    for _ in range(200):
        bias, row = rng.normal(0, 1, 2 * members), np.repeat(np.arange(2 * members), 50)
        ratings = pd.DataFrame(
            {
                "user_row": row.astype(np.int32),
                "movie_row": np.zeros(len(row), np.int32),
                "rating": (3 + bias[row] + rng.normal(0, 0.5, len(row))).astype(np.float32),
            }
        )
        users = pd.DataFrame({"user_id": np.arange(2 * members), "gender": np.repeat(["F", "M"], members)})
        means = category_means(Dataset("d", "0", ratings, users, pd.DataFrame({"movie_id": [1], "title": "x"})))
        held += [row.low < 3 < row.high for row in means.itertuples()]
    assert 0.9 < np.mean(held) <= 0.98


def test_a_single_member_has_no_interval() -> None:
    dataset = tiny([0, 1, 2], [0, 0, 0])
    dataset.users["gender"] = ["F", "M", "M"]
    means = category_means(dataset).set_index("category")
    assert np.isnan(means.loc["Female", "low"]) and means.loc["Male", "low"] == means.loc["Male", "high"] == 3


def test_every_rating_stands_in_one_cell_of_the_table(world: Dataset) -> None:
    share, count = filled(world)
    assert share.shape == (10, 10) and count.sum() == world.num_ratings
    assert share[0, 0] > 5 * share[-1, -1] and share.max() <= 1
    few = dataclasses.replace(world, ratings=world.ratings.head(3))
    assert filled(few)[1].sum() == 3


def test_a_pair_that_occurs_twice_fills_the_table_once() -> None:
    dataset = tiny([0, 0, 0, 1], [0, 0, 1, 0])
    share, count = filled(dataset)
    assert share.tolist() == [[1, 1], [1, 0]] and count.tolist() == [[2, 1], [1, 0]]
    assert profile(dataset).counts["density"].item() == 0.75
