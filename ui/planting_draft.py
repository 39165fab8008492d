"""The formula that a person is putting together: text and seed in the session, and in the address of the page."""

from collections.abc import Mapping

import streamlit as st

from dcn_core.errors import ConfigError
from dcn_core.polynomials.examples import EXAMPLES
from dcn_core.polynomials.formula import MOST_LETTERS, parse

FORMULA, SEED, PROBLEM = "planting-formula", "planting-seed", "planting-problem"
"""Session keys of the two fields, and of what is wrong with a formula."""
MOST_SEED = 2**31 - 101
NAMES = ("formula", "formula_seed")
"""Names in the address."""
_DEFAULT = "f2"


def typed() -> str:
    """The formula as it stands in its field, on one line."""
    return " ".join(str(st.session_state.get(FORMULA, EXAMPLES[_DEFAULT]) or "").split())


def seed() -> int:
    """The seed as it stands in its field."""
    return int(st.session_state.get(SEED, 1) or 0)


def fill() -> None:
    """Gives the fields their first values."""
    st.session_state.setdefault(FORMULA, EXAMPLES[_DEFAULT])
    st.session_state.setdefault(SEED, 1)


def to_query() -> dict[str, str]:
    """What an address has to say of the formula: nothing of the first example, of another its name."""
    name = next((name for name, text in EXAMPLES.items() if text == typed()), typed())
    said = zip(NAMES, (name, str(seed())), (_DEFAULT, "1"), strict=True)
    return {parameter: value for parameter, value, usual in said if value != usual}


def take_over(query: Mapping[str, str]) -> list[str]:
    """Takes over what an address says of the formula; what is no formula comes with the reason.

    Returns:
        A sentence for each part that was passed over.
    """
    problems = []
    text, number = (query.get(name, usual) for name, usual in zip(NAMES, (_DEFAULT, "1"), strict=True))
    formula = " ".join(EXAMPLES.get(text, text).split())
    if len(formula) > MOST_LETTERS:
        problems.append(f"formula: at most {MOST_LETTERS:,} letters. Received: {len(formula):,}")
    elif formula != typed():
        st.session_state[FORMULA] = formula
        try:
            parse(formula)
        except ConfigError as error:
            st.session_state[PROBLEM] = (formula, error)
    if number.isascii() and number.isdigit() and len(number) <= len(str(MOST_SEED)) and int(number) <= MOST_SEED:
        st.session_state[SEED] = int(number)
    else:
        problems.append(f"formula_seed must be between 0 and {MOST_SEED:,}. Received: '{number[:60]}'")
    return problems
