"""A film's maps are the maps of each frame's weights, and its sentences are read off its numbers."""

import numpy as np
import pandas as pd
import pytest

from dcn_core.config.run import parse_config
from dcn_core.data.encoder import Encoder
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.insight import film as films
from dcn_core.insight.film import cross_sentence, drawn_rows, film, kept_rows, place_sentence, recovery_sentence
from dcn_core.insight.interactions import interactions, sample_rows
from dcn_core.insight.pair_effects import pair_effects
from dcn_core.insight.report import Subject
from dcn_core.insight.sections import write_film
from dcn_core.training.reel import Reel
from tests.insight.networks import random_network


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))


def subject(**model):
    """A network with random weights on a small world, whose ids are more than are drawn."""
    values = {"embedding_dim": 3, "deep_layer_sizes": [5, 4], "projection_dim": 2, **model}
    config = parse_config({"data": {"num_ratings": 1_500}, "model": values})
    dataset = load_dataset(config.data)
    encoder = Encoder.fit(dataset, split_rows(dataset, config.data).train, config.data.features)
    settings = {name: getattr(config.model, name) for name in values}
    return Subject.of(config, dataset, encoder, random_network(encoder.specs, **settings).weights)


def rolled(subject, folder, epochs=4):
    """Frames whose weights grow towards those of the network, as training would take them."""
    rows = kept_rows(subject.data, subject.split, subject.config.model, subject.network.specs)
    reel = Reel(folder, rows)
    for epoch in range(epochs):
        share = (1 + epoch) / epochs
        reel.take(epoch, lambda share=share: {name: share * a for name, a in subject.network.weights.items()}, epoch)
    return reel


MODELS = [
    {"user_bias": True, "movie_bias": True},
    {"cross_kind": "low_rank", "head": "average"},
    {"structure": "cross", "cross_kind": "vector"},
    {"structure": "deep"},
    {"combination": "token_mean", "cross_kind": "vector"},
]


@pytest.mark.parametrize("model", MODELS)
def test_every_frame_has_the_maps_of_its_own_weights(model, tmp_path, monkeypatch):
    monkeypatch.setattr(films, "MOST_POINTS", 20)
    own = subject(**model)
    found = film(own.network, rolled(own, tmp_path), own.data, own.split)
    assert found.epochs.tolist() == [0, 1, 2, 3]
    rows = sample_rows(own.split.validation)
    few = np.random.default_rng(0).permutation(rows)  # of so few, all
    for frame in (0, 2, 3):
        network = own.network._replace(weights={n: (1 + frame) / 4 * a for n, a in own.network.weights.items()})
        maps = interactions(*network, own.data.inputs(rows))
        effects = pair_effects(network, own.data.inputs(few), own.data.rating[few])
        np.testing.assert_allclose(found.strength[frame], maps.strength, rtol=1e-6)
        np.testing.assert_allclose(found.block_norm[frame], maps.block_norm, rtol=1e-6)
        np.testing.assert_allclose(found.effect[frame], effects.effect, rtol=1e-6)


def test_embeddings_stay_in_the_projection_of_the_last_frame(tmp_path, monkeypatch):
    monkeypatch.setattr(films, "MOST_POINTS", 20)
    own = subject()
    found = film(own.network, rolled(own, tmp_path), own.data, own.split)
    for spec in own.network.specs:
        rows, places = found.rows[spec.name], found.places[spec.name]
        table = own.network.weights[f"embedding/{spec.name}"][rows]
        middle = table.mean(axis=0)
        _, values, right = np.linalg.svd(table - middle, full_matrices=False)
        for frame in range(4):
            expected = ((1 + frame) / 4 * table - middle) @ right[:2].T
            np.testing.assert_allclose(places[frame], expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found.explained[spec.name], values[:2] ** 2 / np.sum(values**2))


def test_of_many_ids_those_with_most_ratings_are_drawn_and_what_the_sample_needs_is_kept(monkeypatch):
    monkeypatch.setattr(films, "MOST_POINTS", 5)
    own = subject()
    spec = next(spec for spec in own.network.specs if spec.name == "movie_id")
    index = own.data.movie_features["movie_id"][own.data.movie_row[own.split.train]]
    counts = np.bincount(index, minlength=spec.vocabulary_size)
    counts[0] = 0
    drawn = drawn_rows(own.data, own.split, spec)
    assert len(drawn) == 5 and counts[drawn].min() >= np.sort(counts)[-5]
    kept = kept_rows(own.data, own.split, own.config.model, own.network.specs)
    assert set(kept) == {"embedding/user_id", "embedding/movie_id"}
    needed = own.data.inputs(sample_rows(own.split.validation))["movie_id"]
    assert {0, *drawn, *needed} == set(kept["embedding/movie_id"])


def test_a_damaged_frame_is_left_out_and_one_frame_is_no_film(tmp_path):
    own = subject(structure="cross")
    reel = rolled(own, tmp_path)
    (tmp_path / "frame-0002.npz").write_bytes(b"")
    assert film(own.network, reel, own.data, own.split).epochs.tolist() == [0, 1, 3]
    reel.rewind(0)
    assert film(own.network, reel, own.data, own.split) is None
    assert film(own.network, {}, own.data, own.split) is None


def test_the_section_scores_the_recovery_of_every_frame(tmp_path):
    own = subject()
    section = write_film(
        Subject(own.config, own.dataset, own.split, own.encoder, own.data, own.network, rolled(own, tmp_path))
    )
    scores = section.tables["recovery"]
    assert list(dict.fromkeys(scores["measure"])) == ["effect in stars", "strength on data", "block norm"]
    assert all(own["epoch"].tolist() == [0, 1, 2, 3] for _, own in scores.groupby("measure"))
    norms = scores[scores["measure"] == "block norm"]
    assert norms["rank_correlation"].nunique() == 1  # weights that only grow keep their order
    assert section.sentences["recovery"].startswith("By effect in stars")
    assert section.facts["planted"] == 5
    assert write_film(own).arrays == {}


NAMES = ["genres", "gender", "age"]


def maps(*rows):
    """Symmetric matrices with the values of genres and gender, genres and age, gender and age."""
    matrices = np.full((len(rows), 3, 3), np.nan)
    for matrix, (a, b, c) in zip(matrices, rows, strict=True):
        matrix[0, 1] = matrix[1, 0] = a
        matrix[0, 2] = matrix[2, 0] = b
        matrix[1, 2] = matrix[2, 1] = c
    return matrices


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            [(0, 0, 0), (0.1, 0.1, 0), (0.1, 0.25, 0), (0.1, 0.3, 0)],
            "appears in epoch 2 and stays strongest: 0.30 stars",
        ),
        (
            [(0, 0, 0), (0.4, 0.2, 0), (0.3, 0.2, 0), (0.1, 0.3, 0)],
            "appears in epoch 1 and is strongest from epoch 3 on",
        ),
        ([(0, 0.3, 0), (0, 0.2, 0), (0, 0.3, 0), (0, 0.3, 0)], "is there before training and stays strongest"),
    ],
)
def test_the_sentence_says_when_the_strongest_cross_came_up(values, said):
    text = cross_sentence([0, 1, 2, 3], maps(*values), NAMES, "stars")
    assert text.startswith("The cross of genres and age ") and said in text


def test_where_epochs_are_left_out_the_sentence_says_by():
    text = cross_sentence([0, 4, 8], maps((0, 0, 0), (0, 0, 0), (0, 1, 0)), NAMES, "stars")
    assert "appears by epoch 8" in text
    assert "No two features" in cross_sentence([0, 1], maps((0, 0, 0), (0, 0, 0)), NAMES, "stars")


def test_embeddings_are_told_when_they_had_gone_half_of_their_way():
    places = np.array([[0, 0], [3, 0], [6, 0], [10, 0.0]])[:, None, :]
    assert "half of their way in epoch 2; in the last frame they still move by 40 %" in place_sentence(
        [0, 1, 2, 3], places, "age"
    )
    assert "do not move" in place_sentence([0, 1], places[[0, 0]], "age")


def test_the_recovery_sentence_says_since_when_all_is_found():
    rows = [
        (epoch, "effect in stars", rank, share) for epoch, rank, share in [(0, 0.1, 0.2), (1, 0.85, 0.8), (2, 0.9, 1)]
    ]
    scores = pd.DataFrame(rows, columns=["epoch", "measure", "rank_correlation", "precision"])
    assert recovery_sentence(scores, 5, 0.94) == (
        "By effect in stars, the rank correlation ends at 0.90 (at best 0.94) and is at least 0.8 from epoch 1 on; "
        "all 5 planted crosses are found from epoch 2 on."
    )
    assert "ends at 0.85 (at best 0.94) and is at least 0.8 from epoch 1 on; 4 of the 5" in recovery_sentence(
        scores[:2], 5, 0.94
    )
