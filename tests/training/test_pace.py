import pytest

from dcn_core.training.pace import CALLS_PER_EPOCH, SECONDS_PER_CALL, SHORTEST_CALL_S, Pace, Stopwatch


def test_the_first_call_is_short():
    assert Pace(steps_per_epoch=3000, batch_size=256).next_steps(3000) == 2


def test_a_call_takes_a_set_time_and_never_more_than_its_share_of_the_epoch():
    pace = Pace(steps_per_epoch=3000, batch_size=256)
    pace.record(2, 2 * SECONDS_PER_CALL / 10)
    assert pace.next_steps(3000) == 10
    assert pace.next_steps(4) == 4
    for _ in range(50):
        pace.record(600, 0.06)
    assert pace.next_steps(3000) == 3000 // CALLS_PER_EPOCH


def test_a_call_of_a_short_epoch_is_not_shorter_than_is_worth_calling():
    pace = Pace(steps_per_epoch=3000, batch_size=256)
    for _ in range(50):
        pace.record(100, 100 * SHORTEST_CALL_S / 1000)
    assert pace.next_steps(3000) == 1000
    assert pace.next_steps(700) == 700


def test_slow_steps_are_made_one_by_one():
    pace = Pace(steps_per_epoch=100, batch_size=65_536)
    pace.record(1, 3.0)
    assert pace.next_steps(100) == 1
    assert pace.examples_per_second == pytest.approx(65_536 / 3)


def test_before_the_first_call_the_speed_is_unknown():
    pace = Pace(steps_per_epoch=1, batch_size=1)
    assert pace.seconds_per_step == pace.examples_per_second == 0.0
    assert pace.next_steps(1) == 1


def test_a_held_stopwatch_does_not_count():
    watch = Stopwatch(10.0)
    watch.hold()
    held = watch.seconds
    assert held == watch.seconds >= 10.0
    watch.go()
    assert watch.seconds > held
