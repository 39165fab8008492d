"""The ladder on a small generated world, whose floors are known."""

import dataclasses

import numpy as np
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FEATURE_NAMES
from dcn_core.data.encoder import EncodedData, Encoder, encode
from dcn_core.data.generated import generate
from dcn_core.data.splits import Split, split_rows
from dcn_core.errors import PredictionError
from dcn_core.insight.cells import Codes, floor_mse
from dcn_core.insight.ladder import FLOOR, ladder, ladder_sentence

CONTENT = FEATURE_NAMES[:5]
WORLD = generate(30_000, seed=1)
SPLIT = split_rows(WORLD, DataConfig())
DATA = encode(WORLD, Encoder.fit(WORLD, SPLIT.train, FEATURE_NAMES))
LADDER = ladder(DATA, SPLIT, FEATURE_NAMES)


def mse(frame, rung):
    return frame.set_index("rung").loc[rung, "validation_mse"]


def test_rungs_stand_in_their_known_order() -> None:
    assert WORLD.truth is not None
    assert mse(LADDER, "mean") == pytest.approx(
        np.mean((DATA.rating[SPLIT.validation] - DATA.rating[SPLIT.train].mean()) ** 2)
    )
    assert mse(LADDER, "genre set") < mse(LADDER, "mean")
    assert mse(LADDER, "demographics") < mse(LADDER, "mean")
    assert mse(LADDER, "tables with crosses") < mse(LADDER, "additive tables") < mse(LADDER, "genre set")
    assert mse(LADDER, "boosted trees") < mse(LADDER, "additive tables")
    assert mse(LADDER, "user and movie bias") < mse(LADDER, "movie mean")
    assert mse(LADDER, "low-rank factors") < mse(LADDER, "user and movie bias")
    assert LADDER["validation_mse"].dropna().min() > WORLD.truth.floor_mse
    assert np.isfinite(LADDER["test_mse"].iloc[:-1]).all()


def test_rungs_on_other_features_than_the_networks_are_marked() -> None:
    frame = ladder(DATA, Split(SPLIT.train, SPLIT.validation, SPLIT.test[:0]), ("gender", "age"))
    own = frame.set_index("rung")["own_features"]
    assert own["demographics"]
    assert not own["movie mean"]
    assert "genre set" not in own
    assert frame["test_mse"].isna().all()
    assert f"floor of these features is about {mse(frame, FLOOR):.4f}" in ladder_sentence(frame, 1.0)


def test_ids_alone_have_a_ladder() -> None:
    frame = ladder(DATA, SPLIT, ("user_id", "movie_id"))
    assert frame["rung"].tolist() == ["mean", "movie mean", "user and movie bias", "low-rank factors", FLOOR]
    assert np.isnan(mse(frame, FLOOR))


def test_nothing_is_learned_from_the_ratings_that_score() -> None:
    rating = DATA.rating.copy()
    rating[SPLIT.validation] = 1.0
    frame = ladder(dataclasses.replace(DATA, rating=rating), SPLIT, FEATURE_NAMES)
    np.testing.assert_allclose(frame["test_mse"].iloc[:-1], LADDER["test_mse"].iloc[:-1])


def test_the_floor_is_the_unbiased_variance_within_cells() -> None:
    """Two ratings a cell: the biased variance would be half of it."""
    rng = np.random.default_rng(0)
    n = 20_000
    data = EncodedData(
        {"age": np.arange(n)}, {}, np.repeat(np.arange(n), 2), np.zeros(2 * n, int), rng.normal(0, 1.5, 2 * n)
    )
    assert floor_mse(Codes(data), data.rating, ("age",)) == pytest.approx(1.5**2, rel=0.03)


def test_the_floor_of_content_features_is_near_what_was_planted() -> None:
    assert WORLD.truth is not None
    codes = Codes(DATA)
    assert floor_mse(codes, DATA.rating, ("gender", "age", "occupation")) > WORLD.truth.floor_mse
    assert floor_mse(codes, DATA.rating, ("gender", "age", "occupation")) < DATA.rating.var()
    every = ("gender", "age", "occupation", "movie_id")
    assert floor_mse(codes, DATA.rating, every) < floor_mse(codes, DATA.rating, ("movie_id",))


def test_the_same_genres_in_another_order_are_one_set() -> None:
    data = EncodedData(
        {}, {"genres": np.array([[1, 2, -1], [2, 1, -1], [1, -1, -1]])}, np.zeros(3, int), np.arange(3), np.ones(3)
    )
    codes = Codes(data).of("genres", np.arange(3))
    assert codes[0] == codes[1] != codes[2]


def test_the_sentence_says_which_simple_predictor_is_better() -> None:
    assert "beats 9 of 9" in ladder_sentence(LADDER, 0.1)
    text = ladder_sentence(LADDER, mse(LADDER, "user and movie bias") + 1e-3)
    assert "the best of them is low-rank factors" in text


def test_a_ladder_needs_ratings_on_both_sides() -> None:
    with pytest.raises(PredictionError, match="0 for validation"):
        ladder(DATA, Split(SPLIT.train, SPLIT.validation[:0], SPLIT.test), CONTENT)


def test_a_first_look_fits_only_the_rungs_that_are_asked_for() -> None:
    some = ladder(DATA, SPLIT, CONTENT, only=("mean", "user and movie bias"))
    assert some["rung"].tolist() == ["mean", "user and movie bias"]
    assert mse(some, "user and movie bias") == mse(LADDER, "user and movie bias")
