"""Plant a formula, and see which networks find the products in it."""

import streamlit as st

from ui import ahead, planting

left, right = st.columns([5, 8], gap="medium")
with left, st.container(border=True, key="planting-form"):
    planting.form()
with right:
    planting.result()
ahead.charts()
