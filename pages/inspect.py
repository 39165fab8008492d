"""See which features a trained network crosses, and how strongly."""

import streamlit as st

from ui import caches, inspection
from ui.empty import needs_finished_run

run = needs_finished_run("Its crosses appear here when it has finished.")
assert run.config is not None
if run.config.model.structure == "deep" or run.config.model.num_cross_layers == 0:
    with st.container(border=True, key="no-crosses"):
        st.markdown("#### This network has no cross layers", anchors=False)
        st.markdown(
            "It can cross features only inside its deep layers, where they cannot be read off. "
            "Train one with cross layers to see them here."
        )
else:
    arrays = caches.insight(run.id)
    with st.container(border=True, key="interactions"):
        inspection.interactions(run, run.config, arrays)
    with st.container(border=True, key="weights"):
        inspection.weights(run, run.config, arrays)
