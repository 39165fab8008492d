"""Events of a run become what a chart shows."""

from typing import Any

from ui.curve import learning_curve
from ui.history import History


def step(progress: float, mse: float = 1.0) -> dict[str, Any]:
    return {"type": "step", "progress": progress, "train_mse": mse}


def epoch(number: int, mse: float) -> dict[str, Any]:
    return {"type": "epoch", "epoch": number, "train_mse": 1.0, "validation": {"mse": mse}}


def test_events_of_other_kinds_and_damaged_ones_are_left_out() -> None:
    history = History()
    history.absorb([{"type": "phase", "phase": "training"}, {"type": "step"}, {}, step(0.5)], 10)
    assert history.steps == [(0.5, 1.0)] and history.offset == 10


def test_a_resumed_run_replaces_what_it_tells_again() -> None:
    history = History()
    history.absorb([step(0.5), step(1.0), epoch(1, 0.9), step(1.5), epoch(2, 0.8)], 1)
    history.absorb([step(1.2, 0.7), epoch(2, 0.85)], 2)
    assert [progress for progress, _ in history.steps] == [0.5, 1.0, 1.2]
    assert [record["validation"]["mse"] for record in history.epochs] == [0.9, 0.85]


def test_a_long_run_is_thinned_to_what_a_chart_can_show() -> None:
    history = History()
    for number in range(1, 5001):
        history.absorb([step(number / 100)], number)
    assert 200 <= len(history.steps) <= 400
    assert history.steps[-1][0] > 49.5
    assert history.steps == sorted(history.steps)


def test_without_steps_the_curve_shows_the_ends_of_the_epochs() -> None:
    history = History()
    history.absorb([epoch(1, 0.9), epoch(2, 0.7)], 1)
    assert history.training() == [(1.0, 1.0), (2.0, 1.0)]


def test_wild_first_steps_do_not_flatten_the_curve() -> None:
    history = History()
    history.absorb([step(0.01, 900.0), *(step(n / 100, 1.0) for n in range(2, 100)), epoch(1, 0.9)], 1)
    spec = learning_curve(history, 10)
    assert spec["yAxis"]["max"] < 2 and 0 < spec["yAxis"]["min"] < 0.9
    assert spec["xAxis"]["max"] == 10


def test_a_short_run_that_began_far_above_its_validation_is_not_flattened_and_a_plain_one_is_shown_whole() -> None:
    far, plain = History(), History()
    far.absorb([step(0.0, 11.9), step(0.1, 6.8), step(0.2, 2.2), step(1.0, 1.15), epoch(1, 1.16), epoch(2, 1.14)], 1)
    assert learning_curve(far, 2)["yAxis"]["max"] < 1.5
    plain.absorb([step(0.0, 1.17), step(0.5, 0.9), step(1.0, 0.7), epoch(1, 0.82), epoch(2, 0.69)], 1)
    assert learning_curve(plain, 2)["yAxis"]["max"] > 1.17


def test_a_curve_without_any_event_can_be_drawn() -> None:
    spec = learning_curve(History(), 0, {"Always the mean": 1.2})
    assert spec["xAxis"]["max"] == 1
    (level,) = spec["series"][1]["markLine"]["data"]
    assert (level["name"], level["yAxis"]) == ("Always the mean", 1.2)


def test_a_thousand_epochs_are_a_line_without_circles_that_ends_at_the_last() -> None:
    history = History()
    history.absorb([epoch(number, 1 / number) for number in range(1, 1001)], 1)
    validation = learning_curve(history, 1000)["dataset"][1]["source"]["epoch"].to_pylist()
    assert 200 <= len(validation) <= 400 and validation[-1] == 1000 and validation == sorted(validation)
    assert not learning_curve(history, 1000)["series"][1]["showSymbol"]
