"""Pictures of data sets, rich and poor, are whole."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.data.category_means import category_means, filled
from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.generated import generate
from dcn_core.data.leakage import meters
from dcn_core.data.profile import profile
from dcn_core.data.splits import split_rows
from dcn_core.data.table_crosses import table_crosses
from dcn_core.pictures import ratings
from dcn_core.pictures.picture import Picture

WORLD = generate(10_000, seed=3)
POOR = dataclasses.replace(
    WORLD,
    ratings=WORLD.ratings.drop(columns="timestamp"),
    users=WORLD.users[["user_id"]],
    movies=WORLD.movies.assign(genres="<b>$x$</b>|Drama", year=WORLD.movies["year"]),
    truth=None,
)


def every(dataset: Dataset, split: str) -> Iterator[Picture]:
    shown, means = profile(dataset), category_means(dataset)
    yield from (ratings.labels(shown), ratings.tails(shown), ratings.sizes(shown), ratings.filled(*filled(dataset)))
    if len(shown.over_time) > 1:
        yield ratings.over_time(shown)
    for feature in dict.fromkeys(means["feature"]):
        yield ratings.mix(means, feature)
        yield ratings.categories(means, feature, 3.5)
    yield ratings.crosses(table_crosses(dataset), dataset.truth)
    yield ratings.meter(meters(dataset, split_rows(dataset, DataConfig(split=split))), split)  # type: ignore[arg-type]


def test_short_names_stand_upright_and_shares_have_no_sign() -> None:
    figure = ratings.filled(*filled(WORLD)).figure
    assert figure.layout.xaxis.tickangle == 0 and "{z:.3f}" in figure.data[0].hovertemplate


@pytest.mark.parametrize(
    ("dataset", "split"), [(WORLD, "time"), (WORLD, "user"), (POOR, "row")], ids=["time", "user", "poor"]
)
def test_every_picture_of_a_data_set_is_whole(dataset: Dataset, split: str) -> None:
    seen = []
    for picture in every(dataset, split):
        seen.append(picture.key)
        assert picture.sentence.endswith(".") and "nan" not in picture.sentence, picture.key
        assert len(picture.about) > 80 and "$" not in picture.about, picture.key
        assert picture.alt and picture.title and len(picture.numbers) and len(picture.figure.data), picture.key
        assert "<b>" not in picture.figure.to_json().replace("\\u003c", "<"), picture.key
    assert {"labels", "tails", "filled", "sizes", "table-crosses", "meter", "category-means"} <= set(seen)
    assert ("over-time" in seen) == dataset.has_timestamps


def test_labels_are_named_by_as_many_digits_as_tell_them_apart() -> None:
    shown = profile(WORLD)
    assert list(ratings.labels(shown).figure.data[0].x) == ["1", "2", "3", "4", "5"]
    fine = shown.labels.assign(rating=[-0.0472662, 0.1528, 0.3528, 0.5528, 0.7528])
    picture = ratings.labels(dataclasses.replace(shown, labels=fine))
    assert list(picture.figure.data[0].x) == ["−0.05", "0.15", "0.35", "0.55", "0.75"]
    assert picture.sentence.startswith("0.55 is given most")


def test_a_bar_of_labels_that_can_be_anything_is_around_its_number() -> None:
    assert ratings.labels(profile(WORLD)).sentence.startswith(("3 is", "4 is"))
    between = WORLD.ratings.assign(rating=WORLD.ratings["rating"].clip(1.5, 4.5) + np.float32(0.2))
    shown = ratings.labels(profile(dataclasses.replace(WORLD, ratings=between)))
    assert shown.sentence.startswith("Around 4 is")


def test_labels_and_their_mean_are_written_as_their_source_has_them() -> None:
    shown = profile(WORLD)
    mean = shown.counts["mean"].iloc[0]
    assert f"The mean rating is {mean:.2f}," in ratings.labels(shown).sentence
    picture = ratings.labels(shown, Nouns(rating="Price", center=10_000, scale=1_000))
    assert list(picture.figure.data[0].x) == ["11,000", "12,000", "13,000", "14,000", "15,000"]
    assert f"The mean rating is {10_000 + 1_000 * mean:,.2f}," in picture.sentence


def test_sentences_name_what_was_planted_first() -> None:
    world = generate(30_000, seed=1)
    text = ratings.crosses(table_crosses(world), world.truth).sentence
    assert text.startswith("Genres and age save most")


def test_the_meter_speaks_of_new_users() -> None:
    found = meters(WORLD, split_rows(WORLD, DataConfig(split="user")))
    assert ratings.meter(found, "user").sentence.startswith("100 % of the ")


@pytest.mark.parametrize(("side", "other"), [("user", "movie"), ("movie", "user")])
def test_nothing_is_said_of_users_or_movies_that_a_table_does_not_have(side: str, other: str) -> None:
    alone = {"user": WORLD.users.head(1), "movie": WORLD.movies.head(1)}[other]
    world = dataclasses.replace(
        WORLD,
        ratings=WORLD.ratings.assign(**{f"{other}_row": 0}),
        truth=None,
        **{f"{other}s": alone},  # type: ignore[arg-type]
    )
    meter = ratings.meter(meters(world, split_rows(world, DataConfig(split="row"))), "row")
    assert "pairs" not in meter.sentence and "known" not in meter.sentence
    assert [trace.name for trace in meter.figure.data] == [f"Known {side}", f"New {side}"]
    assert set(meter.numbers) >= {f"{side}s", f"new_{side}s", "overlap"}
    assert "same user" in meter.sentence if side == "user" else "are older than the newest" in meter.sentence
    means = category_means(world)
    said = [meter, ratings.crosses(table_crosses(world), None, world.sides)]
    said += [ratings.categories(means, feature, 3.5) for feature in dict.fromkeys(means["feature"])]
    for picture in said:
        assert f"{other}s" not in f"{picture.sentence} {picture.about} {picture.alt}", picture.key
        assert not any(other in str(name) for name in picture.numbers), picture.key


def test_without_users_and_movies_pairs_are_told_without_them() -> None:
    about = ratings.crosses(table_crosses(WORLD), None, ()).about
    assert not {"users", "movies", "ids"} & set(about.replace(",", "").split())


def test_what_lies_within_days_is_named_by_day() -> None:
    times = 1_700_000_000 + 3600 * (WORLD.ratings["timestamp"].rank().astype("int64") % 200)
    days = dataclasses.replace(WORLD, ratings=WORLD.ratings.assign(timestamp=times))
    assert ratings.over_time(profile(days)).sentence.startswith("From 14 November 2023 to 23 November 2023, most on ")
    assert " to February 2004, most in " in ratings.over_time(profile(WORLD)).sentence


def test_pairs_that_save_are_told_apart_from_those_that_were_planted() -> None:
    world = generate(100_000, seed=1)
    text = ratings.crosses(table_crosses(world), world.truth).sentence
    assert "8 of 10 pairs save some beyond chance. 5 of these were planted; 3 borrow from a planted pair" in text
