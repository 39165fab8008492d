"""The learning curve's band over seeds."""

from ui.curve import band, learning_curve
from ui.history import History


def told(*values: float) -> History:
    """A run that told of these validation errors, epoch by epoch."""
    history = History()
    events = [
        {"type": "epoch", "epoch": number, "train_mse": value, "validation": {"mse": value}}
        for number, value in enumerate(values, start=1)
    ]
    history.absorb(events, 1)
    return history


def test_the_band_reaches_from_the_lowest_to_the_highest_of_the_seeds() -> None:
    seeds = [[(1.0, 0.9), (2.0, 0.7), (3.0, 0.6)], [(1.0, 0.8), (2.0, 0.75)], [(1.0, 1.0)]]
    assert band(seeds) == [(1.0, 0.8, 1.0), (2.0, 0.7, 0.75)]


def test_a_curve_has_a_band_only_beside_other_seeds() -> None:
    alone = learning_curve(told(0.9, 0.7), 2)
    assert [series["name"] for series in alone["series"]] == ["Training", "Validation"]
    beside = learning_curve(told(0.9, 0.7), 2, siblings=[[(1.0, 2.5), (2.0, 0.6)]])
    lowest, rest = beside["series"][2:]
    assert rest["name"] == "2 seeds"
    assert lowest["data"] == [[1.0, 0.9], [2.0, 0.6]]
    assert [round(height, 9) for _, height in rest["data"]] == [1.6, 0.1]
    assert beside["yAxis"]["max"] > 2.5
    assert beside["legend"]["data"] == ["Training", "Validation", "2 seeds"]
