"""A formula to plant: the fields it is put together with, and what networks made of it."""

import time
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dcn_core.errors import ConfigError, PlaygroundError, TrainingError
from dcn_core.pictures import polynomials as pictures
from dcn_core.polynomials.examples import EXAMPLES
from dcn_core.polynomials.formula import MOST_LETTERS, parse
from ui import caches, insight_parts, planting_draft, style, texts
from ui.errors import show_problem
from ui.planting_jobs import Planted

_EXAMPLE, _ASKED = "planting-example", "planting-asked"
_EVERY = 1.0
_DIGITS = 5
_NETWORKS = {"V1": "DCN", "V2": "DCN-V2", "DNN": "Deep network"}


class Asked(NamedTuple):
    """What was planted when the button was pressed."""

    formula: str
    seed: int


def form() -> None:
    """Draws the formula, its examples and the button."""
    planting_draft.fill()
    st.session_state[_EXAMPLE] = next((name for name, text in EXAMPLES.items() if text == planting_draft.typed()), None)
    st.markdown("## What is planted", anchors=False)
    st.segmented_control("Example of the DCN-V2 paper", list(EXAMPLES), key=_EXAMPLE, on_change=_take)
    st.text_area(
        "Formula",
        key=planting_draft.FORMULA,
        max_chars=MOST_LETTERS,
        height=130,
        persist_state="session",
        help="Inputs x1, x2 and so on; + - * / and brackets; powers as x1² or x1**2. A product needs no sign: 0.1 x1 x2.",
    )
    _size()
    st.number_input(
        "Seed",
        min_value=0,
        max_value=planting_draft.MOST_SEED,
        step=1,
        key=planting_draft.SEED,
        persist_state="session",
        help="Of the inputs that the networks see and of their first weights. The same formula and seed give the same answer.",
    )
    st.button("Plant it", key="plant", type="primary", icon=":material/psychiatry:", on_click=_plant, width="stretch")
    formula, problem = st.session_state.get(planting_draft.PROBLEM, ("", None))
    if problem is not None and formula == planting_draft.typed():
        show_problem(problem, "This formula was not planted")


def result() -> None:
    """Draws what came of the formula that was planted last, or how far it is."""
    asked: Asked | None = st.session_state.get(_ASKED)
    if asked is None and caches.plantings().state(*_now()).state in ("waiting", "busy", "ready"):
        asked = _now()  # as after the page was loaded anew: what is kept, or on its way, need not be asked for
    if asked is None:
        with st.container(border=True, key="planting-empty", gap="small"):
            st.markdown("## Which network finds it?", anchors=False)
            st.markdown(
                "Three networks see the formula's values at random inputs between −1 and 1, and nothing else: a DCN, a DCN-V2, and a "
                "deep network with about as many weights. A cross network multiplies its inputs, so it can hold a formula exactly, and "
                "its coefficients can be read from its weights. Press *Plant it*: small formulas take some seconds, f3 with its 100 inputs about two minutes."
            )
        return
    found = caches.plantings().state(*asked)
    with st.container(border=True, key="planting-result", gap="small"):
        if found.state in ("waiting", "busy"):
            st.fragment(_waiting, run_every=_EVERY)(asked)
        elif found.state == "failed":
            show_problem(TrainingError(found.problem), "The networks could not learn this formula")
        elif found.state == "ready" and (answer := caches.plantings().result(*asked)) is not None:
            _show(asked, answer)
        else:
            st.markdown("The result is no longer kept. Press *Plant it* to compute it again.")


def _now() -> Asked:
    """What the fields say at this moment."""
    return Asked(planting_draft.typed(), planting_draft.seed())


def _take() -> None:
    name = st.session_state.get(_EXAMPLE)
    if name in EXAMPLES:
        st.session_state[planting_draft.FORMULA] = EXAMPLES[name]


def _size() -> None:
    """Says how large the typed formula is, if it is one."""
    try:
        formula = parse(planting_draft.typed())
    except ConfigError:
        st.caption("This cannot be read as a formula yet.")
        return
    count = len(formula.coefficients)
    st.caption(
        f"{count} product{'s' if count > 1 else ''} of {formula.num_inputs} input{'s' if formula.num_inputs > 1 else ''}, "
        f"of degree {formula.degree}"
    )


def _plant() -> None:
    """Plants what the fields say at this moment."""
    asked = _now()
    st.session_state.pop(planting_draft.PROBLEM, None)
    try:
        caches.plantings().ask(*asked)
    except PlaygroundError as error:
        st.session_state[planting_draft.PROBLEM] = (asked.formula, error)
    else:
        st.session_state[_ASKED] = asked


def _waiting(asked: Asked) -> None:
    found = caches.plantings().state(*asked)
    if found.state not in ("waiting", "busy"):
        st.rerun()
    spent = texts.duration(time.monotonic() - found.began)
    st.text(f"Three networks learn it, for {spent} so far." if found.state == "busy" else "Another formula is first.")
    style.small(_short(asked.formula))
    st.skeleton(height=260)


def _show(asked: Asked, answer: Planted) -> None:
    insight_parts.lead(pictures.sentence(answer.networks, answer.spread))
    style.small(f"{_short(asked.formula)}, seed {asked.seed}")
    insight_parts.title("Error of each network")
    st.dataframe(
        _errors(answer),
        hide_index=True,
        key="planting-errors",
        alt="Error of each network",
        column_config={
            "Error": st.column_config.NumberColumn(
                format="%.2g", help="Root of the mean squared error at 10,000 inputs that no network has seen."
            ),
            "Relative error": st.column_config.NumberColumn(
                format="%.2f %%",
                help="The error beside the standard deviation of the formula's values: 100 % is what always answering their mean gives.",
            ),
            "Weights": st.column_config.NumberColumn(format="localized"),
            "Training": st.column_config.NumberColumn(format="%.1f s"),
        },
    )
    insight_parts.picture(pictures.coefficients(answer.products))
    insight_parts.title("The coefficients in numbers")
    products = answer.products.rename(columns=_NETWORKS | {"product": "Product", "truth": "Formula"})
    learned = products.columns.drop("Product")
    products[learned] = products[learned].round(_DIGITS) + 0.0  # no -0
    st.dataframe(
        products,
        hide_index=True,
        key="planting-products",
        alt="Coefficients of each product, in the formula and as learned",
        height=388 if len(products) > 12 else "content",
        column_config={name: st.column_config.NumberColumn(format=f"%.{_DIGITS}f") for name in learned},
    )


def _errors(answer: Planted) -> pd.DataFrame:
    """One row a network, as the page shows it."""
    found = answer.networks
    return pd.DataFrame(
        {
            "Network": [_NETWORKS.get(name, name) for name in found["network"]],
            "Error": found["test_rmse"],
            "Relative error": 100 * found["test_rmse"] / (answer.spread or 1.0),
            "Weights": found["parameters"],
            "Layers": found["layers"],
            "Training": found["seconds"],
        }
    )


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:160]}…"
