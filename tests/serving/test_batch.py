"""Files of pairs, whole, broken and hostile."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder
from dcn_core.errors import PredictionError
from dcn_core.serving.batch import predict_pairs, read_pairs, to_csv
from dcn_core.serving.intervals import GROUPS, LEVELS, Intervals
from dcn_core.serving.predictor import Predictor
from tests.serving.test_predictor import dataset, folder

__all__ = ["dataset", "folder"]


def pairs_of(dataset: Dataset, rows: int) -> bytes:
    """The first ratings' users and movies as CSV."""
    ratings = dataset.ratings.head(rows)
    users = dataset.users["user_id"].to_numpy()[ratings["user_row"]]
    movies = dataset.movies["movie_id"].to_numpy()[ratings["movie_row"]]
    return pd.DataFrame({"movieId": movies, "userId": users, "other": "x"}).to_csv(index=False).encode()


def test_predictions_are_those_of_single_questions(folder: Path, dataset: Dataset) -> None:
    predictor = Predictor.open(folder)
    found = predict_pairs(predictor, dataset, read_pairs(pairs_of(dataset, 50)), (1, 5))
    ratings = dataset.ratings.head(50)
    expected = predictor.predict(dataset.users.iloc[ratings["user_row"]], dataset.movies.iloc[ratings["movie_row"]])
    np.testing.assert_allclose(found["rating"], np.clip(expected, 1, 5), atol=6e-4)
    assert list(found) == ["user_id", "movie_id", "rating", "note"]
    known = dataset.users["user_id"].isin(predictor.encoder.vocabularies["user_id"]).to_numpy()[ratings["user_row"]]
    assert ((found["note"] == "") <= known).all() and found["note"][~known].str.contains("user not in training").all()


def test_unknown_ids_are_said_row_by_row(folder: Path, dataset: Dataset) -> None:
    predictor = Predictor.open(folder)
    encoder: Encoder = predictor.encoder
    user, movie = encoder.vocabularies["user_id"][0], encoder.vocabularies["movie_id"][0]
    text = f"user_id;movie_id\n{user};{movie}\n999999999;{movie}\n{user};-5\n7e99;1.5\n;\n=cmd();{movie}\n"
    found = predict_pairs(predictor, dataset, read_pairs(text.encode()), (1, 5))
    assert found["note"].tolist() == [
        "",
        "unknown user",
        "unknown movie",
        "no user id and no movie id",
        "no user id and no movie id",
        "no user id",
    ]
    assert np.isfinite(found["rating"]).all()
    alone = predictor.predict_pair(dataset, user_id=999_999_999, movie_id=int(movie))
    assert found["rating"][1] == pytest.approx(alone.rating, abs=1e-3)
    again = pd.read_csv(io.BytesIO(to_csv(found)), dtype=str, keep_default_na=False)
    assert again["user_id"][5] == "'=cmd()" and again["user_id"][0] == str(user)
    assert again["note"].tolist() == found["note"].tolist()


def test_intervals_follow_how_well_a_pair_is_known(folder: Path, dataset: Dataset) -> None:
    distance = tuple(tuple(0.1 * (4 - group) for _ in LEVELS) for group in range(len(GROUPS)))
    levels = Intervals(distance, (1,) * 4, (True,) * 4, (), ((np.nan,) * 4,) * 4, (0,) * 4)
    counts = np.full(len(dataset.users), 100), np.full(len(dataset.movies), 100)
    pairs = read_pairs(pairs_of(dataset, 3) + b"1,999999999,x\n")
    found = predict_pairs(Predictor.open(folder), dataset, pairs, (1, 5), levels, 0.8, counts)
    inside = found["rating"].between(1.5, 4.5)
    np.testing.assert_allclose(
        (found["high"] - found["rating"])[inside], [0.1, 0.1, 0.1, 0.4][: inside.sum()], atol=2e-3
    )
    assert found["low"].min() >= 1 and found["high"].max() <= 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty line"),
        (b"\n\n", "empty line"),
        (b"user_id,movie_id\n", "at least one pair"),
        (b"1,2\n3,4\n", "named user_id"),
        (b"user_id,title\n1,2\n", "named movie_id"),
        (b"userid,user,movie_id\n1,1,2\n", "only one column named user_id"),
        (b"user_id,movie_id\n1,2\n1,2,3\n", "cannot be read as CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "cannot be read as CSV"),
        (b"PK\x03\x04" + bytes(range(256)) * 20, "PredictionError"),
        ("user_id,movie_id\n1,2\n".encode("utf-16"), "PredictionError"),
        (b'user_id,movie_id\n"1,2\n', "PredictionError"),
        (b"user_id,movie_id\n" + b"1,2\n" * 11, "at most 10 pairs"),
    ],
)
def test_files_that_are_no_pairs_are_said_so(content: bytes, said: str) -> None:
    with pytest.raises(PredictionError) as caught:
        read_pairs(content, most_rows=10)
    assert said in f"{type(caught.value).__name__}: {caught.value}"
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_usual_layout_is_read(separator: str) -> None:
    text = separator.join(["Movie_ID", '"note"', "USER"]) + "\r\n" + separator.join(["3", "x", "12"]) + "\r\n"
    pairs = read_pairs(b"\xef\xbb\xbf" + text.encode())
    assert (pairs.user_id.tolist(), pairs.movie_id.tolist()) == ([12], [3])


def test_a_table_without_users_needs_none_in_its_pairs() -> None:
    pairs = read_pairs(b"Shoe,size\nA,1\nB,2\n", columns={"movie_id": "shoe"})
    assert (pairs.user_id.tolist(), pairs.movie_id.tolist()) == ([1, 1], ["A", "B"])
    frame = pd.DataFrame({"user_id": pairs.user_id, "movie_id": pairs.movie_id, "rating": [1.5, 2.0]})
    assert to_csv(frame, {"movie_id": "shoe"}).decode().replace('"', "").splitlines() == ["shoe,rating", "A,1.5", "B,2"]
    assert b'"movie_id","rating"' in to_csv(frame, {"movie_id": "rating"})
