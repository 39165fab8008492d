"""Is it real? What the error becomes when a part is taken away."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.pictures import knockouts
from dcn_core.runs.store import RunSummary
from ui import insight_parts, insight_store


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "knockouts")
    if found is None:
        return
    with st.container(border=True, key="knockouts"):
        insight_parts.lead(found.sentences["parts"])
        blocks = knockouts.blocks(found, insight_store.feature_names(run.id))
        left, right = st.columns(2, gap="large") if blocks is not None else (st.container(), None)
        with left:
            insight_parts.picture(knockouts.parts(found))
        if right is not None and blocks is not None:
            with right:
                insight_parts.picture(blocks)
        elif config.model.combination == "token_mean":
            st.caption("Features share one block of weights in this network, so no block can be taken away by itself.")
        else:
            st.caption("Without cross layers there are no blocks to take away.")
