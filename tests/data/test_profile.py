import dataclasses

import numpy as np
import pandas as pd
import pytest

from dcn_core.data.profile import profile


def test_counts_describe_the_whole(world):
    counts = profile(world).counts.iloc[0]
    rating = world.ratings["rating"].to_numpy(float)
    assert counts["ratings"] == 20_000
    assert counts["users"] == world.ratings["user_row"].nunique()
    assert counts["rated_movies"] == world.ratings["movie_row"].nunique() <= counts["movies"] == len(world.movies)
    assert counts["density"] == pytest.approx(20_000 / counts["users"] / counts["rated_movies"])
    assert counts["mean"] == pytest.approx(rating.mean())
    assert counts["std"] == pytest.approx(rating.std())
    assert counts["first"] < counts["last"]


def test_labels_and_long_tails_count_every_rating_once(world):
    shown = profile(world)
    assert shown.labels["rating"].tolist() == [1, 2, 3, 4, 5]
    assert shown.labels["share"].sum() == pytest.approx(1)
    for table in (shown.labels, shown.per_user, shown.per_movie, shown.over_time):
        assert table["count"].sum() == 20_000
    assert shown.per_movie["count"].is_monotonic_decreasing
    assert shown.per_user["rank"].iloc[0] == 1


def test_months_have_the_mean_of_their_ratings(world):
    months = profile(world).over_time
    time = pd.to_datetime(world.ratings["timestamp"], unit="s")
    expected = world.ratings["rating"].astype(float).groupby(time.dt.strftime("%Y-%m")).agg(["count", "mean"])
    assert months["start"].dt.strftime("%Y-%m").tolist() == expected.index.tolist()
    assert months["count"].tolist() == expected["count"].tolist()
    np.testing.assert_allclose(months["mean"], expected["mean"])


def test_genres_count_each_genre_of_a_movie(world):
    genres = profile(world).genres.set_index("genre")
    has_drama = world.movies["genres"].str.split("|").map(lambda names: "Drama" in names).to_numpy()
    ratings = world.ratings["rating"].to_numpy(float)[has_drama[world.ratings["movie_row"]]]
    drama = genres.loc["Drama"]
    assert drama["movies"] == has_drama.sum()
    assert drama["count"] == len(ratings)
    assert drama["mean"] == pytest.approx(ratings.mean())
    half = 1.959964 * ratings.std(ddof=1) / np.sqrt(len(ratings))
    assert (drama["low"], drama["high"]) == pytest.approx((ratings.mean() - half, ratings.mean() + half))


def test_means_by_feature_have_readable_categories_in_order(world):
    shown = profile(world)
    by_age = shown.by_feature[shown.by_feature["feature"] == "age"]
    assert by_age["category"].tolist() == ["Under 18", "18–24", "25–34", "35–44", "45–49", "50–55", "56+"]
    assert by_age["count"].sum() == 20_000
    assert set(shown.by_feature["feature"]) == {"gender", "age", "occupation", "year"}
    assert shown.cardinality.set_index("feature")["categories"].to_dict() == {
        "genres": 18,
        "gender": 2,
        "age": 7,
        "occupation": world.users["occupation"].nunique(),
        "year": world.movies["year"].nunique(),
        "user_id": len(world.users),
        "movie_id": len(world.movies),
    }


def test_a_source_without_times_and_features_has_a_profile_too(world):
    poor = dataclasses.replace(
        world,
        ratings=world.ratings.drop(columns="timestamp"),
        users=world.users[["user_id"]],
        movies=world.movies[["movie_id", "title"]],
    )
    shown = profile(poor)
    assert shown.over_time.empty
    assert shown.genres.empty
    assert shown.by_feature.empty
    assert list(shown.genres) == ["genre", "movies", "count", "mean", "low", "high"]
    assert pd.isna(shown.counts["first"].iloc[0])


def test_a_single_rating_has_no_interval():
    from tests.data.test_splits import tiny

    dataset = tiny([0], [0], [5])
    dataset.movies["genres"] = "War"
    genre = profile(dataset).genres.iloc[0]
    assert genre["mean"] == 3
    assert np.isnan(genre["low"])
