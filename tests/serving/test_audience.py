"""Segments are means over the users they name."""

import numpy as np
import pandas as pd
import pytest

from dcn_core.serving.audience import activity, segments, taste


def test_segments_are_means_of_their_users() -> None:
    rng = np.random.default_rng(0)
    gender, age = rng.integers(0, 2, 300), rng.integers(-1, 3, 300)
    scores = 3 + 0.5 * gender + 0.1 * age
    codes = {"gender": (gender, ["F", "M"]), "age": (age, ["young", "middle", "old"])}
    frame = segments(codes, scores).set_index("segment")
    assert len(frame) == 2 + 3 + 6
    assert frame.loc["M, old", "rating"] == pytest.approx(3.7)
    assert frame.loc["M, old", "users"] == ((gender == 1) & (age == 2)).sum()
    assert frame.loc["F", "rating"] == pytest.approx(scores[gender == 0].mean())
    assert frame.loc["F", "lift"] == pytest.approx(scores[gender == 0].mean() - scores.mean())
    assert frame.loc["M, old", "share"] == 1 and frame.loc["F", "share"] == 0
    assert frame["rating"].is_monotonic_decreasing
    assert len(segments(codes, scores, pairs=False)) == 5
    assert len(segments(codes, scores, least=301)) == 0
    assert len(segments({}, scores)) == 0


def test_users_are_grouped_by_how_much_and_what_they_rate() -> None:
    code, names = activity(np.array([0, 1, 2, 3, 4, 5, 6]))
    assert code.tolist() == [-1, 0, 0, 1, 1, 2, 2] and len(names) == 3
    assert activity(np.zeros(2, int))[0].tolist() == [-1, -1]
    genres = pd.Series(["War", "War|Comedy", "Comedy", ""])
    code, names = taste(np.array([0, 0, 1, 1, 2]), np.array([0, 0, 2, 2, 3]), genres, 4)
    assert [names[number] if number >= 0 else "" for number in code] == ["watches War", "watches Comedy", "", ""]
    assert taste(np.array([0]), np.array([3]), genres[3:4].reindex(range(4), fill_value=""), 1)[1] == []
