"""Training on likes: the loss, the scores, and what a network of likes gives out."""

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

from dcn_core.config.features import FeatureSpec
from dcn_core.config.metrics import METRICS, metrics_of
from dcn_core.config.run import parse_config
from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.insight.network import LikeNetwork
from dcn_core.model.builder import build_model, raw_model
from dcn_core.model.export import Exporter
from dcn_core.model.weights import named_weights
from dcn_core.training.losses import make_loss
from dcn_core.training.metrics import auc, like_scores
from dcn_core.training.trainer import train

SPECS = (FeatureSpec("gender", 3), FeatureSpec("year", 4))


def liked(num_ratings=600, seed=0):
    """Likes that gender and year decide together; ratings of neither kind are NaN."""
    rng = np.random.default_rng(seed)
    users = {"gender": np.array([1, 2], np.int32)}
    movies = {"year": np.array([1, 2, 3], np.int32)}
    user, movie = rng.integers(0, 2, num_ratings, np.int32), rng.integers(0, 3, num_ratings, np.int32)
    like = (rng.random(num_ratings) < np.where(user == movie, 0.9, 0.2)).astype(np.float32)
    like[::10] = np.nan
    return EncodedData(users, movies, user, movie, like)


def parts(data):
    rows = np.flatnonzero(np.isfinite(data.rating))
    return Split(rows[:-200], rows[-200:-100], rows[-100:])


def config(**settings):
    quick = {"epochs": 4, "batch_size": 32, "learning_rate": 0.02, "patience": 10}
    model = {"embedding_dim": 4, "deep_layer_sizes": [8], "num_cross_layers": 1}
    return parse_config({"data": {"target": "like"}, "model": model, "train": quick | settings})


def pairs_in_order(score, like):
    return np.mean([(a > b) + (a == b) / 2 for a in score[like == 1] for b in score[like == 0]])


@pytest.fixture(scope="module")
def trained():
    data, events = liked(), []
    return train(config(), data, parts(data), SPECS, jit=False, on_event=events.append), data, events


def test_scores_are_those_of_the_probabilities_that_the_network_gives(trained):
    result, data, _ = trained
    rows = parts(data).test
    p = result.model.predict(data.inputs(rows), verbose=0)[:, 0].astype(float)
    like = data.rating[rows]
    found = dict(result.scores["test"])
    assert found.pop("auc") == pytest.approx(pairs_in_order(p.round(5), like), abs=0.01)  # last bits break ties
    assert found == pytest.approx(
        {
            "log_loss": -np.mean(np.log(np.where(like == 1, p, 1 - p))),
            "accuracy": np.mean((p > 0.5) == (like == 1)),
            "brier": np.mean((p - like) ** 2),
        },
        rel=1e-5,
    )
    assert result.scores["test"]["auc"] > 0.8


def test_the_curve_is_of_the_log_loss_and_begins_at_that_of_the_mean(trained):
    result, data, events = trained
    steps = [event for event in events if event["type"] == "step"]
    mean = data.rating[parts(data).train].mean()
    entropy = -(mean * np.log(mean) + (1 - mean) * np.log(1 - mean))
    assert steps[0]["train_log_loss"] == pytest.approx(entropy, rel=0.05)
    assert result.history[-1]["train_log_loss"] < 0.75 * entropy
    assert set(result.history[0]["validation"]) == {metric.name for metric in metrics_of("like")}


@pytest.mark.parametrize("monitor", ["auc", "log_loss", "accuracy", "brier"])
def test_the_watched_score_decides_which_epoch_is_kept(monitor):
    data = liked()
    result = train(config(monitor=monitor, learning_rate=0.3, epochs=6), data, parts(data), SPECS, jit=False)
    values = [entry["validation"][monitor] for entry in result.history]
    best = max(values) if METRICS[monitor].better == "higher" else min(values)
    assert result.scores["validation"][monitor] == values[result.best_epoch - 1] == best


def test_label_smoothing_keeps_probabilities_off_the_ends():
    data = liked()
    spread = []
    for smoothing in (0.0, 0.4):
        model = train(config(label_smoothing=smoothing, epochs=8), data, parts(data), SPECS, jit=False).model
        spread.append(np.ptp(model.predict(data.inputs(parts(data).test), verbose=0)))
    assert spread[1] < 0.8 * spread[0]


def test_the_loss_is_the_log_loss_and_smoothed_it_is_that_of_softer_labels():
    logit, like = np.array([-2.0, 0.5, 3.0], np.float32), np.array([0, 1, 0], np.float32)
    p = 1 / (1 + np.exp(-logit))
    loss = make_loss("like", 0.2)
    np.testing.assert_allclose(loss.reported(logit, like), -np.log(np.where(like == 1, p, 1 - p)), rtol=1e-5)
    soft = np.array([0.1, 0.9, 0.1])
    expected = -(soft * np.log(p) + (1 - soft) * np.log(1 - p))
    np.testing.assert_allclose(loss.minimised(tf.constant(logit), like), expected, rtol=1e-5)


def test_the_area_under_the_curve_counts_ties_half():
    rng = np.random.default_rng(1)
    score, like = rng.integers(0, 5, 60), rng.integers(0, 2, 60)
    assert auc(score, like) == pytest.approx(pairs_in_order(score, like), rel=1e-12)
    assert auc(np.zeros(60), like) == 0.5
    assert auc(score, np.ones(60)) == 0.5


def test_extreme_log_odds_have_finite_scores():
    found = like_scores(np.array([-900.0, 900.0]), np.array([1.0, 1.0]))
    assert found["log_loss"] == pytest.approx(450)
    assert found["brier"] == pytest.approx(0.5)


def test_the_network_its_export_and_insight_give_the_same_probability(tmp_path):
    run = config()
    model = build_model(run.model, SPECS, 1.2, seed=3, target="like")
    inputs = {"gender": np.array([1, 2, 0], np.int32), "year": np.array([3, 1, 2], np.int32)}
    expected = model.predict(inputs, verbose=0)[:, 0]
    Exporter().finish(model, tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, inputs)[0][:, 0], expected, atol=1e-6)
    network = LikeNetwork(run.model, SPECS, named_weights(model))
    np.testing.assert_allclose(network.rating(inputs), expected, atol=1e-6)
    logit = raw_model(model).predict(inputs, verbose=0)[:, 0]
    np.testing.assert_allclose(1 / (1 + np.exp(-logit)), expected, atol=1e-6)
