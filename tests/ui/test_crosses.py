"""Matrices of crosses become pairs by rank."""

import numpy as np
import pandas as pd
import pytest

from dcn_core.data.dataset import PlantedCross
from dcn_core.pictures import bars, dots, kernels, maps, measures, scatter, tallies, theme

NAMES = ["genres", "age", "year"]
MATRIX = np.array([[5.0, 1.0, 0.0], [2.0, 0.5, 0.0], [0.0, 0.25, 0.0]])


def test_the_two_cells_of_a_pair_are_added_and_the_diagonal_is_not_doubled() -> None:
    frame = measures.pairs(MATRIX, NAMES)
    found = dict(zip(frame["pair"], frame["strength"], strict=True))
    assert found[("genres", "age")] == 3.0
    assert found[("genres", "genres")] == 5.0
    assert frame["strength"].is_monotonic_decreasing and len(frame) == 6


def test_a_pair_is_named_for_a_person() -> None:
    assert measures.pair_label(("age", "genres")) == "Age × Genres"
    assert measures.pair_label(("age", "age")) == "Age × itself"


def test_planted_crosses_stand_beside_learned_ones_in_either_order() -> None:
    planted = [PlantedCross(("age", "genres"), 0.3)]  # type: ignore[arg-type]
    table = measures.ranking(measures.pairs(MATRIX, NAMES), planted)
    assert table.set_index("Cross")["Planted"].dropna().to_dict() == {"Genres × Age": 0.3}


def test_the_norm_per_size_divides_by_the_root_of_the_blocks_size() -> None:
    insight = {"block_norm": np.full((1, 2, 2), 6.0), "block_sizes": np.array([4, 9]), "strength": np.ones((1, 2, 2))}
    np.testing.assert_allclose(measures.matrices(insight, "per_size")[0], [[1.5, 1.0], [1.0, 6 / 9]])
    assert measures.matrices(insight, "strength") is insight["strength"]


def test_a_large_matrix_is_averaged_into_cells_that_a_browser_can_draw() -> None:
    kernel = np.arange(25.0).reshape(5, 5)
    cells, step = measures.thinned(kernel, most=3)
    assert step == 2 and cells.shape == (3, 3)
    assert cells[0, 0] == kernel[:2, :2].mean() and cells[2, 2] == kernel[4, 4]
    assert measures.thinned(kernel)[1] == 1


def test_a_symmetric_measure_is_not_doubled_and_its_empty_diagonal_is_left_out() -> None:
    effect = np.array([[np.nan, 0.2, -0.3], [0.2, np.nan, 0.1], [-0.3, 0.1, np.nan]])
    frame = measures.pairs(effect, NAMES, directed=False)
    assert frame["pair"].tolist() == [("genres", "year"), ("genres", "age"), ("age", "year")]  # by size, either sign
    assert frame["strength"].tolist() == [-0.3, 0.2, 0.1]


def test_both_ways_adds_the_two_blocks_of_a_pair() -> None:
    np.testing.assert_allclose(measures.both_ways(MATRIX)[0], [5.0, 3.0, 0.0])


def test_the_map_keeps_rows_and_columns_apart() -> None:
    figure = maps.feature_map(MATRIX, NAMES, "length of x")
    assert figure.data[0].z[1][0] == 2.0  # row age: multiplied; column genres: crossed with
    assert figure.layout.yaxis.title.text == theme.ROWS and "multiplied" in theme.ROWS
    assert figure.layout.xaxis.title.text == theme.COLUMNS and "crossed with" in theme.COLUMNS
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first feature is on top


def test_a_clicked_cell_knows_its_features() -> None:
    effect = np.array([[np.nan, 0.2, 0.3], [0.2, np.nan, 0.1], [0.3, 0.1, np.nan]])
    figure = maps.feature_map(effect, NAMES, "stars", directed=False)
    marks = figure.data[1]
    found = {(marks.y[k], marks.x[k]): marks.customdata[k] for k in range(len(marks.x))}
    assert set(found) == {("age", "genres"), ("year", "genres"), ("year", "age")}  # each pair once
    assert list(found["year", "genres"]) == [2, 0, 0.3]


def test_a_number_without_digits_is_zero() -> None:
    assert theme.written(-0.004, 2, True) == "0"
    assert theme.written(0.25, 2, True) == "+0.25"


def test_maps_of_nothing_can_be_drawn() -> None:
    maps.feature_map(np.zeros((2, 2)), ["a", "b"], "x")
    maps.feature_map(np.full((1, 1), np.nan), ["a"], "x", directed=False)
    maps.category_map(np.zeros((2, 3)), np.zeros((2, 3)), ["a", "b"], ["x", "y", "z"], ("A", "X"))
    kernels.kernel_heatmap(np.zeros((4, 4)), ["a", "b"], [2, 2])


@pytest.mark.parametrize("name", ["<b>bold</b>", "<script>alert(1)</script>"])
def test_names_in_a_chart_are_text(name: str) -> None:
    points = pd.DataFrame({"category": [name], "x1": [0.0], "x2": [0.0], "x3": [0.0], "length": 1.0, "Genre": [name]})
    rungs = pd.DataFrame({"label": [name], "mse": [1.0], "kind": ["own"]})
    for figure in (
        tallies.standing([name], [1], "ratings"),
        tallies.lying([name], [1], "ratings"),
        maps.category_map(np.ones((1, 1)), np.ones((1, 1)), [name], [name], (name, name)),
        scatter.places(points, "Genre", 2, ["", ""], scatter.Marks(0)),
        scatter.places(points, "length", 3, ["", "", ""]),
        bars.changes([name], [0.1], "MSE"),
        dots.ladder(rungs, None),
        bars.planted_and_learned([name], [0.1], [0.2]),
    ):
        text = figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")
        assert "<b>bold" not in text and "<script>" not in text
