"""What a split keeps from training, and what it lets through."""

import numpy as np
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.leakage import meters
from dcn_core.data.splits import Split, split_rows
from tests.data.test_splits import tiny

NONE = np.array([], dtype=np.int64)


def test_shares_count_what_training_has_not_seen() -> None:
    dataset = tiny([0, 1, 0, 2, 2], [0, 1, 1, 0, 2], [5, 5, 4, 6, 7])
    (one,) = meters(dataset, Split(np.array([0, 1]), np.array([2, 3, 4]), NONE))
    assert (one.part, one.ratings, one.users, one.movies) == ("validation", 3, 2, 3)
    assert one.new_users == pytest.approx(1 / 2)  # of users 0 and 2
    assert one.new_movies == pytest.approx(1 / 3)  # of movies 0, 1 and 2
    assert one.of_new_users == pytest.approx(2 / 3)
    assert one.of_new_movies == one.of_both == pytest.approx(1 / 3)
    assert one.before == pytest.approx(1 / 3)  # user 0 at 4, who has a training rating at 5
    assert one.overlap == pytest.approx(1 / 3)
    assert one.repeated == 0


def test_a_pair_that_training_has_too_is_counted() -> None:
    dataset = tiny([0, 0, 1], [0, 0, 1])
    (one,) = meters(dataset, Split(np.array([0]), np.array([1, 2]), NONE))
    assert one.repeated == pytest.approx(1 / 2)


@pytest.mark.parametrize(("kind", "share"), [("user", "new_users"), ("movie", "new_movies")])
def test_a_group_split_is_all_cold(world: Dataset, kind: str, share: str) -> None:
    found = meters(world, split_rows(world, DataConfig(split=kind)))  # type: ignore[arg-type]
    assert [one.part for one in found] == ["validation", "test"]
    assert all(getattr(one, share) == 1 for one in found)


def test_a_split_by_time_knows_no_future_and_one_by_row_does(world: Dataset) -> None:
    by_time, by_row = (meters(world, split_rows(world, DataConfig(split=kind))) for kind in ("time", "row"))  # type: ignore[arg-type]
    assert all(one.before == one.overlap == 0 for one in by_time)
    assert all(one.before > 0.5 and one.overlap > 0.9 for one in by_row)


def test_without_times_nothing_is_said_of_the_future() -> None:
    (one,) = meters(tiny([0, 1], [0, 1]), Split(np.array([0]), np.array([1]), NONE))
    assert np.isnan(one.before) and np.isnan(one.overlap)
