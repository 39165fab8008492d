import itertools
import math

import keras
import numpy as np
import pytest

from dcn_core.config.train import TrainConfig
from dcn_core.errors import RunError, TrainingError
from dcn_core.model.builder import build_model
from dcn_core.model.weights import named_weights
from dcn_core.training.optimizers import make_optimizer
from dcn_core.training.pace import CALLS_PER_EPOCH
from dcn_core.training.reel import Reel
from dcn_core.training.resident import epoch_order
from dcn_core.training.trainer import train
from tests.training.worlds import FEATURES, SPECS, config, split, world


@pytest.fixture(scope="module", autouse=True)
def short_calls():
    """Calls as short as can be: a training of milliseconds is then interrupted in many places."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dcn_core.training.pace.SHORTEST_CALL_S", 0.0)
        yield


def run_quick(run, data=None, parts=None, specs=SPECS, **options):
    data = data or world()
    return train(run, data, parts or split(len(data.rating)), specs, jit=options.pop("jit", False), **options)


def same_weights(first, second):
    a, b = named_weights(first.model), named_weights(second.model)
    return all(np.array_equal(a[name], b[name]) for name in a)


def errors_of(model, data, rows):
    error = model.predict(data.inputs(rows), verbose=0)[:, 0].astype("f8") - data.rating[rows]
    return {"mse": np.mean(error**2), "rmse": np.mean(error**2) ** 0.5, "mae": np.mean(np.abs(error))}


def test_the_weights_of_the_best_epoch_are_kept_and_their_scores_reported():
    data = world(200, noise=1.5)
    run = config({"embedding_dim": 16}, {"epochs": 40, "patience": 2, "learning_rate": 0.03})
    result = run_quick(run, data)
    errors = [entry["validation"]["mse"] for entry in result.history]
    assert result.stopped_by == "patience"
    assert len(errors) == result.best_epoch + 2
    assert errors[result.best_epoch - 1] == min(errors) < errors[-1]
    assert result.scores["validation"]["mse"] == pytest.approx(min(errors), rel=1e-12)
    for part in ("validation", "test"):
        expected = errors_of(result.model, data, getattr(split(200), part))
        assert result.scores[part] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("cross_kind", ["matrix", "mixture", "gated"])
def test_early_stopping_is_that_of_plain_keras(cross_kind):
    """The same epochs through `train_on_batch`, ended by Keras's own callback, which gives back the best weights."""
    data, parts = world(200, noise=1.5), split(200)
    model = {"embedding_dim": 4, "cross_kind": cross_kind, "projection_dim": 3, "deep_l2": 1e-3}
    run = config(model, {"epochs": 40, "patience": 2, "learning_rate": 0.03})
    result = run_quick(run, data, parts)
    plain = build_model(run.model, SPECS, float(data.rating[parts.train].mean()), run.train.seed)
    plain.compile(make_optimizer(run.train, 40 * 3), loss="mse", jit_compile=False)
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    stopping.set_model(plain)
    stopping.on_train_begin()
    errors = []
    while not plain.stop_training:
        order = epoch_order(parts.train, run.train.seed, len(errors) + 1)
        for rows in np.take(order, np.arange(3 * 32), mode="wrap").reshape(3, 32):
            plain.train_on_batch(data.inputs(rows), data.rating[rows])
        errors.append(errors_of(plain, data, parts.validation)["mse"])
        stopping.on_epoch_end(len(errors) - 1, {"val_loss": errors[-1]})
    stopping.on_train_end()
    assert result.stopped_by == "patience"
    assert (len(result.history), result.best_epoch) == (len(errors), int(np.argmin(errors)) + 1)
    assert [entry["validation"]["mse"] for entry in result.history] == pytest.approx(errors, rel=1e-3)
    expected = named_weights(plain)
    for name, weight in named_weights(result.model).items():
        np.testing.assert_allclose(weight, expected[name], rtol=2e-3, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(("epochs", "expected"), [(1, ["epoch"]), (3, ["epoch", "traced", "epoch", "epoch"])])
def test_another_thread_may_trace_once_and_after_all_programs_are_traced(epochs, expected):
    told = []
    run_quick(
        config(train={"epochs": epochs}),
        on_event=lambda event: told.append("epoch") if event["type"] == "epoch" else None,
        on_traced=lambda _: told.append("traced"),
    )
    assert told == expected


def test_averaged_weights_are_what_is_validated_and_kept():
    data = world()
    result = run_quick(config(train={"ema_decay": 0.95}), data)
    assert result.scores["validation"] == pytest.approx(errors_of(result.model, data, split().validation), rel=1e-5)


@pytest.mark.parametrize("jit", [False, True])
def test_the_same_seed_gives_the_same_weights_bit_for_bit(jit):
    run = config({"dropout": 0.2, "id_dropout": 0.1, "batch_normalization": True})
    assert same_weights(run_quick(run, jit=jit), run_quick(run, jit=jit))


SETTINGS = {
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "batch_size": 16,
    "epochs": 1,
    "seed": 2,
    "learning_rate_schedule": "cosine",
    "final_learning_rate_share": 0.5,
    "warmup_steps": 10,
    "gradient_clip_norm": 0.01,
    "ema_decay": 0.9,
}
BESIDE = {"final_learning_rate_share": {"learning_rate_schedule": "linear"}}
"""Settings under which another one counts."""


@pytest.fixture(scope="module")
def baseline():
    return run_quick(config())


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_of_training_matters(name, baseline):
    beside = BESIDE.get(name, {})
    without = run_quick(config(train=beside)) if beside else baseline
    assert not same_weights(without, run_quick(config(train=beside | {name: SETTINGS[name]})))


def test_every_setting_of_training_is_tested():
    elsewhere = {"patience", "monitor", "label_smoothing"}  # below, and in test_likes
    assert {*SETTINGS, *elsewhere} == set(TrainConfig.model_fields)


def test_hidden_ids_matter(baseline):
    assert not same_weights(baseline, run_quick(config({"id_dropout": 0.3})))


def test_patience_decides_how_long_training_waits():
    epochs = []
    for patience in (1, 3):
        run = config(train={"epochs": 30, "patience": patience, "learning_rate": 0.1})
        result = run_quick(run, world(150, noise=2.0), split(150, 40))
        assert result.stopped_by == "patience"
        epochs.append(len(result.history) - result.best_epoch)
    assert epochs == [1, 3]


def test_a_cross_network_learns_a_planted_cross_that_a_linear_model_cannot():
    data, parts = world(3000, noise=0.1), split(3000, 300)
    specs = tuple(spec for spec in SPECS if spec.name in ("gender", "year"))
    errors = {}
    for layers in (0, 1):
        run = config({"structure": "cross", "num_cross_layers": layers}, {"epochs": 15, "learning_rate": 0.03})
        errors[layers] = run_quick(run, data, parts, specs).scores["test"]["mse"]
    assert errors[1] < 0.05
    assert errors[0] > 0.5


STRUCTURES = ["parallel", "stacked", "cross", "deep"]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_handful_of_ratings_is_enough_for_every_structure(structure):
    data = world(6)
    rows = np.arange(6)
    parts = split(6, 1)._replace(train=rows[:4], validation=rows[4:], test=rows[:0])
    result = run_quick(config({"structure": structure}, {"batch_size": 1024}), data, parts)
    assert result.stopped_by == "epochs"
    assert result.scores["test"] is None
    assert math.isfinite(result.scores["validation"]["mse"])


def test_one_rating_of_each_kind_trains():
    parts = split(3, 1)
    assert len(parts.train) == len(parts.validation) == len(parts.test) == 1
    assert math.isfinite(run_quick(config(), world(3), parts).scores["test"]["mse"])


def test_without_validation_ratings_the_error_says_so():
    parts = split()._replace(validation=np.arange(0))
    with pytest.raises(TrainingError, match=r"at least one validation rating\. Received none"):
        run_quick(config(), parts=parts)


@pytest.mark.parametrize("jit", [False, True])
def test_divergence_is_an_error_with_advice(jit):
    run = config({"num_cross_layers": 3}, {"optimizer": "sgd", "learning_rate": 10.0})
    with pytest.raises(TrainingError, match=r"diverged.*learning rate \(now 10\), for instance to 1,.*gradient clip"):
        run_quick(run, jit=jit)


def test_the_curve_begins_with_the_error_of_the_untrained_network_before_anything_is_compiled():
    data, parts, events = world(), split(), []
    run_quick(config(), data, on_event=events.append)
    untrained = build_model(
        config().model, SPECS, float(data.rating[parts.train].mean(dtype="f8")), config().train.seed
    )
    assert events[1]["train_mse"] == pytest.approx(errors_of(untrained, data, parts.train)["mse"], rel=1e-6)


def test_events_tell_the_whole_training():
    events = []
    run = config(train={"epochs": 3, "batch_size": 8})
    result = run_quick(run, on_event=events.append)
    kinds = [event.get("phase", event["type"]) for event in events]
    assert kinds[:3] == ["compiling", "step", "training"]
    start, *steps = [event for event in events if event["type"] == "step"]
    assert (start["epoch"], start["step"], start["progress"], start["eta_s"]) == (1, 0, 0.0, None)
    assert steps[-1]["step"] == steps[-1]["steps"] == 3 * 35
    assert steps[-1]["progress"] == 3.0
    assert [event["step"] for event in steps] == sorted({event["step"] for event in steps})
    for epoch in (1, 2, 3):
        own = [event for event in steps if event["epoch"] == epoch]
        assert len(own) >= CALLS_PER_EPOCH
        taken = np.diff([35 * (epoch - 1), *[event["step"] for event in own]])
        mean = np.average([event["train_mse"] for event in own], weights=taken)
        assert mean == pytest.approx(result.history[epoch - 1]["train_mse"])
    assert all(event["examples_per_second"] > 0 and event["eta_s"] >= 0 for event in steps)
    epochs = [event for event in events if event["type"] == "epoch"]
    assert [{"type": "epoch", **entry} for entry in result.history] == epochs
    assert len(result.epoch_s) == 3
    assert result.compile_s > 0


def commands(*script):
    """A control that gives these answers, then None for ever."""
    answers = itertools.chain(script, itertools.repeat(None))
    return lambda: next(answers)


def test_stop_in_the_first_epoch_keeps_what_was_learned():
    data = world()
    result = run_quick(config(train={"epochs": 50}), data, control=commands(None, "stop"))
    assert result.stopped_by == "user"
    assert len(result.history) == result.best_epoch == 1
    assert result.scores["test"] == pytest.approx(errors_of(result.model, data, split().test), rel=1e-5)


def test_pause_holds_the_training_until_resume_and_changes_nothing(baseline):
    events = []
    script = commands(None, "pause", None, None, "resume")
    result = run_quick(config(), on_event=events.append, control=script)
    phases = [event["phase"] for event in events if event["type"] == "phase"]
    assert phases == ["compiling", "training", "paused", "training"]
    assert same_weights(result, baseline)


def test_a_paused_training_can_be_stopped():
    result = run_quick(config(train={"epochs": 50}), control=commands("pause", None, "stop"))
    assert result.stopped_by == "user"


RESUMED = config(
    {"dropout": 0.2, "id_dropout": 0.1, "batch_normalization": True},
    {"epochs": 3, "patience": 1, "ema_decay": 0.9, "learning_rate_schedule": "cosine", "batch_size": 16},
)


@pytest.fixture(scope="module")
def uninterrupted():
    return run_quick(RESUMED)


@pytest.mark.parametrize("calls", [1, 7, 9, 11])
def test_an_interrupted_training_goes_on_bit_for_bit(calls, uninterrupted, tmp_path):
    script = commands(*[None] * calls, "interrupt")
    first = run_quick(RESUMED, control=script, checkpoint_dir=tmp_path)
    assert first.stopped_by == "interrupt"
    assert first.scores == {}
    second = run_quick(RESUMED, checkpoint_dir=tmp_path)
    assert same_weights(second, uninterrupted)
    assert second.scores == uninterrupted.scores
    assert second.best_epoch == uninterrupted.best_epoch
    without_time = [{k: v for k, v in entry.items() if k != "seconds"} for entry in second.history]
    assert without_time == [{k: v for k, v in entry.items() if k != "seconds"} for entry in uninterrupted.history]


def test_an_interruption_under_xla_goes_on_bit_for_bit(tmp_path):
    whole = run_quick(RESUMED, jit=True)
    run_quick(RESUMED, jit=True, control=commands(None, None, "interrupt"), checkpoint_dir=tmp_path)
    assert same_weights(run_quick(RESUMED, jit=True, checkpoint_dir=tmp_path), whole)


def test_a_finished_training_is_not_trained_again(tmp_path):
    first = run_quick(config(), checkpoint_dir=tmp_path)
    events = []
    second = run_quick(config(), checkpoint_dir=tmp_path, on_event=events.append)
    assert not [event for event in events if event["type"] == "step"]
    assert same_weights(first, second)
    assert first.scores == second.scores


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_a_film_changes_nothing_and_holds_the_weights_of_each_epoch(ema_decay, jit, tmp_path):
    run = config(
        {"dropout": 0.2, "batch_normalization": True, "user_bias": True}, {"epochs": 3, "ema_decay": ema_decay}
    )
    reel = Reel(tmp_path)
    filmed, plain = run_quick(run, jit=jit, reel=reel), run_quick(run, jit=jit)
    assert same_weights(filmed, plain)
    assert list(reel) == [0, 1, 2, 3]
    kept, frame = named_weights(filmed.model), reel[filmed.best_epoch]
    assert set(frame) == set(kept)
    for name, weight in kept.items():
        np.testing.assert_array_equal(frame[name], weight, err_msg=name)
    start = reel[0]
    assert np.ptp(start["cross_1/W"]) > 0  # not yet averaged, and not zero
    assert not np.array_equal(start["cross_1/W"], reel[1]["cross_1/W"])
    short = run_quick(
        config({"dropout": 0.2, "batch_normalization": True, "user_bias": True}, {"epochs": 1, "ema_decay": ema_decay}),
        jit=jit,
    )
    for name, weight in named_weights(short.model).items():
        np.testing.assert_array_equal(reel[1][name], weight, err_msg=name)


@pytest.mark.parametrize("calls", [1, 7, 11])
def test_an_interrupted_training_keeps_its_film(calls, uninterrupted, tmp_path):
    whole = Reel(tmp_path / "whole")
    assert same_weights(run_quick(RESUMED, reel=whole), uninterrupted)
    parts = {"checkpoint_dir": tmp_path / "checkpoint", "reel": Reel(tmp_path / "film")}
    assert run_quick(RESUMED, control=commands(*[None] * calls, "interrupt"), **parts).stopped_by == "interrupt"
    assert same_weights(run_quick(RESUMED, **parts), uninterrupted)
    assert list(parts["reel"]) == list(whole)
    for epoch in whole:
        for name, weight in whole[epoch].items():
            np.testing.assert_array_equal(parts["reel"][epoch][name], weight, err_msg=f"{epoch} {name}")


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    run_quick(config(), checkpoint_dir=tmp_path)
    with pytest.raises(RunError, match=r"must belong to this run.*Delete the folder"):
        run_quick(config(train={"seed": 2}), checkpoint_dir=tmp_path)


def test_the_features_of_the_tests_are_those_of_their_config():
    assert [spec.name for spec in SPECS] == list(config().data.features) == FEATURES


@pytest.mark.parametrize("ema_decay", [0.0, 0.99])
@pytest.mark.parametrize("position", ["before_activation", "after_activation"])
def test_batch_normalization_has_the_statistics_of_the_weights_that_are_kept(ema_decay, position):
    """Over all training ratings, however short the training was."""
    run = config(
        {"batch_normalization": True, "normalization_position": position, "deep_layer_sizes": [8, 4]},
        {"epochs": 2, "ema_decay": ema_decay},
    )
    data, parts = world(), split()
    model = run_quick(run, data, parts).model
    normalizations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(normalizations) == 2
    for layer in normalizations:
        values = keras.Model(model.input, layer.input)(data.inputs(parts.train), training=False).numpy()
        np.testing.assert_allclose(layer.moving_mean.numpy(), values.mean(axis=0), rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(layer.moving_variance.numpy(), values.var(axis=0), rtol=1e-3, atol=1e-5)


def test_moving_averages_that_have_forgotten_their_start_stay_as_training_left_them(monkeypatch):
    run = config({"batch_normalization": True, "deep_layer_sizes": [8, 4]}, {"epochs": 1})

    def variance():
        return run_quick(run, world(), split()).model.get_layer("deep_1_normalization").moving_variance.numpy()

    measured = variance()
    monkeypatch.setattr("dcn_core.training.loop.FORGOTTEN", 0)
    assert (variance() > 2 * measured).all()  # still mostly the 1 that it began with
