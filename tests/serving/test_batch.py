"""Files of pairs, whole, broken and hostile."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder
from dcn_core.data.sources import load_dataset
from dcn_core.errors import PredictionError
from dcn_core.serving.batch import not_given, predict_pairs, to_csv
from dcn_core.serving.intervals import GROUPS, LEVELS, Intervals
from dcn_core.serving.pair_file import read_pairs, row_features
from dcn_core.serving.predictor import Predictor
from tests.serving.runs import untrained
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


def visits(folder: Path, columns: dict[str, str], rows: list[str]) -> tuple[Predictor, Dataset]:
    """A table of one's own with these columns and roles, and an untrained network on it."""
    source = folder / "visits.csv"
    source.write_text("\n".join([",".join(columns), *rows]))
    table = {"columns": [{"column": column, "role": role} for column, role in columns.items()]}
    run = untrained(folder / "runs", source=str(source), table=table)
    return Predictor.open(run.path), load_dataset(run.config().data)


SEEN = [
    f"{'ab'[n % 2]},p{n // 2 % 3},{n % 5},{['phone', '01', 'NA'][n % 7 % 3]},{n % 24}.5,{['x|y', 'y', ''][n % 11 % 3]}"
    for n in range(400)
]
ROLES = {"who": "user", "what": "item", "stars": "label", "Device": "category", "hour": "number", "tags": "list"}


def test_columns_of_the_single_row_are_read_as_in_training(tmp_path: Path) -> None:
    predictor, dataset = visits(tmp_path, ROLES, SEEN)
    features = row_features(predictor.encoder, dataset.nouns)
    assert list(features) == ["Device", "hour", "tags"]
    lines = [line.split(",") for line in SEEN[:60]]
    text = "\n".join(
        ["TAGS;what;who;device;hour", *(f"{t};{i};{u};{d};{h.replace('.', ',')}" for u, i, _, d, h, t in lines)]
    )
    pairs = read_pairs(text.encode(), columns={"user_id": "who", "movie_id": "what"}, features=features)
    found = predict_pairs(predictor, dataset, pairs, (0, 4))
    ratings = dataset.ratings.head(60)
    rows = dataset.users.iloc[ratings["user_row"]], dataset.movies.iloc[ratings["movie_row"]], ratings
    np.testing.assert_allclose(found["rating"], np.clip(predictor.predict(*rows), 0, 4), atol=6e-4)
    assert list(found) == ["user_id", "movie_id", "Device", "hour", "tags", "rating", "note"]
    assert set(found["note"]) == {""} and not not_given(predictor, dataset, pairs)


def test_ids_are_found_as_they_are_written(tmp_path: Path) -> None:
    rows = [f"0{n % 7},{n % 3}.0,{n % 5}" for n in range(60)]
    predictor, dataset = visits(tmp_path, {"who": "user", "what": "item", "stars": "label"}, rows)
    assert dataset.movies["movie_id"].tolist() == [0, 1, 2]
    text = b"who,what\n03,2.0\n04,1\n,0\n3,01\n"
    pairs = read_pairs(text, columns={"user_id": "who", "movie_id": "what"})
    found = predict_pairs(predictor, dataset, pairs, (0, 4))
    assert found["note"].tolist() == ["", "", "no who id", "unknown who"]
    lines = to_csv(found, {"user_id": "who", "movie_id": "what"}).decode().replace('"', "").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [["03", "2.0"], ["04", "1"], ["", "0"], ["3", "01"]]


def test_numbers_of_the_single_row_are_read_in_their_own_style(tmp_path: Path) -> None:
    predictor, dataset = visits(tmp_path, ROLES, SEEN)
    features, ids = row_features(predictor.encoder, dataset.nouns), {"user_id": "who", "movie_id": "what"}
    text = b"who;what;hour\nu1;i1;1.234,5\nu1;i1;7\nu1;i1;noon\n"
    hours = read_pairs(text, columns=ids, features=features).given["hour"].tolist()
    assert hours[:2] == [1234.5, 7] and np.isnan(hours[2])


def test_what_is_not_known_of_the_single_row_is_said(tmp_path: Path) -> None:
    predictor, dataset = visits(tmp_path, ROLES, [row.replace("NA", "tv") for row in SEEN])
    text = "who,what,Device,hour\na,p1,=fax,3\na,p1,,\na,p1,phone,late\na,p1,phone,3\nz,p1,phone,\n"
    features = row_features(predictor.encoder, dataset.nouns)
    pairs = read_pairs(text.encode(), columns={"user_id": "who", "movie_id": "what"}, features=features)
    found = predict_pairs(predictor, dataset, pairs, (0, 4))
    assert not_given(predictor, dataset, pairs) == ["tags"]
    assert found["note"].tolist() == [
        "unknown Device and without tags",
        "no Device and no hour and without tags",
        "no hour and without tags",
        "without tags",
        "unknown who and no hour and without tags",
    ]
    assert "'=fax" in to_csv(found).decode()


def test_a_table_without_ids_is_asked_by_what_belongs_to_the_row(tmp_path: Path) -> None:
    roles = {name: role.replace("user", "ignore").replace("item", "ignore") for name, role in ROLES.items()}
    predictor, dataset = visits(tmp_path, roles, SEEN)
    features = row_features(predictor.encoder, dataset.nouns)
    pairs = read_pairs(b"hour,stars\n1.5,3\n22.5,3\n", columns={}, features=features)
    found = predict_pairs(predictor, dataset, pairs, (0, 4))
    assert found["rating"][0] != found["rating"][1] and set(found["note"]) == {"without Device, tags"}
    assert to_csv(found, {}).splitlines()[0].replace(b'"', b"") == b"hour,rating,note"
    with pytest.raises(
        PredictionError, match=r"expected at least one of the columns Device, hour and tags\. Received: stars"
    ):
        read_pairs(b"stars\n3\n", columns={}, features=features)


def test_notes_of_many_columns_are_put_together_fast(tmp_path: Path) -> None:
    roles = {f"c{n}": "category" for n in range(40)} | {"stars": "label"}
    predictor, dataset = visits(tmp_path, roles, [",".join([*"x" * 40, str(n % 5)]) for n in range(50)])
    features = row_features(predictor.encoder, dataset.nouns)
    text = "\n".join([",".join(features), *(",".join("xy?"[(n >> c) % 3] for c in range(40)) for n in range(500))])
    pairs = read_pairs(text.encode(), columns={}, features=features)
    assert predict_pairs(predictor, dataset, pairs, (0, 4))["note"][0] == ""


def test_a_table_without_users_needs_none_in_its_pairs() -> None:
    pairs = read_pairs(b"Shoe,size\nA,1\nB,2\n", columns={"movie_id": "shoe"})
    assert (pairs.user_id.tolist(), pairs.movie_id.tolist()) == ([1, 1], ["A", "B"])
    frame = pd.DataFrame({"user_id": pairs.user_id, "movie_id": pairs.movie_id, "rating": [1.5, 2.0]})
    assert to_csv(frame, {"movie_id": "shoe"}).decode().replace('"', "").splitlines() == ["shoe,rating", "A,1.5", "B,2"]
    assert b'"movie_id","rating"' in to_csv(frame, {"movie_id": "rating"})
