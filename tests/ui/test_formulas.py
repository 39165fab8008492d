"""The Formulas page: a formula is planted, learned in a process of its own, and shown beside what was learned."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.errors import ConfigError, RunError
from dcn_core.pictures import polynomials as pictures
from dcn_core.polynomials.examples import EXAMPLES
from tests.ui.conftest import Open
from tests.ui.test_address import query
from tests.ui.test_train_page import PAGES, words
from ui import caches
from ui.planting_jobs import MOST_WAITING, Plantings, read
from ui.processes import environment

ANSWER = {
    "spread": 0.5,
    "networks": [
        {"network": "V1", "layers": 3, "parameters": 22, "test_rmse": 0.125, "seconds": 1.2},
        {"network": "V2", "layers": 1, "parameters": 16, "test_rmse": 1e-9, "seconds": 0.4},
        {"network": "DNN", "layers": 1, "parameters": 16, "test_rmse": 0.01, "seconds": 0.5},
    ],
    "products": [
        {"product": "x1²", "truth": 1.0, "V1": 0.75, "V2": 1.0},
        {"product": "x1 x2", "truth": 0.25, "V1": 0.25, "V2": 0.25},
    ],
}
"""As the command writes it."""


def wait(plantings: Plantings, formula: str, seed: int, *states: str) -> None:
    limit = time.monotonic() + 120
    while plantings.state(formula, seed).state in states and time.monotonic() < limit:
        time.sleep(0.05)


def keep(folder: Path, formula: str, seed: int, answer: object) -> None:
    """Puts an answer where the page looks for it."""
    path = caches.plantings()._path(formula, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(answer))
    assert folder in path.parents


def plant(page: AppTest, formula: str) -> AppTest:
    page.text_area(key="planting-formula").set_value(formula)
    page.button(key="plant").click().run()
    assert not page.exception
    return page


def test_truth_stands_beside_what_was_learned(app: Open, tmp_path: Path) -> None:
    keep(tmp_path, "x1**2 + 0.25 x1 x2", 1, ANSWER)
    page = plant(app("formulas"), "x1**2 +\n 0.25  x1 x2")
    said = words(page)
    assert (
        "DCN-V2 found the formula. As a share of how much its values vary, the error of the deep network is 2.0 %"
        in said
    )
    assert "that of DCN is 25 %" in said and "furthest off at x1²: 0.750 in place of 1.000" in said
    assert "(V1)" not in said  # one name on one page
    errors, products = (
        next(one.value for one in page.dataframe if name in one.value) for name in ("Weights", "Product")
    )
    assert list(errors["Weights"]) == [22, 16, 16] and errors["Relative error"][0] == 25
    assert list(products["Formula"]) == [1.0, 0.25] and list(products["DCN"]) == [0.75, 0.25]
    assert "coefficients" in {chart.key for chart in page.get("plotly_chart")}
    page.text_area(key="planting-formula").set_value("x1").run()
    assert "DCN-V2 found the formula" in words(page)  # what was planted stays, whatever is typed next


def test_coefficients_that_are_right_but_for_rounding_stand_on_their_rings() -> None:
    right = pd.DataFrame({"product": ["x1²", "x1 x2"], "truth": 1.0, "V1": [1 + 1e-11, 1.0], "V2": [1.0, 1 - 1e-12]})
    low, high = pictures.coefficients(right).figure.layout.xaxis.range
    assert low < 0 and 1 < high < 1.2


@pytest.mark.parametrize("formula", ["x1 +", "", "__import__('os')", "x1**9", "sin(x1)", "x1/x2", "\x00", "x0"])
def test_what_is_no_formula_is_refused_in_words(app: Open, formula: str) -> None:
    page = plant(app("formulas"), formula)
    assert "This formula was not planted" in words(page) and "Which network finds it?" in words(page)
    page.text_area(key="planting-formula").set_value("x1 x2").run()
    assert "This formula was not planted" not in words(page) and "1 product of 2 inputs, of degree 2" in words(page)


def test_examples_fill_the_field(app: Open) -> None:
    page = app("formulas")
    assert page.get_by_key("planting-example").value == "f2"
    page.get_by_key("planting-example").set_value("f3").run()
    assert page.text_area(key="planting-formula").value == EXAMPLES["f3"] and "100 products of" in words(page)
    page.text_area(key="planting-formula").set_value("x1 x2").run()
    assert page.get_by_key("planting-example").value is None and not page.exception


def test_a_formula_is_learned_by_a_process_of_its_own(app: Open) -> None:
    page = plant(app("formulas"), "-0.5 x1 x2")
    wait(caches.plantings(), "-0.5 x1 x2", 1, "waiting", "busy")
    page.run()
    assert not page.exception and "DCN-V2" in words(page) and "found the formula" in words(page)
    (product,) = (one.value for one in page.dataframe if "Product" in one.value)
    assert product["DCN-V2"][0] == pytest.approx(-0.5, abs=1e-4)
    assert caches.plantings().state("-0.5 x1 x2", 2).state == "none"


def test_time_and_queue_are_bounded(tmp_path: Path) -> None:
    plantings = Plantings(tmp_path / "formulas", limit_s=0.2)
    with pytest.raises(ConfigError):
        plantings.ask("x1**9", 1)
    plantings.ask("x1 x2", 1)
    wait(plantings, "x1 x2", 1, "waiting", "busy")
    ended = plantings.state("x1 x2", 1)
    assert ended.state == "failed" and "fewer inputs" in ended.problem
    plantings.limit_s = 60.0
    plantings.ask("x1 x2", 1)
    wait(plantings, "x1 x2", 1, "waiting")
    for seed in range(2, MOST_WAITING + 2):
        plantings.ask("x1 x2", seed)
    with pytest.raises(RunError, match="may wait"):
        plantings.ask("x1 x2", 99)
    plantings.close()


def test_the_process_ends_with_the_server_however_that_ends() -> None:
    command = [sys.executable, "-m", "dcn_core", "polynomials", "--formula=x1 x2", "--json", "--with-caller"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    )
    out, _ = process.communicate()  # closes its standard input, as the end of the server does
    assert process.returncode == 1 and not out


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"spread": NaN}', json.dumps(ANSWER | {"networks": [1]})])
def test_a_damaged_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


def test_a_damaged_file_is_computed_again(app: Open, tmp_path: Path) -> None:
    keep(tmp_path, "x1", 1, {"spread": "much"})
    page = plant(app("formulas"), "x1")
    assert "no longer kept" in words(page) and caches.plantings().state("x1", 1).state == "none"


def test_a_kept_result_is_there_after_the_page_was_loaded_anew(app: Open, tmp_path: Path) -> None:
    assert "Which network finds it?" in words(app("formulas"))
    keep(tmp_path, EXAMPLES["f2"], 1, ANSWER)
    assert "Error of each network" in words(app("formulas"))


def test_the_address_holds_a_formula_of_ones_own(app: Open, tmp_path: Path) -> None:
    page = app("formulas")
    assert query(page) == {}
    page.text_area(key="planting-formula").set_value("x1 x2 +\n 3").run()
    page.number_input(key="planting-seed").set_value(7).run()
    assert query(page) == {"formula": "x1 x2 + 3", "formula_seed": "7"}
    page.get_by_key("planting-example").set_value("f3").run()
    assert query(page) == {"formula": "f3", "formula_seed": "7"}
    keep(tmp_path, "x1 x2 + 3", 7, ANSWER)
    other = app("formulas", query={"formula": "x1 x2 + 3", "formula_seed": "7", "epochs": "4"})
    assert other.text_area(key="planting-formula").value == "x1 x2 + 3" and "Error of each network" in words(other)
    assert other.session_state["draft"]["train"]["epochs"] == 4 and "Not all of this address" not in words(other)


@pytest.mark.parametrize(
    ("formula", "seed"),
    [("x1 +", "-1"), ("", "½"), ("sin(x1)", "1e3"), ("<b>$x$", str(2**31)), ("\x00", ""), ("x1" * 20_000, "9" * 5000)],
    ids=str.split("open empty function markup null long"),
)
def test_an_address_with_a_formula_that_is_none_says_so(app: Open, formula: str, seed: str) -> None:
    page = app("train", query={"formula": formula, "formula_seed": seed})
    said = words(page)
    assert not page.exception and "Formula_seed must be between 0 and" in said
    assert ("Formula: at most 20,000 letters" in said) == (len(formula) > 20_000)
    page.switch_page(str(PAGES / "formulas.py")).run()
    assert not page.exception and page.number_input(key="planting-seed").value == 1
    if len(formula) <= 20_000:
        assert page.text_area(key="planting-formula").value == formula
        assert "This formula was not planted" in words(page)


def test_a_formula_on_its_way_is_shown_after_the_page_was_loaded_anew(app: Open) -> None:
    caches.plantings().ask(EXAMPLES["f2"], 1)
    assert "Which network finds it?" not in words(app("formulas"))
