"""What is predicted of each rating, and which ratings take part."""

import numpy as np
import pandas as pd
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.config.run import RunConfig, override
from dcn_core.data.dataset import Dataset
from dcn_core.data.labels import labelled_rows, labels
from dcn_core.data.splits import split_rows
from dcn_core.errors import ConfigError, DataError


def rated(*stars):
    n = len(stars)
    ratings = pd.DataFrame(
        {"user_row": np.arange(n, dtype=np.int32) % 5, "movie_row": np.arange(n, dtype=np.int32) % 7}
    ).assign(rating=np.array(stars, np.float32), timestamp=np.arange(n)[::-1])
    users = pd.DataFrame({"user_id": np.arange(5)})
    movies = pd.DataFrame({"movie_id": np.arange(7), "title": "x", "genres": "Drama"})
    return Dataset("few", "f", ratings, users, movies)


def test_likes_are_the_high_ratings_and_the_middle_is_left_out():
    found = labels(rated(1, 2, 2.5, 3, 3.5, 4, 5), DataConfig(target="like"))
    np.testing.assert_array_equal(found, [0, 0, np.nan, np.nan, np.nan, 1, 1])
    assert labelled_rows(rated(1, 2, 2.5, 3, 3.5, 4, 5), DataConfig(target="like")).tolist() == [0, 1, 5, 6]


def test_the_bounds_decide():
    config = DataConfig(target="like", like_from=3, dislike_to=2.5)
    np.testing.assert_array_equal(labels(rated(2.5, 3), config), [0, 1])


@pytest.mark.parametrize("kind", ["row", "time", "user", "movie"])
def test_a_split_holds_each_labelled_rating_once_and_no_other(kind):
    data = rated(*([1, 3, 5, 4, 3] * 20))
    config = DataConfig(target="like", split=kind)
    found = split_rows(data, config)
    assert sorted(np.concatenate(found).tolist()) == labelled_rows(data, config).tolist()
    assert len(labelled_rows(data, config)) == 60
    if kind == "time":  # later rows are older here
        assert found.test.max() < found.train.min()


def test_the_split_of_likes_is_that_of_the_ratings_that_remain():
    """As the papers do it: drop first, then split."""
    stars = [1, 3, 5, 4, 3] * 20
    whole = split_rows(rated(*stars), DataConfig(target="like"))
    kept = labelled_rows(rated(*stars), DataConfig(target="like"))
    alone = split_rows(rated(*(np.array(stars)[kept])), DataConfig())
    for part, own in zip(whole, alone, strict=True):
        np.testing.assert_array_equal(part, kept[own])


def test_likes_need_both_kinds():
    with pytest.raises(DataError, match=r"likes and dislikes.*3 rows from 4 on and 0 up to 2"):
        split_rows(rated(4, 4, 5), DataConfig(target="like"))


def test_the_bounds_and_the_watched_score_must_fit():
    with pytest.raises(ConfigError, match=r"dislike_to must be below like_from"):
        override(RunConfig(), ["data.target=like", "data.dislike_to=4"])
    with pytest.raises(ConfigError, match=r"auto or one of mse, mae for data.target=rating. Received: auc"):
        override(RunConfig(), ["train.monitor=auc"])
    assert override(RunConfig(), ["data.target=like", "train.monitor=auc"]).train.monitor == "auc"
