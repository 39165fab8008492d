"""Choosing the ratings: the generated world, an archive or folder on this machine, or an uploaded archive."""

import streamlit as st

from dcn_core.config.run import parse_config
from dcn_core.config.world import CROSS_FIELDS
from dcn_core.data.sources import parse_source
from dcn_core.data.uploads import MOST_MEGABYTES, forget_upload, keep_upload
from dcn_core.errors import PlaygroundError
from ui import caches, draft, form
from ui.errors import show_problem

KINDS = ("Generated", "On this machine", "Upload")
_KIND = "source-kind"
_PROBLEM = "source-problem"
_UNUSABLE = "This archive cannot be used"


def chooser() -> None:
    """Draws the choice; the draft's source changes only to one that could be read."""
    current = draft.values()["data"]["source"]
    st.session_state.setdefault(_KIND, KINDS[0] if current.startswith("generated") else KINDS[1])
    kind = st.segmented_control(
        "Ratings from",
        KINDS,
        required=True,
        key=_KIND,
        on_change=_chosen,
        width="stretch",
        label_visibility="collapsed",
    )
    if kind == "Generated":
        st.caption(
            "A world of invented users and movies, with crosses planted in it: afterwards you can see which ones a network found."
        )
        form.setting("data", "num_ratings")
        form.setting("data", "noise")
        form.setting("data", "world_seed")
        with st.expander("Planted crosses", icon=":material/potted_plant:"):
            st.caption("Stars that each pair of features explains beyond what its two features do alone.")
            with st.grid(2, min_column_width=150, gap="small"):
                for name in CROSS_FIELDS.values():
                    form.setting("data", name)
    elif kind == "On this machine":
        st.caption(
            "Path of a MovieLens archive (ml-100k, ml-1m, latest, 25m, 32m) or of its unpacked folder, on the machine that runs this app."
        )
        st.session_state.setdefault("source-path", "" if current.startswith("generated") else current)
        st.text_input("Path", key="source-path", placeholder="/data/ml-1m.zip", on_change=_path_given)
    else:
        st.caption(
            "A MovieLens archive as it was downloaded. It is kept in this app's cache folder, on this machine only."
        )
        file = st.file_uploader(
            "Archive", type=["zip"], max_upload_size=MOST_MEGABYTES, key="source-upload", label_visibility="collapsed"
        )
        if file is not None and st.session_state.get("source-uploaded") != file.file_id:
            st.session_state["source-uploaded"] = file.file_id
            with st.spinner("Reading the archive"):
                take_up(file.getvalue())
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(*problem)


def forget_choice() -> None:
    """Lets the choice follow the draft again, whose source was changed from elsewhere."""
    for key in (_KIND, "source-path"):
        st.session_state.pop(key, None)


def take_up(content: bytes) -> None:
    """Keeps an uploaded archive and makes it the draft's source if it can be read."""
    used = {run.config.data.source for run in caches.store().list() if run.config is not None}
    try:
        path = keep_upload(content, caches.supervisor().limits.max_uploads_mb, used)
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = (error, _UNUSABLE)
        return
    if not use(str(path), _UNUSABLE) and str(path) not in used:
        forget_upload(path)


def use(text: str, title: str) -> bool:
    """Makes a source the draft's if it can be read; else notes why not. Returns whether it could."""
    try:
        values = parse_source(text)
        caches.dataset(parse_config({"data": values}).data)
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = (error, title)
        return False
    for name, value in values.items():
        draft.set_value("data", name, value)
    return True


def _chosen() -> None:
    if st.session_state[_KIND] == "Generated":
        draft.set_value("data", "source", "generated")


def _path_given() -> None:
    if text := st.session_state["source-path"].strip():
        use(text, "This path cannot be used")
