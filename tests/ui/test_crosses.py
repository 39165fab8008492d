"""Matrices of crosses become pairs by rank."""

import numpy as np
import pytest

from dcn_core.data.dataset import PlantedCross
from ui import charts, crosses

NAMES = ["genres", "age", "year"]
MATRIX = np.array([[5.0, 1.0, 0.0], [2.0, 0.5, 0.0], [0.0, 0.25, 0.0]])


def test_the_two_cells_of_a_pair_are_added_and_the_diagonal_is_not_doubled() -> None:
    frame = crosses.pairs(MATRIX, NAMES)
    found = dict(zip(frame["pair"], frame["strength"], strict=True))
    assert found[("genres", "age")] == 3.0
    assert found[("genres", "genres")] == 5.0
    assert frame["strength"].is_monotonic_decreasing and len(frame) == 6


def test_a_pair_is_named_for_a_person() -> None:
    assert crosses.pair_label(("age", "genres")) == "Age × Genres"
    assert crosses.pair_label(("age", "age")) == "Age × itself"


def test_planted_crosses_stand_beside_learned_ones_in_either_order() -> None:
    planted = [PlantedCross(("age", "genres"), 0.3)]  # type: ignore[arg-type]
    table = crosses.ranking(crosses.pairs(MATRIX, NAMES), planted)
    assert table.set_index("Cross")["Planted"].dropna().to_dict() == {"Genres × Age": 0.3}


def test_only_planted_crosses_that_the_network_can_see_count_as_found_or_missed() -> None:
    planted = [PlantedCross(("age", "genres"), 0.3), PlantedCross(("age", "occupation"), 0.2)]  # type: ignore[arg-type]
    assert crosses.recovered(crosses.pairs(MATRIX, NAMES), planted) == (1, 1)
    assert crosses.recovered(crosses.pairs(np.zeros((1, 1)), ["age"]), planted) == (0, 0)


def test_the_norm_per_size_divides_by_the_root_of_the_blocks_size() -> None:
    insight = {"block_norm": np.full((1, 2, 2), 6.0), "block_sizes": np.array([4, 9]), "strength": np.ones((1, 2, 2))}
    np.testing.assert_allclose(crosses.matrices(insight, "per_size")[0], [[1.5, 1.0], [1.0, 6 / 9]])
    assert crosses.matrices(insight, "strength") is insight["strength"]


def test_a_large_matrix_is_averaged_into_cells_that_a_browser_can_draw() -> None:
    kernel = np.arange(25.0).reshape(5, 5)
    cells, step = crosses.thinned(kernel, most=3)
    assert step == 2 and cells.shape == (3, 3)
    assert cells[0, 0] == kernel[:2, :2].mean() and cells[2, 2] == kernel[4, 4]
    assert crosses.thinned(kernel)[1] == 1


def test_the_spectrum_says_how_many_directions_a_matrix_uses() -> None:
    rng = np.random.default_rng(0)
    low_rank = rng.normal(size=(20, 3)) @ rng.normal(size=(3, 20))
    values, enough = crosses.spectrum(low_rank)
    assert enough <= 3 and len(values) == 20
    np.testing.assert_allclose(values[3:], 0, atol=1e-10)
    assert crosses.spectrum(np.zeros((4, 4)))[1] == 0


def test_the_heat_map_keeps_rows_and_columns_apart() -> None:
    figure = charts.feature_heatmap(MATRIX, NAMES, "Strength")
    assert figure.data[0].z[1][0] == 2.0  # row age: multiplied; column genres: crossed with
    assert figure.layout.yaxis.title.text == charts.ROWS and "multiplied" in charts.ROWS
    assert figure.layout.xaxis.title.text == charts.COLUMNS and "crossed with" in charts.COLUMNS
    assert figure.layout.yaxis.autorange == "reversed"


def test_a_heat_map_of_nothing_can_be_drawn() -> None:
    charts.feature_heatmap(np.zeros((2, 2)), ["a", "b"], "x")
    charts.kernel_heatmap(np.zeros((4, 4)), ["a", "b"], [2, 2])


@pytest.mark.parametrize("name", ["<b>bold</b>", "<script>alert(1)</script>"])
def test_names_in_a_chart_are_text(name: str) -> None:
    figure = charts.bars([name], [1], "ratings")
    assert "<b>" not in figure.to_json().replace("\\u003c", "<") and "<script>" not in figure.to_json()
