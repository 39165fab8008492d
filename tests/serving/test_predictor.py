"""Predictions from the exported file, against the network's NumPy twin."""

from pathlib import Path

import numpy as np
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.config.model import ModelConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder, encode
from dcn_core.data.sources import load_dataset
from dcn_core.errors import PredictionError
from dcn_core.insight.forward import forward
from dcn_core.insight.network import Network
from dcn_core.insight.path import path
from dcn_core.model.builder import build_model
from dcn_core.model.export import Exporter, load_weights_file
from dcn_core.serving.predictor import Predictor

CONFIG = ModelConfig(embedding_dim=4, deep_layer_sizes=(8,))
DATA = DataConfig(num_ratings=2000)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset(DATA)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """A folder with an exported, untrained model whose encoder has not seen the first 100 ratings' users alone."""
    path = tmp_path_factory.mktemp("run")
    encoder = Encoder.fit(dataset, np.arange(100, 2000), DATA.features)
    encoder.save(path / "encoder.json")
    Exporter().finish(build_model(CONFIG, encoder.specs, 3.5, seed=1), path)
    return path


def test_predictions_are_those_of_the_network(folder: Path, dataset: Dataset) -> None:
    predictor = Predictor.open(folder)
    rows = np.arange(200)
    inputs = encode(dataset, predictor.encoder).inputs(rows)
    expected = forward(CONFIG, predictor.encoder.specs, load_weights_file(folder / "weights.npz"), inputs).rating
    users = dataset.users.iloc[dataset.ratings.user_row[rows]]
    movies = dataset.movies.iloc[dataset.ratings.movie_row[rows]]
    np.testing.assert_allclose(predictor.predict(users, movies), expected, atol=1e-5)


def test_one_user_goes_with_all_movies(folder: Path, dataset: Dataset) -> None:
    predictor = Predictor.open(folder)
    everything = predictor.predict(dataset.users.iloc[:1], dataset.movies)
    assert everything.shape == (len(dataset.movies),)
    single = predictor.predict(dataset.users.iloc[:1], dataset.movies.iloc[7:8])
    np.testing.assert_allclose(everything[7], single[0], atol=1e-5)


def test_a_pair_tells_the_actual_rating_and_stays_on_the_scale(folder: Path, dataset: Dataset) -> None:
    first = dataset.ratings.iloc[0]
    user_id = int(dataset.users.user_id[int(first.user_row)])
    movie_id = int(dataset.movies.movie_id[int(first.movie_row)])
    prediction = Predictor.open(folder).predict_pair(dataset, user_id, movie_id)
    assert prediction.actual == first.rating
    assert dataset.rating_min <= prediction.rating <= dataset.rating_max


def test_unknown_ids_go_through_the_unknown_index_and_say_so(folder: Path, dataset: Dataset) -> None:
    prediction = Predictor.open(folder).predict_pair(dataset, user_id=10**9, movie_id=10**9)
    assert set(prediction.unknown) == set(DATA.features)
    assert prediction.actual is None
    assert np.isfinite(prediction.rating)


def test_rows_that_do_not_match_are_refused(folder: Path, dataset: Dataset) -> None:
    with pytest.raises(PredictionError, match="as many users as movies"):
        Predictor.open(folder).predict(dataset.users.iloc[:2], dataset.movies.iloc[:3])


def test_no_rows_give_no_predictions(folder: Path, dataset: Dataset) -> None:
    assert Predictor.open(folder).predict(dataset.users.iloc[:0], dataset.movies.iloc[:0]).shape == (0,)


def test_a_folder_without_a_model_or_with_a_damaged_one_is_said_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PredictionError, match="has no model yet"):
        Predictor.open(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    (tmp_path / "encoder.json").write_bytes((folder / "encoder.json").read_bytes())
    with pytest.raises(PredictionError, match="cannot be read"):
        Predictor.open(tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"structure": "stacked", "cross_kind": "low_rank", "projection_dim": 3},
        {"head": "average", "batch_normalization": True, "user_bias": True, "movie_bias": True},
        {"combination": "token_mean", "cross_kind": "vector", "genre_pooling": "sum"},
    ],
    ids=str,
)
def test_the_way_of_an_example_ends_at_the_exported_prediction(
    tmp_path: Path, dataset: Dataset, settings: dict[str, object]
) -> None:
    config = ModelConfig.model_validate({"embedding_dim": 4, "deep_layer_sizes": (8,), **settings})
    encoder = Encoder.fit(dataset, np.arange(100, 2000), DATA.features)
    encoder.save(tmp_path / "encoder.json")
    Exporter().finish(build_model(config, encoder.specs, 3.5, seed=2), tmp_path)
    network = Network(config, encoder.specs, load_weights_file(tmp_path / "weights.npz"))
    names = {spec.name: encoder.categories(spec.name) for spec in encoder.specs}
    data, predictor = encode(dataset, encoder), Predictor.open(tmp_path)
    for row in (0, 50, 1999):
        indices = data.inputs(np.array([row]))
        assert path(network, indices, names).rating == pytest.approx(float(predictor.score(indices)[0]), abs=1e-4)
