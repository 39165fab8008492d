"""A section survives the way through JSON; the report is written section by section, and one that fails leaves the rest."""

import json

import numpy as np
import pandas as pd

from dcn_core.insight.report import Section


def test_a_section_is_the_same_after_json() -> None:
    table = pd.DataFrame({"name": ["a<b>", None], "value": [1.5, np.nan], "count": [3, 4], "own": [True, False]})
    section = Section({"said": "x"}, {"t": table}, {"m": np.eye(2)}, {"rank": 3, "floor": float("nan")})
    plain = json.loads(json.dumps(section.plain(), allow_nan=False))
    back = Section.of_plain(plain, {"m": np.eye(2)})
    assert back.sentences == {"said": "x"} and back.facts == {"rank": 3.0}
    assert back.tables["t"]["name"].tolist()[0] == "a<b>" and back.tables["t"]["count"].tolist() == [3, 4]
    assert np.isnan(back.tables["t"]["value"].iloc[1]) and back.tables["t"]["own"].tolist() == [True, False]
    np.testing.assert_array_equal(back.arrays["m"], np.eye(2))


def test_an_empty_table_keeps_its_columns() -> None:
    section = Section(tables={"t": pd.DataFrame({"a": [], "b": []})})
    back = Section.of_plain(json.loads(json.dumps(section.plain())), {})
    assert list(back.tables["t"].columns) == ["a", "b"] and back.tables["t"].empty
