import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from dcn_core.config.data import DataConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.splits import split_rows
from dcn_core.errors import DataError

KINDS = ["row", "time", "user", "movie"]


def tiny(users, movies, timestamps=None):
    ratings = {"user_row": np.array(users, np.int32), "movie_row": np.array(movies, np.int32)}
    frame = pd.DataFrame(ratings).assign(rating=np.float32(3))
    if timestamps is not None:
        frame["timestamp"] = np.array(timestamps, np.int64)
    tables = [
        pd.DataFrame({f"{side}_id": np.arange(max(rows, default=0) + 1)})
        for side, rows in (("user", users), ("movie", movies))
    ]
    return Dataset("Tiny", "0", frame, *tables)


def config(kind="row", validation=0.1, test=0.1, seed=11):
    return DataConfig(split=kind, validation_fraction=validation, test_fraction=test, split_seed=seed)


def assert_covers(split, num_ratings):
    together = np.concatenate(split)
    assert len(together) == num_ratings
    np.testing.assert_array_equal(np.sort(together), np.arange(num_ratings))
    assert all(part.dtype == np.int64 for part in split)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("test", [0.0, 0.2])
def test_parts_are_disjoint_cover_everything_and_have_their_shares(world, kind, test):
    split = split_rows(world, config(kind, 0.15, test))
    assert_covers(split, world.num_ratings)
    assert len(split.validation) == pytest.approx(0.15 * world.num_ratings, rel=0.1)
    assert len(split.test) == pytest.approx(test * world.num_ratings, rel=0.1)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 3000), st.sampled_from([0.1, 0.25, 0.3, 0.05]), st.integers(0, 2**31 - 1))
def test_a_row_split_is_scikit_learns_to_the_row(num_ratings, fraction, seed):
    dataset = tiny(np.arange(num_ratings), np.arange(num_ratings))
    split = split_rows(dataset, config("row", fraction, 0.0, seed))
    train, validation = train_test_split(np.arange(num_ratings), test_size=fraction, random_state=seed)
    np.testing.assert_array_equal(split.train, train)
    np.testing.assert_array_equal(split.validation, validation)
    assert len(split.test) == 0


def test_the_notebooks_split_of_movielens_1m_has_its_published_sizes():
    rows = np.zeros(1_000_209, dtype=np.int32)
    split = split_rows(tiny(rows, rows), config("row", 0.25, 0.0, 11))
    assert (len(split.train), len(split.validation)) == (750_156, 250_053)
    _, validation = train_test_split(np.arange(1_000_209), test_size=0.25, random_state=11)
    np.testing.assert_array_equal(split.validation, validation)


def test_the_test_share_is_split_off_first():
    dataset = tiny(np.arange(1000), np.arange(1000))
    split = split_rows(dataset, config("row", 0.1, 0.1))
    rest, test = train_test_split(np.arange(1000), test_size=0.1, random_state=11)
    train, validation = train_test_split(rest, test_size=100, random_state=11)
    for part, expected in zip(split, (train, validation, test), strict=True):
        np.testing.assert_array_equal(part, expected)


def test_a_time_split_predicts_the_future_from_the_past(world):
    split = split_rows(world, config("time"))
    time = world.ratings["timestamp"].to_numpy()
    assert time[split.train].max() < time[split.validation].min()
    assert time[split.validation].max() < time[split.test].min()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=30, max_size=120), st.sampled_from([0.0, 0.2]))
def test_ratings_of_one_moment_are_never_parted(times, test):
    dataset = tiny(times, times, times)
    try:
        split = split_rows(dataset, config("time", 0.2, test))
    except DataError:
        assert len(set(times)) < (3 if test else 2)
        return
    assert_covers(split, len(times))
    parts = [dataset.ratings["timestamp"].to_numpy()[part] for part in split if len(part)]
    assert len(parts) == (3 if test else 2)
    for earlier, later in itertools.pairwise(parts):
        assert earlier.max() < later.min()


def test_without_equal_moments_a_time_split_has_the_sizes_of_a_split_by_row():
    rows = np.arange(997)
    by_time, by_row = (split_rows(tiny(rows, rows, rows), config(kind, 0.1, 0.25)) for kind in ("time", "row"))
    assert [len(part) for part in by_time] == [len(part) for part in by_row]


@pytest.mark.parametrize("kind", ["user", "movie"])
def test_a_group_split_holds_out_only_unseen_ones(world, kind):
    split = split_rows(world, config(kind))
    groups = [set(world.ratings[f"{kind}_row"].to_numpy()[part]) for part in split]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]


@pytest.mark.parametrize("kind", ["row", "user", "movie"])
def test_the_seed_decides(world, kind):
    first, again, other = (split_rows(world, config(kind, seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.train, again.train)
    assert len(first.train) != len(other.train) or (first.train != other.train).any()


def test_without_timestamps_there_is_no_split_by_time(world):
    timeless = dataclasses.replace(world, ratings=world.ratings.drop(columns="timestamp"))
    with pytest.raises(DataError, match="needs the time of each row"):
        split_rows(timeless, config("time"))
    with pytest.raises(DataError, match="different times"):
        split_rows(tiny([0, 1, 2], [0, 1, 2], [7, 7, 7]), config("time"))


@pytest.mark.parametrize("kind", ["user", "movie"])
def test_too_few_groups_are_refused(kind):
    with pytest.raises(DataError, match=f"a split by {kind} needs at least 3 of them"):
        split_rows(tiny([0, 1], [0, 1]), config(kind))
    assert_covers(split_rows(tiny([0, 1], [0, 1]), config(kind, 0.5, 0.0)), 2)


@pytest.mark.parametrize(("kind", "num_ratings"), [("row", 0), ("row", 1), ("row", 2), ("time", 2)])
def test_too_few_ratings_are_refused(kind, num_ratings):
    rows = np.arange(num_ratings)
    with pytest.raises(DataError, match="at least one row to train on"):
        split_rows(tiny(rows, rows, rows), config(kind))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40),
    st.sampled_from(KINDS),
    st.data(),
)
def test_small_data_is_split_wholly_or_refused(pairs, kind, data):
    users, movies = zip(*pairs, strict=True)
    dataset = tiny(users, movies, np.arange(len(pairs)))
    test = data.draw(st.sampled_from([0.0, 0.1, 0.4]))
    try:
        split = split_rows(dataset, config(kind, data.draw(st.sampled_from([0.1, 0.4])), test))
    except DataError:
        return
    assert_covers(split, len(pairs))
    assert len(split.train) and len(split.validation) and (len(split.test) > 0) == (test > 0)
