"""Formulas are read exactly, and nothing else is ever run."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcn_core.errors import ConfigError
from dcn_core.polynomials.examples import EXAMPLES
from dcn_core.polynomials.formula import MOST_LETTERS, name_of, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x1² + x1 x2", {(1, 1): 1, (1, 2): 1}),
        ("x1^2+0.1x1x2 + x2*x3 + .1 x3**2", {(1, 1): 1, (1, 2): 0.1, (2, 3): 1, (3, 3): 0.1}),
        ("(x1 - 2x2)²", {(1, 1): 1, (1, 2): -4, (2, 2): 4}),
        ("-x2(x1 + 1)/4 + 1e-3 x1", {(1,): 1e-3, (2,): -0.25, (1, 2): -0.25}),
        ("2 + x1 - 2", {(1,): 1}),
        ("+x1 − x1 + x3", {(3,): 1}),
    ],
)
def test_a_formula_is_multiplied_out(text, expected):
    assert dict(parse(text).coefficients) == pytest.approx(expected)


def test_values_are_those_of_the_formula():
    x = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    a, b, c = x.T
    np.testing.assert_allclose(parse("(x1 - 2x2)² x3 + 3 - x3/2")(x), (a - 2 * b) ** 2 * c + 3 - c / 2)
    assert parse("x3 x1").num_inputs == 3
    assert parse("x1² x2 + x4").degree == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "sum of products"),
        ("x1 +", "sum of products"),
        ("__import__('os').system('true')", r"numbers, inputs.*Received: '__import__"),
        ("x1.real", r"Received: 'x1.real'"),
        ("[x1 for x1 in (1,)]", "numbers, inputs"),
        ("(lambda: x1)()", "numbers, inputs"),
        ("sin(x1)", "numbers, inputs"),
        ("y + 1", r"x1 to x120. Received: 'y'"),
        ("x0", r"Received: 'x0'"),
        ("x121", r"Received: 'x121'"),
        ("x1/x2", "divide by a number"),
        ("x1/0", "divide by a number"),
        ("x1**x2", "whole number from 0 to 5"),
        ("x1**9999999999", "whole number from 0 to 5"),
        ("x1**-1", "whole number from 0 to 5"),
        ("x1**2**2**2", "whole number"),
        ("x1³ x2³", "at most 5 inputs"),
        ("1e300 x1", "between -10⁹ and 10⁹"),
        ("True + x1", "numbers, inputs"),
        ("'x1'", "numbers, inputs"),
        ("x1 - x1", "at least one input"),
        ("7", "at least one input"),
        ("x1² + x119 x118 x117", "can be told apart"),
        ("(" * 300 + "x1" + ")" * 300, "nested too deeply|sum of products"),
        ("x1 + " * (MOST_LETTERS // 5) + "x1", "at most 20,000 letters|nested too deeply"),
        ("x1\0", "sum of products"),
    ],
)
def test_everything_else_is_an_error_that_says_what(text, message):
    with pytest.raises(ConfigError, match=message):
        parse(text)


@given(st.text(alphabet="x12+-*/()^². 0e_,'[]=", max_size=40))
def test_no_text_brings_out_another_error(text):
    with contextlib.suppress(ConfigError):
        assert parse(text).num_inputs >= 1


def test_the_examples_are_those_of_the_paper():
    sizes = {name: (len(parse(text).coefficients), parse(text).num_inputs) for name, text in EXAMPLES.items()}
    assert sizes["f1"] == (4, 4)
    assert sizes["f2"] == (4, 3)
    assert sizes["f3"][0] == 100
    assert all(parse(text).degree == 2 for text in EXAMPLES.values())


def test_products_have_names():
    assert [name_of(m) for m in ((), (1,), (1, 1, 3), (2, 2, 2))] == ["1", "x1", "x1² x3", "x2³"]


def test_the_spread_is_the_error_of_the_mean():
    assert parse("2 x1 + 5").spread() == pytest.approx(2 / np.sqrt(3), rel=0.02)
