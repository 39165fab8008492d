"""Find better settings: trials that learn from each other, each an ordinary run."""

import streamlit as st

from ui import form, sweep_board, sweep_form, sweep_store

sweep_store.conductor()  # goes on with what an earlier server has left
left, right = st.columns([5, 8], gap="medium")
with left, st.container(border=True, key="sweep-form"), form.speaking():
    sweep_form.show()
with right:
    sweep_board.show()
