"""The inspect page for every kind of cross layer, on run folders as the worker writes them."""

from pathlib import Path

import numpy as np
import pytest

from dcn_core.config.run import RunConfig, parse_config
from dcn_core.data.encoder import Encoder
from dcn_core.data.generated import generate
from dcn_core.data.splits import split_rows
from dcn_core.insight.interactions import interactions
from dcn_core.model.shapes import input_dim
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore
from tests.ui.conftest import Open
from tests.ui.test_train_page import words


def random_weights(config: RunConfig, encoder: Encoder) -> dict[str, np.ndarray]:
    """Named weights of the cross part, drawn at random."""
    rng = np.random.default_rng(1)
    d, rank = input_dim(config.model, encoder.specs), config.model.projection_dim
    size = int(config.model.embedding_dim)
    weights = {f"embedding/{spec.name}": rng.normal(size=(spec.vocabulary_size, size)) for spec in encoder.specs}
    shapes = {"vector": {"w": (d,)}, "matrix": {"W": (d, d)}, "low_rank": {"U": (d, rank), "V": (d, rank)}}
    for number in range(1, config.model.num_cross_layers + 1):
        for name, shape in {**shapes[config.model.cross_kind], "b": (d,)}.items():
            weights[f"cross_{number}/{name}"] = rng.normal(size=shape)
    weights |= {"head/kernel": rng.normal(size=(d, 1)), "head/bias": np.zeros(1)}
    return weights


def finished(root: Path, model: dict[str, object]) -> None:
    """Writes the folder of a finished run with random weights."""
    values = {"structure": "cross", "embedding_dim": 4, "projection_dim": 2, **model}
    config = parse_config({"data": {"num_ratings": 1_000}, "model": values})
    dataset = generate(1_000)
    split = split_rows(dataset, config.data)
    encoder = Encoder.fit(dataset, split.train, config.data.features)
    users, movies = encoder.encode_users(dataset.users), encoder.encode_movies(dataset.movies)
    rows = split.validation
    indices = {name: table[dataset.ratings["user_row"].to_numpy()[rows]] for name, table in users.items()}
    indices |= {name: table[dataset.ratings["movie_row"].to_numpy()[rows]] for name, table in movies.items()}
    weights = random_weights(config, encoder)
    run = RunStore(root).create(config)
    run.save_arrays("weights", weights)
    run.save_arrays("insight", interactions(config.model, encoder.specs, weights, indices).arrays())
    run.set_status(Status(state="done"))


@pytest.mark.parametrize(
    ("model", "said", "pictures"),
    [
        ({"cross_kind": "vector"}, "one weight vector", 2),
        ({"cross_kind": "matrix", "num_cross_layers": 1}, "The matrix $W$", 3),
        ({"cross_kind": "low_rank"}, "rank is at most 2", 3),
        ({"cross_kind": "vector", "combination": "token_mean"}, "averages all embeddings", 2),
        ({"cross_kind": "matrix", "combination": "token_mean"}, "averages all embeddings", 3),
        ({"num_cross_layers": 0}, "no cross layers", 0),
    ],
)
def test_each_kind_of_cross_layer_is_shown_with_its_caveat(
    app: Open, tmp_path: Path, model: dict[str, object], said: str, pictures: int
) -> None:
    finished(tmp_path / "runs", model)
    page = app("inspect")
    assert not page.exception
    assert said in words(page)
    assert len(page.get("plotly_chart")) == pictures
