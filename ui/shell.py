"""The app: its pages and what surrounds each of them. `app.py` runs this script; no `pages/` folder lies beside it."""

import sys
from pathlib import Path

import streamlit as st

if (root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, root)

from ui import address, draft, frame, places, style, widgets
from ui.errors import calm

PAGES = (
    st.Page(
        places.page("train"),
        title="Train",
        icon=":material/ssid_chart:",
        default=True,
        help="Put a network together, train it and watch it learn.",
    ),
    st.Page(
        places.page("inspect"),
        title="Inspect",
        icon=":material/grid_on:",
        url_path="inspect",
        help="See which features a trained network crosses, and how strongly.",
    ),
    st.Page(
        places.page("predict"),
        title="Predict",
        icon=":material/star_half:",
        url_path="predict",
        help="Ask a trained network what a user would give a movie.",
    ),
    st.Page(
        places.page("compare"),
        title="Compare",
        icon=":material/compare_arrows:",
        url_path="compare",
        help="See which of many runs is better, by how much, and at what cost.",
    ),
    st.Page(
        places.page("search"),
        title="Search",
        icon=":material/travel_explore:",
        url_path="search",
        help="Let many runs look for better settings.",
    ),
    st.Page(
        places.page("data"),
        title="Data",
        icon=":material/database:",
        url_path="data",
        help="Choose the ratings to learn from, and see what is in them.",
    ),
    st.Page(
        places.page("formulas"),
        title="Formulas",
        icon=":material/function:",
        url_path="formulas",
        help="Plant a formula, and see which networks find the products in it.",
    ),
    st.Page(
        places.page("learn"),
        title="Learn",
        icon=":material/school:",
        url_path="learn",
        help="A two-minute tour, experiments that teach something, and the formula with its numbers.",
    ),
    st.Page(
        places.page("present"),
        title="Present",
        icon=":material/slideshow:",
        url_path="present",
        help="One page in large type for an audience, with a few knobs of your choice.",
    ),
)

st.set_page_config(page_title="DCN Playground", page_icon=places.MARK, layout="wide", initial_sidebar_state="collapsed")
st.logo(places.LOGO, size="large")
with calm():
    address.keep_in_step()
page = st.navigation(PAGES, position="top")
style.apply()
with calm():
    widgets.begin()
    draft.enter(page.title)
    frame.header(page.title)
    address.note()
    page.run()
    widgets.end()
