import math

import numpy as np
import pytest

from dcn_core.training.optimizers import WarmupSchedule, make_optimizer
from tests.training.worlds import config


def test_the_warm_up_rises_to_the_peak_and_stays_there():
    schedule = WarmupSchedule(0.5, warmup_steps=4, total_steps=100)
    rates = [float(schedule(step)) for step in range(6)]
    assert rates == pytest.approx([0.125, 0.25, 0.375, 0.5, 0.5, 0.5])


def test_the_cosine_falls_from_the_peak_after_the_warm_up_to_zero():
    schedule = WarmupSchedule(0.5, warmup_steps=20, total_steps=100, decay="cosine")
    for step in (20, 40, 60, 99):
        expected = 0.5 * (1 + math.cos(math.pi * (step - 20) / 80)) / 2
        assert float(schedule(step)) == pytest.approx(expected, rel=1e-4)
    assert float(schedule(100)) == pytest.approx(0, abs=1e-7)
    assert float(schedule(1000)) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(
    ("decay", "final", "expected"),
    [
        ("linear", 0.0, [1.0, 0.75, 0.5, 0.0, 0.0]),
        ("linear", 0.2, [1.0, 0.8, 0.6, 0.2, 0.2]),
        ("exponential", 0.01, [1.0, 0.01**0.25, 0.1, 0.01, 0.01]),
        ("exponential", 0.0, [1.0, 0.001**0.25, 0.001**0.5, 0.001, 0.001]),
        ("cosine", 0.2, [1.0, 0.2 + 0.4 * (1 + math.cos(math.pi / 4)), 0.6, 0.2, 0.2]),
        ("constant", 0.2, [1.0, 1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_a_decay_falls_from_the_peak_to_its_share_of_it(decay, final, expected):
    schedule = WarmupSchedule(2.0, warmup_steps=20, total_steps=100, decay=decay, final=final)
    assert [float(schedule(step)) / 2 for step in (20, 40, 60, 100, 900)] == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_a_warm_up_longer_than_the_training_is_fine():
    schedule = WarmupSchedule(0.5, warmup_steps=200, total_steps=100, decay="cosine")
    assert float(schedule(99)) == pytest.approx(0.25)


def test_a_schedule_is_made_again_from_its_config():
    schedule = WarmupSchedule(0.5, warmup_steps=2, total_steps=10, decay="exponential", final=0.3)
    again = WarmupSchedule(**schedule.get_config())
    assert [float(again(s)) for s in range(10)] == [float(schedule(s)) for s in range(10)]


@pytest.mark.parametrize("name", ["adam", "rmsprop", "sgd", "adagrad"])
def test_every_optimizer_of_the_config_is_its_keras_namesake(name):
    optimizer = make_optimizer(config(train={"optimizer": name, "learning_rate": 0.02}).train, 100)
    assert type(optimizer).__name__.lower() == name
    np.testing.assert_allclose(optimizer.learning_rate.numpy(), 0.02, rtol=1e-6)
    assert not optimizer.use_ema
    assert optimizer.global_clipnorm is None
