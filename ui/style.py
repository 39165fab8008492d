"""The few rules of style that the theme's own settings cannot say."""

import streamlit as st

_RULES = """
<style>
.stMainBlockContainer { max-width: 1400px; margin: 0 auto; }
</style>
"""


def apply() -> None:
    """Adds the rules to the page."""
    st.html(_RULES)
