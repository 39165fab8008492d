"""Choose the ratings to learn from, and see what is in them."""

import streamlit as st

from dcn_core.errors import PlaygroundError
from ui import caches, data_store, draft, form, insight_parts, portrait, source_cards, style
from ui.errors import calm, show_problem

source_cards.row()
source_cards.panel()
left, right = st.columns([5, 8], gap="medium")
with left, st.container(border=True, key="split"), form.speaking():
    st.markdown("## Split", anchors=False)
    form.setting("data", "split")
    with st.grid(2, min_column_width=150, gap="small"):
        form.setting("data", "validation_fraction")
        form.setting("data", "test_fraction")
    meter = st.container(key="split-meter", gap="small")

with right:
    try:
        config = draft.config().data
        dataset = caches.dataset(config)
    except PlaygroundError as error:
        show_problem(error, "This data cannot be used")
        st.stop()
    with st.container(border=True, key="overview"):
        style.heading(dataset.name)
        profile = caches.profile_of(config)
        with insight_parts.speaking(data_store.speech_of(config)):
            portrait.counts(profile)
            portrait.features(profile)
        for note in dataset.notes:
            st.text(note)
        portrait.planted(dataset)
    crosses = st.container(border=True, key="box-crosses")

with insight_parts.speaking(data_store.speech_of(config)):
    with meter, calm("This data cannot be split like this"):
        portrait.split_meter(dataset, config)
    portrait.pictures(config)
    with crosses:
        portrait.crosses(dataset, config)
