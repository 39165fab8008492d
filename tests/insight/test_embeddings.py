"""Maps and neighbours of small tables."""

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight.embeddings import map_sentence, neighbour_sentence, neighbours, principal_components

NAMES = ["unknown", "a", "b", "c", "d"]
TABLE = np.array([[9.0, 9, 9], [1, 0, 0], [3, 0.1, 0], [-1, 0, 0], [0, 1, 0]])


def test_principal_components_agree_with_the_covariance() -> None:
    frame = principal_components(TABLE, NAMES)
    assert frame["category"].tolist() == NAMES[1:]
    values, vectors = np.linalg.eigh(np.cov(TABLE[1:].T))
    centred = TABLE[1:] - TABLE[1:].mean(axis=0)
    np.testing.assert_allclose(np.abs(frame["x1"]), np.abs(centred @ vectors[:, -1]), atol=1e-12)
    np.testing.assert_allclose(frame.attrs["explained"], values[::-1][:2] / values.sum())
    assert frame.loc[frame["x1"].abs().idxmax(), "x1"] > 0
    assert frame["length"].tolist() == pytest.approx(np.linalg.norm(TABLE[1:], axis=1).tolist())
    assert "100 %" in map_sentence(frame)


def test_a_table_of_one_category_or_one_number_still_has_a_map() -> None:
    for table, names in ((TABLE[:2], NAMES[:2]), (TABLE[:, :1], NAMES), (TABLE[:1], NAMES[:1]), (0 * TABLE, NAMES)):
        frame = principal_components(table, names, components=2)
        assert len(frame) == len(table) - 1
        assert np.isfinite(frame[["x1", "x2"]].to_numpy()).all()


def test_neighbours_are_those_in_the_same_direction_however_long() -> None:
    frame = neighbours(TABLE, NAMES, 1)
    assert frame["category"].tolist() == ["b", "d", "c"]
    assert frame["cosine"].tolist() == pytest.approx([3 / np.hypot(3, 0.1), 0, -1])
    assert neighbours(TABLE, NAMES, 1, most=1)["index"].tolist() == [2]
    assert neighbour_sentence("a", frame) == "The embedding of a is closest to those of b, d and c."


def test_tables_and_names_that_do_not_fit_are_refused() -> None:
    with pytest.raises(PredictionError, match="5 rows needs as many names"):
        principal_components(TABLE, NAMES[:3])
    with pytest.raises(PredictionError, match="from 0 to 4"):
        neighbours(TABLE, NAMES, 5)
