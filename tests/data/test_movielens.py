import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FEATURE_NAMES
from dcn_core.data import archive, zip_checks
from dcn_core.data.sources import load_dataset
from dcn_core.errors import DataError
from tests.data.archives import RELEASES, contents, write_folder, write_release, write_zip


def load(path):
    return load_dataset(DataConfig(source=str(path)))


def test_the_1m_layout_is_read_with_users_and_latin_1_titles(tmp_path):
    dataset = load(write_release(tmp_path, "ml-1m"))
    assert dataset.name == "MovieLens 1M"
    assert dataset.available_features() == FEATURE_NAMES
    assert dataset.users.to_dict("list") == {
        "user_id": [1, 2, 3],
        "gender": ["F", "M", "M"],
        "age": [1, 56, 25],
        "occupation": ["K-12 student", "self-employed", "scientist"],
    }
    assert dataset.movies["title"].tolist() == ["Élan: The Return (1995)", "Two Goats, A (1980)", "Untitled"]
    assert dataset.movies["genres"].tolist() == ["Drama|Sci-Fi", "Comedy", ""]
    assert dataset.movies["year"].tolist() == [1995, 1980, pd.NA]
    assert dataset.ratings.to_dict("list") == {
        "user_row": [0, 0, 1, 2],
        "movie_row": [0, 1, 0, 2],
        "rating": [5, 3, 4, 1],
        "timestamp": [978300760, 978302109, 978301968, 978300275],
    }
    assert (dataset.rating_step, dataset.rating_min, dataset.rating_max) == (1.0, 1.0, 5.0)


def test_the_10m_layout_has_half_stars_and_no_demographics(tmp_path):
    dataset = load(write_release(tmp_path, "ml-10M100K"))
    assert dataset.name == "MovieLens 10M"
    assert dataset.available_features() == ("genres", "year", "user_id", "movie_id")
    assert dataset.movies["title"][0] == "Élan (1995)"
    assert dataset.movies["genres"].tolist() == ["Drama|IMAX", "", "War"]
    assert dataset.ratings["rating"].tolist() == [5.0, 3.5, 0.5]
    assert (dataset.rating_step, dataset.rating_min) == (0.5, 0.5)


def test_the_100k_layout_maps_ages_to_groups_and_flags_to_genres(tmp_path):
    dataset = load(write_release(tmp_path, "ml-100k"))
    assert dataset.name == "MovieLens 100K"
    assert dataset.users["age"].tolist() == [18, 45]
    assert dataset.users["occupation"].tolist() == ["technician", "other"]
    assert dataset.movies["genres"].tolist() == ["Action|Adventure", ""]
    assert dataset.movies["year"].tolist() == [1995, pd.NA]
    assert dataset.notes == ()


def test_the_csv_layout_reads_quotes_unicode_and_spans_of_years(tmp_path):
    dataset = load(write_release(tmp_path, "ml-latest-small"))
    assert dataset.name == "MovieLens latest-small"
    assert dataset.movies["title"].tolist() == ['Goats, Two "Old" (1995)', "東京 (2006–2007)"]
    assert dataset.movies["year"].tolist() == [1995, 2006]
    assert dataset.users["user_id"].tolist() == [1, 7]
    assert dataset.ratings["user_row"].tolist() == [0, 1, 1]
    assert dataset.ratings["rating"].tolist() == [4.0, 0.5, 4.5]


@pytest.mark.parametrize("release", RELEASES)
def test_a_folder_gives_the_same_as_its_archive_wherever_it_lies(tmp_path, release):
    packed = load(write_release(tmp_path, release))
    flat = load(write_folder(tmp_path / release, release))
    nested = load(write_folder(tmp_path / "outer" / release, release).parent)
    for other in (flat, nested):
        assert other.name == packed.name
        for table in ("ratings", "users", "movies"):
            pd.testing.assert_frame_equal(getattr(other, table), getattr(packed, table))
    assert flat.fingerprint == nested.fingerprint


def test_an_archive_without_a_folder_inside_is_read_too(tmp_path):
    assert load(write_zip(tmp_path / "ml-25m.zip", contents("ml-latest-small"))).name == "MovieLens 25M"


def test_a_release_without_a_users_table_just_offers_fewer_features(tmp_path):
    assert "gender" not in load(write_release(tmp_path, "ml-100k", u_user=None)).available_features()


def test_ratings_without_timestamps_have_none(tmp_path):
    dataset = load(write_release(tmp_path, "ml-latest-small", ratings_csv="userId,movieId,rating\n1,10,4\n"))
    assert not dataset.has_timestamps
    assert not load(write_release(tmp_path, "ml-1m", ratings_dat="1::10::5\n")).has_timestamps


def test_csv_columns_may_stand_in_any_order_beside_others(tmp_path):
    text = "\ufeffrating,extra,movieId,userId\n4.5,x,20,7\n"
    dataset = load(write_release(tmp_path, "ml-latest-small", ratings_csv=text))
    assert dataset.ratings["rating"].tolist() == [4.5]
    assert dataset.movies["movie_id"][dataset.ratings["movie_row"][0]] == 20


def test_movies_and_users_without_ratings_stay_in_the_tables(tmp_path):
    assert len(load(write_release(tmp_path, "ml-10M100K")).movies) == 3


def test_ids_may_be_huge(tmp_path):
    files = {"ratings_csv": f"userId,movieId,rating\n{2**62},10,4\n5,20,3\n", "movies_csv": None}
    files["movies_csv"] = f"movieId,title,genres\n20,A (1990),Drama\n10,B (1991),War\n{10**17},C,War\n"
    dataset = load(write_release(tmp_path, "ml-latest-small", **files))
    assert dataset.users["user_id"].tolist() == [5, 2**62]
    assert dataset.ratings["movie_row"].tolist() == [1, 0]


def test_lines_that_something_appended_after_the_stated_number_are_left_out_and_noted(tmp_path):
    rows = "userId,movieId,rating,timestamp\r\n1,10,4.0,964982703\r\n9,20,0.0,964982703\n"
    readme = "It contains 1 ratings and 3683 tag applications"
    dataset = load(write_release(tmp_path, "ml-latest-small", ratings_csv=rows, README_txt=readme))
    assert dataset.num_ratings == 1
    assert dataset.users["user_id"].tolist() == [1]
    assert "1 lines at the end of ratings.csv" in dataset.notes[0]


def test_ratings_of_the_invented_user_zero_are_left_out_and_noted(tmp_path):
    path = write_release(tmp_path, "ml-100k", u_data="0\t10\t5\t881250949\n1\t10\t3\t881250949\n")
    for dataset in (load(path), load(path)):  # fresh, and from the cache
        assert dataset.num_ratings == 1
        assert "1 ratings of user 0" in dataset.notes[0]


def test_the_tidy_frame_has_one_row_per_rating_with_everything_known(tmp_path):
    frame = load(write_release(tmp_path, "ml-1m")).frame()
    assert list(frame) == [
        *("user_id", "movie_id", "rating", "timestamp"),
        *("gender", "age", "occupation", "title", "year", "genres"),
    ]
    assert frame.iloc[2].to_dict() == {
        "user_id": 2,
        "movie_id": 10,
        "rating": 4.0,
        "timestamp": 978301968,
        "gender": "M",
        "age": 56,
        "occupation": "self-employed",
        "title": "Élan: The Return (1995)",
        "year": 1995,
        "genres": "Drama|Sci-Fi",
    }
    assert isinstance(frame["title"].dtype, pd.CategoricalDtype)


@pytest.mark.parametrize(
    ("release", "changed", "message"),
    [
        ("ml-1m", {"ratings_dat": ""}, "ratings.dat is empty"),
        ("ml-1m", {"ratings_dat": "\n\n"}, "ratings.dat is empty"),
        ("ml-1m", {"movies_dat": ""}, "movies.dat is empty"),
        ("ml-1m", {"users_dat": " \n"}, "users.dat is empty"),
        ("ml-1m", {"movies_dat": None}, "holds ratings.dat but no movies.dat"),
        ("ml-1m", {"ratings_dat": "1,10,5,9\n"}, "ratings.dat line 1: expected user id, movie id, rating and timestamp"),
        ("ml-1m", {"ratings_dat": "1::10::5::9\n1::20::3::9\n2::10"}, "ratings.dat line 3: expected 4 fields.*'2::10'"),
        ("ml-1m", {"ratings_dat": "1::10::5::9\nx::20::3::9\n"}, "ratings.dat line 2: expected a whole number as user id.*'x'"),
        ("ml-1m", {"ratings_dat": "1::10::5::9\n\n1::2O::3::9\n"}, "ratings.dat line 3: expected a whole number as movie id.*'2O'"),
        ("ml-1m", {"ratings_dat": "1::10::five::9\n"}, "line 1: expected a number as rating.*'five'"),
        ("ml-1m", {"ratings_dat": "1::10::5::\n"}, "line 1: expected a whole number as timestamp.*''"),
        ("ml-1m", {"ratings_dat": "1:7:10::5::9\n"}, "ratings.dat line 1: expected"),
        ("ml-1m", {"ratings_dat": "1::10::6::9\n"}, r"line 1: expected a rating from 0.5 to 5 in half stars. Received: 6\.0"),
        ("ml-1m", {"ratings_dat": "1::10::5::9\n\n1::20::0::9\n"}, "line 3: expected a rating from 0.5"),
        ("ml-1m", {"ratings_dat": "1::10::nan::9\n"}, "line 1: expected a rating from 0.5"),
        ("ml-1m", {"ratings_dat": "1::10::3.7::9\n"}, "in half stars"),
        ("ml-1m", {"ratings_dat": "-1::10::3::9\n"}, "user id that is not negative. Received: -1"),
        ("ml-1m", {"ratings_dat": "99999999999999999999::10::3::9\n"}, "line 1: expected a user id below 2"),
        ("ml-1m", {"ratings_dat": "1::10::3::978300760000\n"}, "line 1: expected a timestamp in seconds"),
        ("ml-1m", {"ratings_dat": "1::10::3::9\n9::10::3::9\n"}, "ratings.dat line 2: expected a user that is in users.dat.*user 9"),
        ("ml-1m", {"ratings_dat": "1::10::3::9\n1::11::3::9\n"}, "ratings.dat line 2: expected a movie that is in movies.dat.*movie 11"),
        ("ml-1m", {"ratings_dat": "1::10::3::9\n1::20::3::9\n1::10::4::9\n"}, "line 3: .*second one of movie 10 by user 1, after line 1"),
        ("ml-1m", {"users_dat": "1::F::1::10\n"}, "users.dat line 1: expected 5 fields"),
        ("ml-1m", {"users_dat": "1::X::1::10::0\n"}, "users.dat line 1: expected 'F' or 'M' as gender. Received: 'X'"),
        ("ml-1m", {"users_dat": "1::F::30::10::0\n"}, "users.dat line 1: expected one of 1, 18, .* as age. Received: '30'"),
        ("ml-1m", {"users_dat": "1::F::1::21::0\n"}, "expected an occupation from 0 to 20. Received: '21'"),
        ("ml-1m", {"users_dat": "one::F::1::1::0\n"}, "expected a whole number as user id. Received: 'one'"),
        ("ml-1m", {"users_dat": "1::F::1::1::0\n1::F::1::1::0\n"}, "users.dat: expected each user id once. Received 1 again"),
        ("ml-1m", {"movies_dat": "10::A\n"}, "movies.dat line 1: expected 3 fields"),
        ("ml-1m", {"movies_dat": "10::::Drama\n"}, "movies.dat line 1: expected a title"),
        ("ml-1m", {"movies_dat": "10::A::War\n10::B::War\n"}, "movies.dat: expected each movie id once"),
        ("ml-100k", {"u_data": "1 10 5 9\n"}, "u.data line 1: expected user id"),
        ("ml-100k", {"u_item": "10|A|x\n"}, "u.item line 1: expected 24 fields"),
        ("ml-100k", {"u_item": "10|A|||" + "|2" * 19 + "\n"}, "u.item line 1: expected 19 genre flags"),
        ("ml-100k", {"u_user": "1|old|M|x|0\n"}, "u.user line 1: expected a whole number as age. Received: 'old'"),
        ("ml-100k", {"u_user": "1|20|M| |0\n"}, "u.user line 1: expected the name of an occupation"),
        ("ml-latest-small", {"ratings_csv": "userId,movieId,stars\n1,10,4\n"}, "ratings.csv line 1: expected the columns userId,movieId,rating"),
        ("ml-latest-small", {"ratings_csv": "userId,movieId,rating,timestamp\n"}, "ratings.csv holds no ratings"),
        ("ml-latest-small", {"ratings_csv": "userId,movieId,rating\n1,10,4\n1,20\n"}, "ratings.csv line 3: expected 3 fields"),
        ("ml-latest-small", {"ratings_csv": "userId,movieId,rating\n1,10,4\n1,20,\n"}, "ratings.csv line 3: expected a number as rating"),
        ("ml-latest-small", {"ratings_csv": "userId,movieId,rating\n1,10,5.5\n"}, "ratings.csv line 2: expected a rating"),
        ("ml-latest-small", {"ratings_csv": "userId,movieId,rating\n1,11,5\n"}, "ratings.csv line 2: expected a movie that is in movies.csv"),
        ("ml-latest-small", {"movies_csv": "movieId,name\n10,A\n"}, "movies.csv line 1: expected the columns movieId,title,genres"),
        ("ml-latest-small", {"movies_csv": "movieId,title,genres\n10,A\n"}, "movies.csv line 2: expected 3 fields"),
        ("ml-latest-small", {"movies_csv": 'movieId,title,genres\n10,"A,War\n'}, "movies.csv line 2: expected comma-separated fields"),
        ("ml-latest-small", {"movies_csv": b"movieId,title,genres\n10,Caf\xe9,War\n"}, "movies.csv line 2: expected text in UTF-8.*xe9"),
    ],
)  # fmt: skip
def test_a_bad_table_is_named_with_its_line_what_was_expected_and_what_came(tmp_path, release, changed, message):
    with pytest.raises(DataError, match=message):
        load(write_release(tmp_path, release, **changed))
    with pytest.raises(DataError, match=message):
        load(write_folder(tmp_path / release, release, **changed))


def test_a_path_with_nothing_there_is_an_error():
    for text in ("/nowhere/ml-1m.zip", "a\0b", "x" * 5000, "~nobody-of-this-name/x"):
        with pytest.raises(DataError, match="must be the path of a MovieLens archive"):
            archive.find_path(text)


def test_a_device_or_pipe_is_no_source(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="something that is neither"):
        load(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"1::10::5::9\n", "is not a zip archive: it begins with b'1::1'"),
        (b"PK\x05\x06" + bytes(18), "holds no files"),
        (b"\x1f\x8b\x08\x00", "is not a zip archive"),
    ],
)
def test_a_file_that_is_no_archive_is_refused(tmp_path, data, message):
    path = tmp_path / "some.zip"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        load(path)


def test_a_truncated_archive_is_called_truncated(tmp_path):
    path = write_release(tmp_path, "ml-1m")
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError, match="truncated or damaged"):
        load(path)


def test_damaged_bytes_inside_an_archive_are_found(tmp_path):
    path = write_release(tmp_path, "ml-1m")
    data = bytearray(path.read_bytes())
    data[60:70] = bytes(10)
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="cannot be unpacked"):
        load(path)


def test_an_archive_of_something_else_is_refused_and_says_what_it_holds(tmp_path):
    with pytest.raises(DataError, match=r"holds no MovieLens ratings: expected one of ratings.dat.*Received: cat.jpg"):
        load(write_zip(tmp_path / "photos.zip", {"cat.jpg": b"x"}))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no MovieLens ratings"):
        load(tmp_path / "empty")


def test_two_data_sets_in_one_place_are_not_mixed(tmp_path):
    write_folder(tmp_path / "both" / "ml-1m", "ml-1m")
    write_folder(tmp_path / "both" / "ml-100k", "ml-100k")
    with pytest.raises(DataError, match=r"holds several data sets: ml-100k, ml-1m"):
        load(tmp_path / "both")


@pytest.mark.parametrize(
    "name", ["../ratings.dat", "ml-1m/../../x", "/etc/passwd", "C:\\x.txt", "..\\x", "a\\..\\..\\b"]
)
def test_names_that_point_outside_are_refused(tmp_path, name):
    path = write_zip(
        tmp_path / "evil.zip", {"ml-1m/" + key: value for key, value in contents("ml-1m").items()} | {name: b"x"}
    )
    with pytest.raises(DataError, match="points outside the archive"):
        load(path)


def test_a_zip_bomb_is_refused_before_it_fills_the_memory(tmp_path):
    files = contents("ml-1m", ratings_dat=b"1::10::5::978300760\n" * 1_000_000)
    with pytest.raises(DataError, match=r"ratings.dat unpacks from .* to 20,000,000 bytes or more"):
        load(write_zip(tmp_path / "bomb.zip", files))


def test_sizes_are_counted_and_not_believed(tmp_path, monkeypatch):
    path = write_release(tmp_path, "ml-1m")
    monkeypatch.setattr(archive, "check_members", lambda label, infos: None)  # as if the header had lied
    monkeypatch.setattr(zip_checks, "MAX_FILE_BYTES", 20)
    with pytest.raises(DataError, match="unpacks from"):
        load(path)


def test_too_many_files_and_too_large_a_whole_are_refused(tmp_path, monkeypatch):
    path = write_release(tmp_path, "ml-1m")
    monkeypatch.setattr(zip_checks, "MAX_TOTAL_BYTES", 100)
    with pytest.raises(DataError, match="unpacks to"):
        load(path)
    monkeypatch.setattr(zip_checks, "MAX_MEMBERS", 2)
    with pytest.raises(DataError, match="holds 3 files, expected at most 2"):
        load(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_in_the_archive_twice_is_refused(tmp_path):
    path = write_release(tmp_path, "ml-1m")
    with zipfile.ZipFile(path, "a") as stream:
        stream.writestr("ml-1m/ratings.dat", b"1::10::1::1\n")
    with pytest.raises(DataError, match=r"holds 'ml-1m/ratings\.dat' twice"):
        load(path)


def test_litter_of_other_systems_is_ignored(tmp_path):
    files = {"ml-1m/" + key: value for key, value in contents("ml-1m").items()} | {"__MACOSX/ml-1m/ratings.dat": b"\0"}
    assert load(write_zip(tmp_path / "mac.zip", files)).num_ratings == 4


@pytest.mark.skipif("PLAYGROUND_DATA" not in os.environ, reason="PLAYGROUND_DATA does not name a folder of archives")
def test_the_real_latest_small_has_its_published_size():
    dataset = load(Path(os.environ["PLAYGROUND_DATA"]) / "ml-latest-small.zip")
    assert (dataset.num_ratings, len(dataset.users), len(dataset.movies)) == (100_836, 610, 9742)
    assert dataset.rating_step == 0.5
    assert dataset.ratings["rating"].mean() == pytest.approx(3.5016, abs=1e-4)
    assert np.bincount(dataset.ratings["user_row"]).min() == 20
