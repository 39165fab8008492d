import keras
import numpy as np
import pytest
import tensorflow as tf

from dcn_core.model.builder import build_model
from dcn_core.model.weights import named_weights
from dcn_core.training.loop import CompiledLoop
from dcn_core.training.optimizers import make_optimizer
from dcn_core.training.resident import EpochOrders, ResidentData, epoch_order
from tests.training.worlds import SPECS, config, split, world

STEPS = 50


def make_loop(run, data, rows, jit=False, evaluation_rows=60, **changes):
    model = build_model(run.model, SPECS, 3.0, run.train.seed)
    loop = CompiledLoop(
        model,
        make_optimizer(run.train, STEPS),
        ResidentData(data, SPECS),
        num_rows=len(rows),
        batch_size=run.train.batch_size,
        evaluation_rows=evaluation_rows,
        jit=jit,
        **changes,
    )
    return model, loop


def plain_keras(run, data, order):
    """The weights after `STEPS` calls of `train_on_batch` on the same batches, and the moving averages if any."""
    model = build_model(run.model, SPECS, 3.0, run.train.seed)
    model.compile(make_optimizer(run.train, STEPS), loss="mse", jit_compile=False)
    batch = run.train.batch_size
    for step in range(STEPS):
        rows = np.take(order, np.arange(step * batch, (step + 1) * batch), mode="wrap")
        model.train_on_batch(data.inputs(rows), data.rating[rows])
    return model


def assert_equal_weights(model, reference, run):
    """Batch normalisation takes a bias before it out again: its gradient is rounding noise, which optimisers magnify."""
    expected = named_weights(reference)
    cancelled = run.model.batch_normalization and run.model.normalization_position == "before_activation"
    for name, weight in named_weights(model).items():
        if cancelled and name.startswith("deep_") and name.endswith(("bias", "moving_mean")):
            continue
        np.testing.assert_allclose(weight, expected[name], rtol=1e-3, atol=2e-5, err_msg=name)


EVERYTHING = {
    "learning_rate_schedule": "cosine",
    "warmup_steps": 10,
    "gradient_clip_norm": 0.5,
    "ema_decay": 0.9,
}
"""Schedule, clipping and averaging together."""
CASES = {
    "adam, parallel, concat, matrix": ({}, {}),
    "rmsprop, the notebook's network": (
        {
            "combination": "token_mean",
            "head": "average",
            "cross_kind": "vector",
            "num_cross_layers": 2,
            "cross_l2": 1e-3,
            "batch_normalization": True,
            "normalization_position": "after_activation",
            "center_output": False,
        },
        {"optimizer": "rmsprop"},
    ),
    "sgd, stacked, low rank, clipped": (
        {"structure": "stacked", "cross_kind": "low_rank", "projection_dim": 3, "deep_l2": 1e-3},
        {"optimizer": "sgd", "gradient_clip_norm": 0.1},
    ),
    "adagrad, sum, biases, embedding penalty": (
        {"head": "sum", "user_bias": True, "movie_bias": True, "embedding_l2": 1e-3},
        {"optimizer": "adagrad", "learning_rate": 0.1},
    ),
    "adam, cross only, vector, cosine": (
        {"structure": "cross", "cross_kind": "vector", "num_cross_layers": 3, "cross_l2": 1e-3},
        {"learning_rate_schedule": "cosine", "warmup_steps": 10},
    ),
    "rmsprop, stacked, bent mixture, everything at once": (
        {
            "structure": "stacked",
            "cross_kind": "mixture",
            "projection_dim": 3,
            "gate": "sigmoid",
            "expert_activation": "tanh",
            "cross_l2": 1e-3,
        },
        {"optimizer": "rmsprop", **EVERYTHING},
    ),
    "adagrad, average, gated, everything at once": (
        {"head": "average", "cross_kind": "gated", "cross_l2": 1e-3, "deep_l2": 1e-3},
        {"optimizer": "adagrad", "learning_rate": 0.1, **EVERYTHING},
    ),
    "sgd, everything at once": ({"embedding_l2": 1e-3, "cross_l2": 1e-3}, {"optimizer": "sgd", **EVERYTHING}),
    "adam, mixture, everything at once": (
        {"cross_kind": "mixture", "projection_dim": 3, "embedding_l2": 1e-3},
        {"optimizer": "adam", **EVERYTHING},
    ),
    "adam, deep only, sum pooling": ({"structure": "deep", "genre_pooling": "sum", "activation": "gelu"}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_fifty_steps_give_the_weights_of_plain_keras_training(case):
    model_settings, train_settings = CASES[case]
    run, data, rows = config(model_settings, train_settings), world(), split().train
    order = epoch_order(rows, 1, 1)
    model, loop = make_loop(run, data, rows)
    steps_per_epoch = -(-len(rows) // run.train.batch_size)
    done = 0
    while done < STEPS:
        steps = min(3, STEPS - done, steps_per_epoch - done % steps_per_epoch)
        loop.run(tf.constant(order), done % steps_per_epoch, steps)
        done += steps
    loop.weights.write_to_model(loop.weights.values())
    reference = plain_keras_epochs(run, data, order, steps_per_epoch)
    assert_equal_weights(model, reference, run)
    if run.train.ema_decay:
        averages = loop.weights.unpack(loop.kept_values())
        for ours, theirs in zip(averages, reference.optimizer._model_variables_moving_average, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-3, atol=2e-5)


def plain_keras_epochs(run, data, order, steps_per_epoch):
    """`plain_keras` where each epoch begins at the start of the order and its last batch wraps round."""
    batch = run.train.batch_size
    epoch = np.take(order, np.arange(steps_per_epoch * batch), mode="wrap")
    return plain_keras(run, data, epoch)


@pytest.mark.parametrize(("optimizer", "normalized"), [("adam", False), ("rmsprop", True)])
def test_the_program_that_xla_compiles_trains_like_the_plain_graph(optimizer, normalized):
    run = config({"batch_normalization": normalized}, {"optimizer": optimizer, "ema_decay": 0.9})
    data, rows = world(), split().train
    order = tf.constant(epoch_order(rows, 1, 1))
    pairs = [make_loop(run, data, rows, jit=jit) for jit in (False, True)]
    errors = [[loop.run(order, 0, 4), loop.run(order, 4, 5)] for _, loop in pairs]
    np.testing.assert_allclose(errors[0], errors[1], rtol=1e-5)
    scores = [loop.evaluate(split().validation) for _, loop in pairs]
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)
    for _, loop in pairs:
        loop.weights.write_to_model(loop.weights.values())
    assert_equal_weights(pairs[1][0], pairs[0][0], run)


def test_moving_averages_are_those_of_keras():
    run, data, rows = config(train={"ema_decay": 0.9}), world(), split().train
    order = epoch_order(rows, 1, 1)
    _, loop = make_loop(run, data, rows)
    loop.run(tf.constant(order), 0, 6)
    model = build_model(run.model, SPECS, 3.0, run.train.seed)
    model.compile(make_optimizer(run.train, STEPS), loss="mse", jit_compile=False)
    for step in range(6):
        batch = order[step * 32 : (step + 1) * 32]
        model.train_on_batch(data.inputs(batch), data.rating[batch])
    expected = model.optimizer._model_variables_moving_average
    for average, reference in zip(loop.weights.unpack(loop.kept_values()), expected, strict=True):
        np.testing.assert_allclose(average, reference.numpy(), rtol=1e-3, atol=2e-5)


def test_the_sum_of_squared_errors_is_that_of_the_predictions_before_the_step():
    run, data, rows = config(), world(), split().train
    model, loop = make_loop(run, data, rows)
    order = epoch_order(rows, 1, 1)
    batch = order[:32]
    expected = np.sum((model.predict(data.inputs(batch), verbose=0)[:, 0] - data.rating[batch]) ** 2)
    assert loop.run(tf.constant(order), 0, 1) == pytest.approx(expected, rel=1e-5)


def test_the_last_batch_is_filled_from_the_start_of_the_order():
    run, data, rows = config(train={"optimizer": "sgd", "learning_rate": 1e-9}), world(), np.arange(40)
    model, loop = make_loop(run, data, rows)
    order = epoch_order(rows, 1, 1)
    batch = np.concatenate([order[32:], order[:24]])
    expected = np.sum((model.predict(data.inputs(batch), verbose=0)[:, 0] - data.rating[batch]) ** 2)
    assert loop.run(tf.constant(order), 1, 1) == pytest.approx(expected, rel=1e-5)


def test_no_step_changes_nothing():
    run, data, rows = config(), world(), split().train
    _, loop = make_loop(run, data, rows)
    before = [variable.numpy() for variable in loop.variables]
    loop.compile()
    assert loop.run(tf.constant(rows.astype(np.int32)), 0, 0) == 0.0
    for variable, value in zip(loop.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize("num_rows", [1, 2, 59, 60])
def test_scores_are_exact_over_all_rows_whatever_their_number(num_rows, monkeypatch):
    monkeypatch.setattr("dcn_core.training.loop.EVALUATION_BATCH", 7)
    monkeypatch.setattr("dcn_core.training.loop.EVALUATION_BATCHES_PER_CALL", 2)
    run, data, rows = config(), world(), split().train
    model, loop = make_loop(run, data, rows)
    chosen = split().validation[:num_rows]
    error = model.predict(data.inputs(chosen), verbose=0)[:, 0].astype("f8") - data.rating[chosen]
    scores = loop.evaluate(chosen)
    assert scores["mse"] == pytest.approx(np.mean(error**2), rel=1e-6)
    assert scores["rmse"] == pytest.approx(np.mean(error**2) ** 0.5, rel=1e-6)
    assert scores["mae"] == pytest.approx(np.mean(np.abs(error)), rel=1e-6)


@pytest.mark.parametrize("averaged", [False, True])
def test_the_evaluation_is_compiled_once(averaged):
    data, rows, run = world(), split().train, config(train={"ema_decay": 0.9 if averaged else 0.0})
    _, loop = make_loop(run, data, rows)
    loop.run(tf.constant(epoch_order(rows, 1, 1)), 0, 1)
    loop.wait_for_evaluation()
    loop.evaluate(split().validation)
    assert loop._evaluate.experimental_get_tracing_count() == 1


def test_hidden_ids_change_with_the_step_and_leave_other_features_alone():
    run, data, rows = config(), world(), split().train
    _, loop = make_loop(run, data, rows, id_dropout=0.5)
    inputs = {name: tf.constant(values) for name, values in data.inputs(rows).items()}
    first = loop._hide_ids(inputs)
    loop._optimizer.iterations.assign(1)
    second = loop._hide_ids(inputs)
    for name in ("genres", "gender", "year"):
        np.testing.assert_array_equal(first[name], inputs[name])
    for name in ("user_id", "movie_id"):
        hidden = first[name].numpy() == 0
        assert 0.35 < hidden.mean() < 0.65
        np.testing.assert_array_equal(first[name].numpy()[~hidden], inputs[name].numpy()[~hidden])
        assert np.any(hidden != (second[name].numpy() == 0))
    assert np.any((first["user_id"].numpy() == 0) != (first["movie_id"].numpy() == 0))


def test_each_epoch_visits_every_row_once_in_its_own_repeatable_order():
    rows = np.array([3, 5, 8, 13, 21, 34, 55])
    first = epoch_order(rows, seed=1, epoch=1)
    assert first.dtype == np.int32
    np.testing.assert_array_equal(np.sort(first), rows)
    np.testing.assert_array_equal(first, epoch_order(rows, seed=1, epoch=1))
    assert not np.array_equal(first, epoch_order(rows, seed=1, epoch=2))
    assert not np.array_equal(first, epoch_order(rows, seed=2, epoch=1))


def test_orders_that_are_made_ahead_are_those_of_their_epochs():
    rows = np.arange(50)
    orders = EpochOrders(rows, seed=3, epochs=6)
    for epoch in (4, 5, 6, 2):  # training goes on from anywhere
        np.testing.assert_array_equal(orders[epoch], epoch_order(rows, seed=3, epoch=epoch))


def test_keras_is_on_tensorflow():
    assert keras.backend.backend() == "tensorflow"
