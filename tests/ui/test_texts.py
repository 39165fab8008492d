"""Words in place of names."""

import time
from typing import get_args

import pytest

from dcn_core.config.features import FEATURE_NAMES
from dcn_core.insight.wording import FEATURE_WORDS, number_label, value_label
from dcn_core.runs.status import State
from ui import texts


def test_every_feature_and_every_state_has_words() -> None:
    assert set(FEATURE_WORDS) == set(FEATURE_NAMES)
    assert set(texts.STATES) == set(get_args(State))


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (0.2, "under 1 s"), (4.4, "4 s"), (190, "3 min 10 s"), (7500, "2 h 5 min")]
)
def test_a_duration_is_told_in_two_units_at_most(seconds: float | None, words: str) -> None:
    assert texts.duration(seconds) == words


@pytest.mark.parametrize(
    ("value", "words"), [(812, "812"), (12_400, "12.4 k"), (999_999, "1 M"), (3_100_000, "3.1 M"), (2e9, "2 G")]
)
def test_a_count_is_short(value: float, words: str) -> None:
    assert texts.compact(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(1e-6, "1e-6"), (0.001, "0.001"), (1_000_000, "1,000,000"), ("auto", "Auto"), (0.0, "0")]
)
def test_a_number_of_a_slider_is_as_short_as_it_is_exact(value: object, words: str) -> None:
    assert number_label(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("low_rank", "Low rank"),
        ("rmsprop", "RMSprop"),
        (True, "on"),
        (0.00123456, "0.001235"),
        ((128, 64), "128 → 64"),
        (["genres", "year"], "Genres, Release year"),
        ((), "none"),
        (None, "None"),
        (100_000, "100,000"),
    ],
)
def test_a_setting_is_shown_in_words_everywhere(value: object, words: str) -> None:
    assert value_label(value) == words


def test_a_moment_of_today_is_a_time_of_day() -> None:
    noon = time.mktime((2026, 5, 4, 12, 30, 0, 0, 0, -1))
    assert texts.moment(noon, now=noon + 60) == "12:30"
    assert texts.moment(noon, now=noon + 86_400) == "04 May, 12:30"


def test_a_user_is_described_with_what_is_known() -> None:
    assert texts.describe_user({"gender": "F", "age": 25, "occupation": "programmer"}) == "Female, 25–34, programmer"
    assert texts.describe_user({"occupation": "writer"}) == "Writer"
    assert texts.describe_user({}) == ""
    assert texts.describe_user({"gender": None, "age": float("nan"), "occupation": None}) == ""
