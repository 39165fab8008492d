"""Scores of measures that are right, wrong, and half right."""

import numpy as np
import pytest

from dcn_core.data.dataset import GroundTruth, PlantedCross
from dcn_core.errors import PredictionError
from dcn_core.insight.recovery import recovery

NAMES = ("genres", "gender", "age", "occupation", "user_id", "movie_id")
CROSSES = (
    PlantedCross(("genres", "age"), 0.3),
    PlantedCross(("user_id", "movie_id"), 0.25),
    PlantedCross(("genres", "gender"), 0.2),
    PlantedCross(("age", "occupation"), 0.1),
)
TRUTH = GroundTruth(CROSSES, {}, 0.8, 0.6, {}, np.zeros(1))


def matrix(**values: float) -> np.ndarray:
    """Small, different numbers, and the given ones for pairs such as `genres_age`."""
    rng = np.random.default_rng(0)
    out = rng.uniform(0, 0.01, (6, 6))
    out = out + out.T
    for pair, value in values.items():
        i, j = (NAMES.index(name) for name in pair.split("__"))
        out[i, j] = out[j, i] = value
    return out


RIGHT = matrix(genres__age=3, genres__gender=2, age__occupation=1)
REVERSED = matrix(genres__age=1, genres__gender=2, age__occupation=3)


def test_a_measure_in_the_right_order_scores_all_that_can_be_scored() -> None:
    found = recovery(TRUTH, NAMES, {"right": RIGHT, "wrong": -RIGHT, "reversed": REVERSED})
    scores = found.scores.set_index("measure")
    assert list(scores.index) == ["right", "wrong", "reversed"]
    assert scores.loc["right", "rank_correlation"] == pytest.approx(found.best_rank_correlation)
    assert scores.loc["right"].tolist()[1:] == [1, 1, 3]
    assert scores.loc["reversed"].tolist()[1:] == [-1, 1, 3]
    assert scores.loc["wrong", "precision"] == 0
    assert found.sentence().startswith("By right, the network found 3 of the 3 planted crosses")


def test_the_sentence_speaks_of_the_first_measure_and_not_of_the_best() -> None:
    text = recovery(TRUTH, NAMES, {"wrong": -RIGHT, "right": RIGHT}).sentence()
    assert text.startswith("By wrong, the network found 0 of the 3")


def test_pairs_with_an_id_are_listed_and_not_scored() -> None:
    pairs = recovery(TRUTH, NAMES, {"right": RIGHT, "ids": matrix(user_id__movie_id=9, genres__user_id=8)}).pairs
    assert len(pairs) == 15
    assert pairs["scored"].sum() == 6
    assert pairs.iloc[1][["feature", "other", "planted", "scored"]].tolist() == ["user_id", "movie_id", 0.25, False]


def test_a_measure_with_gaps_is_shown_and_not_scored() -> None:
    found = recovery(TRUTH, NAMES, {"right": RIGHT, "gaps": np.full((6, 6), np.nan)})
    assert found.scores["measure"].tolist() == ["right"]
    assert "gaps" in found.pairs


def test_features_without_planted_crosses_have_no_score() -> None:
    for names in (("gender", "occupation"), ("user_id", "movie_id")):
        found = recovery(TRUTH, names, {"any": np.ones((2, 2))})
        assert "None of the planted" in found.sentence()


def test_a_measure_by_layer_is_refused() -> None:
    with pytest.raises(PredictionError, match="sum it over layers"):
        recovery(TRUTH, NAMES, {"by layer": np.ones((2, 6, 6))})


def test_one_feature_has_no_pairs_to_find() -> None:
    found = recovery(TRUTH, ("age",), {"effect": np.full((1, 1), np.nan)})
    assert found.pairs.empty and found.scores.empty
    assert found.sentence() == "None of the planted crosses is between features that this network sees."
