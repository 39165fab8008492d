"""Choose the ratings to learn from, and see what is in them."""

import streamlit as st

from dcn_core.errors import PlaygroundError
from ui import caches, draft, form, portrait, source, style
from ui.errors import calm, show_problem

left, right = st.columns([5, 8], gap="medium")
with left:
    with st.container(border=True, key="source"):
        st.markdown("#### Source", anchors=False)
        source.chooser()
    with st.container(border=True, key="split"):
        st.markdown("#### Split", anchors=False)
        form.setting("data", "split")
        with st.grid(2, min_column_width=150, gap="small"):
            form.setting("data", "validation_fraction")
            form.setting("data", "test_fraction")
        meter = st.container(key="meter", gap="small")

with right:
    try:
        config = draft.config().data
        dataset = caches.dataset(config)
    except PlaygroundError as error:
        show_problem(error, "These ratings cannot be used")
        st.stop()
    with st.container(border=True, key="overview"):
        style.heading(dataset.name)
        profile = caches.profile_of(config)
        portrait.counts(profile)
        portrait.features(profile)
        for note in dataset.notes:
            st.text(note)
        portrait.planted(dataset)
    portrait.distributions(profile)

with meter, calm("The ratings cannot be split like this"):
    portrait.split_meter(dataset, config)
