import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FEATURE_NAMES, PADDING, FeatureSpec
from dcn_core.data.categories import number_name
from dcn_core.data.column import Column
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder, encode
from dcn_core.data.feature import parts
from dcn_core.data.splits import split_rows
from dcn_core.errors import DataError


@pytest.fixture
def dataset():
    users = pd.DataFrame(
        {
            "user_id": [5, 3, 9],
            "gender": pd.Series(["M", "F", "M"], dtype="str"),
            "age": np.array([25, 1, 56], np.int16),
            "occupation": pd.Series(["writer", "artist", "farmer"], dtype="str"),
        }
    )
    movies = pd.DataFrame(
        {
            "movie_id": [70, 20, 90, 10],
            "title": pd.Series(["A", "B", "C", "D"], dtype="str"),
            "year": pd.array([1999, 1950, 2003, None], dtype="Int16"),
            "genres": pd.Series(["War|Comedy", "Action", "Western|Action", ""], dtype="str"),
        }
    )
    ratings = pd.DataFrame(
        {
            "user_row": np.array([0, 1, 0, 2, 1], np.int32),
            "movie_row": np.array([0, 1, 3, 2, 2], np.int32),
            "rating": np.array([4, 3, 5, 1, 2], np.float32),
        }
    )
    return Dataset("Tiny", "0", ratings, users, movies)


TRAIN = np.array([0, 1, 2])  # neither user 9 nor movie 90


def test_only_training_rows_are_looked_at(dataset):
    encoder = Encoder.fit(dataset, TRAIN, FEATURE_NAMES)
    assert encoder.vocabularies == {
        "genres": ("Action", "Comedy", "War"),
        "gender": ("F", "M"),
        "age": (1, 25),
        "occupation": ("artist", "writer"),
        "year": (1950, 1999),
        "user_id": (3, 5),
        "movie_id": (10, 20, 70),
    }
    changed = dataclasses.replace(dataset, ratings=dataset.ratings.iloc[:3])
    assert Encoder.fit(changed, TRAIN, FEATURE_NAMES) == encoder


def test_specs_follow_the_canonical_order_whatever_the_order_asked(dataset):
    encoder = Encoder.fit(dataset, TRAIN, ("movie_id", "genres", "age"))
    assert encoder.specs == (FeatureSpec("genres", 4, 6), FeatureSpec("age", 3), FeatureSpec("movie_id", 4))


def test_unseen_and_missing_values_are_unknown_and_empty_slots_are_padding(dataset):
    data = encode(dataset, Encoder.fit(dataset, TRAIN, FEATURE_NAMES))
    p = PADDING
    expected_users = {"gender": [2, 1, 2], "age": [2, 1, 0], "occupation": [2, 1, 0], "user_id": [2, 1, 0]}
    assert {name: values.tolist() for name, values in data.user_features.items()} == expected_users
    assert {name: values.tolist() for name, values in data.movie_features.items()} == {
        "genres": [[3, 2, p, p, p, p], [1, p, p, p, p, p], [0, 1, p, p, p, p], [p] * 6],
        "year": [2, 1, 0, 0],
        "movie_id": [3, 2, 0, 1],
    }
    for values in (*data.user_features.values(), *data.movie_features.values(), data.user_row, data.movie_row):
        assert values.dtype == np.int32
    assert data.rating.dtype == np.float32


def test_an_invented_user_may_lack_columns_and_values(dataset):
    encoder = Encoder.fit(dataset, TRAIN, FEATURE_NAMES)
    users = pd.DataFrame({"gender": ["F", None, "x"], "age": [25, None, 25.5]})
    encoded = {name: values.tolist() for name, values in encoder.encode_users(users).items()}
    assert encoded == {"gender": [1, 0, 0], "age": [2, 0, 0], "occupation": [0, 0, 0], "user_id": [0, 0, 0]}
    users = pd.DataFrame({"user_id": [float("inf"), 3.0, "3"], "age": ["old", None, True]}, dtype="object")
    assert encoder.encode_users(users)["user_id"].tolist() == [0, 1, 1]
    movies = pd.DataFrame({"genres": [None, "War"]})
    encoded = encoder.encode_movies(movies)
    assert encoded["genres"][:, 0].tolist() == [PADDING, 3]
    assert encoded["year"].tolist() == [0, 0]
    assert (encoder.encode_movies(pd.DataFrame({"movie_id": [20]}))["genres"] == PADDING).all()


def test_an_empty_table_gives_empty_indices(dataset):
    encoder = Encoder.fit(dataset, TRAIN, FEATURE_NAMES)
    assert encoder.encode_movies(dataset.movies.iloc[:0])["genres"].shape == (0, 6)
    assert encoder.encode_users(dataset.users.iloc[:0])["age"].shape == (0,)


def test_slots_grow_with_training_movies_and_others_lose_what_does_not_fit(dataset):
    many = [f"G{i}" for i in range(9)]
    dataset.movies.loc[2, "genres"] = "|".join(many)
    assert Encoder.fit(dataset, TRAIN, FEATURE_NAMES).feature("genres").slots == 6
    assert encode(dataset, Encoder.fit(dataset, TRAIN, FEATURE_NAMES)).movie_features["genres"][2].tolist() == [0] * 6
    encoder = Encoder.fit(dataset, np.arange(5), FEATURE_NAMES)
    assert encoder.specs[0].slots == 9
    names = [encoder.categories("genres")[i] for i in encode(dataset, encoder).movie_features["genres"][2]]
    assert names == many


def test_categories_are_readable_and_in_a_sensible_order(world):
    encoder = Encoder.fit(world, np.arange(world.num_ratings), FEATURE_NAMES)
    ages = ["unknown", "Under 18", "18–24", "25–34", "35–44", "45–49", "50–55", "56+"]
    assert encoder.categories("age") == ages
    assert encoder.categories("gender") == ["unknown", "Female", "Male"]
    for name in ("genres", "occupation"):
        assert encoder.categories(name)[1:] == sorted(encoder.categories(name)[1:])
    for name in ("year", "user_id", "movie_id"):
        numbers = [int(category) for category in encoder.categories(name)[1:]]
        assert numbers == sorted(numbers)
    for spec in encoder.specs:
        assert len(encoder.categories(spec.name)) == spec.vocabulary_size


def test_what_the_data_lacks_is_left_out_and_nothing_left_is_an_error(dataset):
    poor = dataclasses.replace(dataset, users=dataset.users[["user_id"]], movies=dataset.movies[["movie_id", "title"]])
    assert [spec.name for spec in Encoder.fit(poor, TRAIN, FEATURE_NAMES).specs] == ["user_id", "movie_id"]
    with pytest.raises(DataError, match=r"none of the features gender, genres.*at least one of: user_id, movie_id"):
        Encoder.fit(poor, TRAIN, ("gender", "genres"))
    with pytest.raises(DataError, match="at least one training row"):
        Encoder.fit(dataset, TRAIN[:0], FEATURE_NAMES)
    with pytest.raises(DataError, match="the encoder knows the features user_id"):
        Encoder.fit(dataset, TRAIN, ("user_id",)).categories("age")


def test_saving_and_loading_gives_the_same_encoder(world, tmp_path):
    encoder = Encoder.fit(world, split_rows(world, DataConfig()).train, FEATURE_NAMES)
    encoder.save(tmp_path / "encoder.json")
    loaded = Encoder.load(tmp_path / "encoder.json")
    assert loaded == encoder
    assert loaded.specs == encoder.specs
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["encoder.json"]
    for name, values in encode(world, encoder).movie_features.items():
        np.testing.assert_array_equal(values, encode(world, loaded).movie_features[name])


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c.pop("version"), "the keys version and features"),
        (lambda c: c.update(extra=1), "the keys version and features"),
        (lambda c: c.update(version=99), "version 2 or 1. Received: 99"),
        (lambda c: c.update(features=[]), "at least one feature"),
        (lambda c: c.update(features={"age": 1}), "features as they were fitted"),
        (lambda c: c["features"][0].update(slots="6"), "0.slots: Input should be a valid integer"),
        (lambda c: c["features"][0].update(slots=0), "0.slots: Input should be greater"),
        (lambda c: c["features"][0].update(colour="red"), "unknown setting '0.colour'"),
        (lambda c: c["features"][2].update(values="18"), "2.values"),
        (lambda c: c["features"][2].update(values=[1, "18"]), "2.values"),
        (lambda c: c["features"][2].update(values=[18, 18]), "each value of 'age' once"),
        (lambda c: c["features"][2].update(values=[2**70]), "2.values"),
        (lambda c: c["features"][2].update(edges=[2, 1]), "ascending numbers as edges and knots of 'age'"),
        (lambda c: c["features"][2].update(kind="number"), "knots of 'age' exactly if it is a number"),
        (lambda c: c["features"][2].update(scale=0), "2.scale"),
        (lambda c: c["features"][2].update(name="gender"), "each feature once"),
    ],
)
def test_an_edited_file_is_refused_and_says_why(dataset, tmp_path, edit, message):
    path = tmp_path / "encoder.json"
    Encoder.fit(dataset, TRAIN, FEATURE_NAMES).save(path)
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=message):
        Encoder.load(path)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"[" * 100_000])
def test_a_file_that_is_no_encoder_is_refused(tmp_path, data):
    path = tmp_path / "encoder.json"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"encoder\.json: expected"):
        Encoder.load(path)
    with pytest.raises(DataError, match=r"gone\.json: expected"):
        Encoder.load(tmp_path / "gone.json")


FIRST_VERSION = {
    "version": 1,
    "genre_slots": 6,
    "vocabularies": {"genres": ["Action", "Comedy", "War"], "age": [1, 25], "movie_id": [10, 20, 70]},
}


def test_a_file_of_the_first_version_still_opens(dataset, tmp_path):
    path = tmp_path / "encoder.json"
    path.write_text(json.dumps(FIRST_VERSION))
    assert Encoder.load(path) == Encoder.fit(dataset, TRAIN, ("genres", "age", "movie_id"))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c.update(genre_slots="6"), "slots"),
        (lambda c: c.update(vocabularies={}), "vocabularies of one or more"),
        (lambda c: c["vocabularies"].update(colour=["red"]), "vocabularies of one or more"),
        (lambda c: c["vocabularies"].update(age="18"), "a list of whole numbers under 'age'"),
        (lambda c: c["vocabularies"].update(age=[True]), "a list of whole numbers under 'age'"),
        (lambda c: c["vocabularies"].update(gender=[1]), "a list of texts under 'gender'"),
    ],
)
def test_an_edited_file_of_the_first_version_is_refused(tmp_path, edit, message):
    content = json.loads(json.dumps(FIRST_VERSION))
    edit(content)
    (tmp_path / "encoder.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=message):
        Encoder.load(tmp_path / "encoder.json")


@pytest.fixture
def shop(dataset):
    """The data set with a price and an area of each movie, and the weather of each rating."""
    movies = dataset.movies.assign(price=[1.0, 3.0, 1000.0, None], area=[10.0, 20.0, 30.0, 40.0])
    ratings = dataset.ratings.assign(weather=["sun", "rain", "sun", "hail", "sun"])
    known = (
        Column("price", "movie", "number"),
        Column("area", "movie", "number", buckets=2),
        Column("weather", "rating", rare=2),
        Column("tags", "movie", "list", separator=";"),
    )
    movies["tags"] = ["a; b", "b", "a;b;c", ""]
    return dataclasses.replace(dataset, movies=movies, ratings=ratings, known=known)


def test_numbers_are_scaled_by_training_ratings_and_missing_ones_are_not_numbers(shop):
    encoder = Encoder.fit(shop, TRAIN, ("price",))
    price = encoder.feature("price")
    assert price.level == "movie"
    assert (price.mean, price.scale) == (2.0, 1.0)
    inputs = encode(shop, encoder).movie_features["price"]
    assert inputs.dtype == np.float32
    np.testing.assert_array_equal(inputs, [-1, 1, 998, np.nan])
    assert price.spec.knots == (-1, 1)
    assert price.categories() == ["unknown", "about 1", "about 3"]
    assert price.spec.codes(inputs).tolist() == [1, 2, 2, 0]
    np.testing.assert_array_equal(price.spec.values(np.array([0, 1, 2])), np.array([np.nan, -1, 1], np.float32))
    shop = dataclasses.replace(shop, known=(Column("price", "movie", "number", log=True),))
    feature = Encoder.fit(shop, TRAIN, ("price",)).feature("price")
    np.testing.assert_allclose(feature.unscaled(feature.encode(shop.movies)), shop.movies["price"], rtol=1e-5)
    assert feature.mean == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_buckets_rare_categories_lists_and_what_belongs_to_the_rating(shop, tmp_path):
    encoder = Encoder.fit(shop, np.arange(5), ("area", "weather", "tags"))
    assert encoder.categories("area") == ["unknown", "up to 30", "over 30"]
    assert encoder.categories("weather") == ["unknown", "sun"]
    data = encode(shop, encoder)
    assert data.movie_features["area"].tolist() == [1, 1, 1, 2]
    assert data.rating_features["weather"].tolist() == [1, 0, 1, 0, 1]
    assert data.movie_features["tags"].tolist() == [[1, 2, -1], [2, -1, -1], [1, 2, 3], [-1] * 3]
    inputs = data.inputs(np.array([4, 1]))
    assert {name: values.tolist() for name, values in inputs.items()} == {
        "area": [1, 1],
        "tags": [[1, 2, 3], [2, -1, -1]],
        "weather": [1, 0],
    }
    encoder.save(tmp_path / "encoder.json")
    assert Encoder.load(tmp_path / "encoder.json") == encoder


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (0.05, "0.05"),
        (2008, "2008"),
        (9999.6, "10,000"),
        (47_583.2, "47,580"),
        (1_234_567, "1,235,000"),
        (-31_416, "-31,420"),
    ],
)
def test_numbers_have_names_that_are_read_at_a_glance(value, name):
    assert number_name(value) == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a, b ,a,", ["a", "b"]),
        ("['a', 'b']", ["a", "b"]),
        ('["a", "b c"]', ["a", "b c"]),
        ("[]", []),
        ("[a],[b]", ["[a]", "[b]"]),
        ("'n Sync,x", ["'n Sync", "x"]),
    ],
)
def test_lists_are_read_with_brackets_and_quotes_or_without(text, names):
    assert parts(text, ",") == names
