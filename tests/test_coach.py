"""What the coach makes of a curve: each rule on a curve that has it, and on one that has not."""

import math

import pytest

from dcn_core.coach import Advice, Epoch, advise, epochs_of
from dcn_core.config.run import RunConfig, override


def read(train: list[float], validation: list[float], *changes: str, diverged: bool = False) -> Advice | None:
    config = override(RunConfig(), [f"train.epochs={max(1, len(train))}", *changes])
    epochs = [Epoch(number, *errors) for number, errors in enumerate(zip(train, validation, strict=True), start=1)]
    return advise(epochs, config, diverged)


@pytest.mark.parametrize(
    ("train", "validation", "reading", "epoch", "said"),
    [
        ([1.0, 0.8, 0.7, 0.6, 0.5], [1.0, 0.9, 0.85, 0.87, 0.95], "overfits", 4, "rises since epoch 4"),
        ([1.0, 0.8, 0.7, 0.6], [1.0, 0.9, 0.85, 0.80], "falling", 4, "more epochs than 4"),
        ([1.0, 0.8, 0.9, 0.7, 0.85], [1.0, 0.9, 1.1, 0.9, 1.0], "jumps", 3, "first in epoch 3"),
        ([1.0, 1.3, 1.5], [1.0, 1.3, 1.5], "jumps", 2, "from 0.001 to 0.00033"),
        ([1.0, 0.8, 0.75, 0.75, 0.75], [1.0, 0.9, 0.9, 0.8998, 0.8997], "flat", 2, "flat since epoch 2"),
        ([1.0, 0.8, 0.75], [1.0, 0.9, 0.901], "good", 2, "best in epoch 2"),
        ([1.0, math.nan], [1.0, math.nan], "diverged", 0, "from 0.001 to 0.0001"),
    ],
)
def test_each_curve_is_read(train: list[float], validation: list[float], reading: str, epoch: int, said: str) -> None:
    advice = read(train, validation)
    assert advice is not None and (advice.reading, advice.epoch) == (reading, epoch)
    assert said in advice.text and advice.text.endswith(".")


def test_the_epoch_that_is_kept_is_that_of_the_watched_score() -> None:
    curve = [1.0, 0.8, 0.7, 0.6], [1.0, 0.9, 0.95, 1.0]
    loss, other = read(*curve), read(*curve, "train.monitor=mae")
    assert loss is not None and loss.text.endswith("The weights of epoch 2 are kept.")
    assert other is not None and other.text.endswith("The weights of the epoch with the best MAE are kept.")


def test_a_curve_that_has_only_begun_says_nothing() -> None:
    assert read([1.0, 0.9], [1.0, 0.9]) is None
    assert read([], []) is None
    assert read([], [], diverged=True) is not None


def test_validation_that_rises_with_training_is_no_overfitting() -> None:
    advice = read([1.0, 0.8, 0.81, 0.815], [1.0, 0.8, 0.82, 0.84])
    assert advice is not None and advice.reading != "overfits"


def test_a_run_that_stopped_before_its_last_epoch_is_not_told_to_go_on() -> None:
    advice = read([1.0, 0.8, 0.7], [1.0, 0.8, 0.7], "train.epochs=30")
    assert advice is not None and advice.reading != "falling"


def test_the_cure_is_one_that_this_network_has() -> None:
    curve = [1.0, 0.8, 0.7, 0.6, 0.5], [1.0, 0.9, 0.85, 0.87, 0.95]
    ids, without = read(*curve), read(*curve, 'data.features=["age"]', "model.dropout=0.3")
    assert ids is not None and "(now 1e-6), fewer ids" in ids.text and "dropout" in ids.text
    assert without is not None and "ids" not in without.text and "dropout" not in without.text


def test_epochs_are_read_from_events_of_any_kind() -> None:
    whole = {"type": "epoch", "epoch": 2, "train_mse": 0.5, "validation": {"mse": 0.6, "mae": 0.1}}
    events = [{"type": "step"}, whole | {"epoch": 1}, whole | {"validation": None}, whole | {"epoch": "2"}, whole]
    again = whole | {"train_mse": 0.4}
    assert epochs_of([*events, again]) == [Epoch(1, 0.5, 0.6), Epoch(2, 0.4, 0.6)]
