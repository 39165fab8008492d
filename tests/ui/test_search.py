"""Finding a movie by a few letters, and what the training ratings say of it."""

import time

import numpy as np
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.data.generated import generate
from dcn_core.data.splits import split_rows
from ui import search
from ui.knowledge import PARTS, knowledge, known_rating, ladder

TITLES = [
    title.lower()
    for title in (
        "M*A*S*H (1970)",
        "What the #$*! Do We Know!? (2004)",
        "$1,000,000 Duck (1971)",
        "Matrix, The (1999)",
        "Matrix Reloaded, The (2003)",
        "Toy Story (1995)",
        "Toy Story 2 (1999)",
        "[REC] (2007)",
    )
]
WEIGHT = np.array([5, 1, 1, 50, 20, 40, 30, 3])


def found(query: str) -> list[str]:
    return [TITLES[row] for row in search.find(TITLES, query, WEIGHT)]


def test_without_a_query_the_best_known_come_first() -> None:
    assert found("")[:2] == ["matrix, the (1999)", "toy story (1995)"]


def test_a_word_that_begins_comes_before_one_that_ends() -> None:
    people = ["user 1 · woman, 25–34, writer", "user 2 · man, 25–34, writer", "user 3 · woman, 18–24, farmer"]
    assert search.find(people, "man 25", np.array([9, 1, 5]))[:2] == [1, 0]


def test_titles_with_every_word_come_before_similar_ones() -> None:
    assert found("story toy 2")[0] == "toy story 2 (1999)"
    assert found("matrix")[:2] == ["matrix, the (1999)", "matrix reloaded, the (2003)"]


def test_a_mistyped_title_is_found() -> None:
    assert "matrix, the (1999)" in found("matirx")


@pytest.mark.parametrize(("query", "title"), [("M*A*S*H", 0), ("#$*!", 1), ("$1,000", 2), ("[rec", 7)])
def test_signs_in_a_query_mean_themselves(query: str, title: int) -> None:
    assert found(query)[0] == TITLES[title]


def test_nothing_like_it_gives_nothing() -> None:
    assert found("qqqqzzzz") == []


def test_a_long_catalogue_is_searched_while_one_types() -> None:
    rng = np.random.default_rng(0)
    many = [" ".join(rng.choice(list("abcdefgh"), 12)) + f" ({number})" for number in range(60_000)]
    start = time.perf_counter()
    search.find(many, "matrix reloaded", np.ones(len(many)))
    assert time.perf_counter() - start < 3


def test_means_and_counts_come_from_training_rows_only() -> None:
    dataset = generate(2_000, seed=3)
    split = split_rows(dataset, DataConfig())
    facts = knowledge(dataset, split)
    train = dataset.ratings.iloc[split.train]
    assert facts.movie_count.sum() == len(train) == facts.user_count.sum()
    row = int(train["movie_row"].iloc[0])
    expected = train.loc[train["movie_row"] == row, "rating"].mean()
    assert facts.movie_mean[row] == pytest.approx(expected)
    assert facts.overall == pytest.approx(train["rating"].mean())
    assert {PARTS[code] for code in np.unique(facts.part)} == set(PARTS)
    assert (facts.part[split.test] == 2).all()


def test_a_real_rating_is_found_and_a_missing_one_is_none() -> None:
    dataset = generate(2_000, seed=3)
    ratings = dataset.ratings
    row = known_rating(dataset, int(ratings["user_row"].iloc[7]), int(ratings["movie_row"].iloc[7]))
    assert row is not None and ratings.iloc[row]["rating"] == ratings.iloc[7]["rating"]
    assert known_rating(dataset, -5, -5) is None


def test_the_ladder_goes_from_the_mean_over_biases_to_what_nothing_beats() -> None:
    dataset = generate(30_000, seed=3)
    split = split_rows(dataset, DataConfig())
    rungs = ladder(dataset, split)
    rating = dataset.ratings["rating"].to_numpy(np.float64)
    assert rungs["Always the mean"] == pytest.approx(
        np.mean((rating[split.validation] - rating[split.train].mean()) ** 2)
    )
    assert rungs["Always the mean"] > rungs["User and movie bias"] > rungs["Noise alone"] > 0
