"""Whatever the bytes, a reader gives a data set or a `DataError`: nothing else escapes."""

import json
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dcn_core.config.features import FEATURE_NAMES
from dcn_core.data.archive import find_path, open_source
from dcn_core.data.encoder import Encoder, encode
from dcn_core.data.feature import Feature
from dcn_core.data.movielens import read_movielens
from dcn_core.data.profile import profile
from dcn_core.errors import DataError
from tests.data.archives import RELEASES, contents, write_folder, write_release
from tests.fuzz import edited, fuzz, mutated


def survives(path: Path) -> None:
    try:
        dataset = read_movielens(open_source(find_path(str(path))))
    except DataError as error:
        assert str(error)
        return
    ratings = dataset.ratings
    assert len(ratings) > 0
    assert ratings["rating"].between(0.5, 5).all()
    assert ratings["user_row"].between(0, len(dataset.users) - 1).all()
    assert ratings["movie_row"].between(0, len(dataset.movies) - 1).all()
    assert len(dataset.frame()) == len(ratings)
    profile(dataset)
    encode(dataset, Encoder.fit(dataset, np.arange(len(ratings)), FEATURE_NAMES))


@fuzz(150)
@given(st.data())
def test_no_bytes_in_a_table_raise_anything_but_a_data_error(data):
    release = data.draw(st.sampled_from(list(RELEASES)))
    files = contents(release)
    name = data.draw(st.sampled_from(list(files)))
    with tempfile.TemporaryDirectory() as folder:
        survives(write_folder(Path(folder) / release, release, **{name: data.draw(mutated(files[name]))}))


@fuzz(150)
@given(st.data())
def test_no_bytes_of_an_archive_raise_anything_but_a_data_error(data):
    release = data.draw(st.sampled_from(list(RELEASES)))
    with tempfile.TemporaryDirectory() as folder:
        path = write_release(Path(folder), release)
        path.write_bytes(data.draw(mutated(path.read_bytes())))
        survives(path)


@fuzz(150)
@given(st.binary(max_size=300))
def test_no_file_at_all_raises_anything_but_a_data_error(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(data)
        survives(path)


@fuzz(150)
@given(st.text(max_size=60))
def test_no_text_as_a_path_raises_anything_but_a_data_error(text):
    try:
        find_path(text)
    except DataError as error:
        assert str(error)


FITTED = (
    Feature(name="genres", level="movie", kind="list", values=("Drama",), slots=6),
    Feature(name="age", level="user", values=(1, 18)),
    Feature(name="price", level="rating", kind="number", mean=2.0, scale=3.0, knots=(-1.0, 1.0)),
    Feature(name="area", level="movie", edges=(1.0, 2.0)),
)


@fuzz(150)
@given(st.data())
def test_no_edit_of_a_saved_encoder_raises_anything_but_a_data_error(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "encoder.json"
        Encoder(FITTED).save(path)
        original = path.read_bytes()
        path.write_bytes(data.draw(mutated(original) | edited(json.loads(original))))
        try:
            encoder = Encoder.load(path)
        except DataError as error:
            assert str(error)
            return
        assert all(len(encoder.categories(spec.name)) == spec.vocabulary_size for spec in encoder.specs)
