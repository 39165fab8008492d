"""Sources of ratings: the generated world, an archive or folder on this machine, an uploaded archive."""

import streamlit as st

from dcn_core.config.run import parse_config
from dcn_core.config.world import CROSS_FIELDS
from dcn_core.data.sources import GENERATED, parse_source
from dcn_core.data.uploads import MOST_MEGABYTES, forget_upload, keep_upload
from dcn_core.errors import PlaygroundError
from ui import caches, draft, form
from ui.errors import show_problem

OPENED = "source-card"
"""Session key of the card that is open."""
_PATH = "source-path"
_PROBLEM = "source-problem"
_UNUSABLE = "This archive cannot be used"


def current() -> str:
    """The draft's source."""
    source: str = draft.values()["data"]["source"]
    return source


def is_generated(source: str) -> bool:
    """Whether a source is the generated world."""
    return parse_source(source)["source"] == GENERATED if source else False


def generated() -> None:
    """The knobs of the generated world: size and noise, and which crosses are planted in it."""
    knobs, planted = st.columns([4, 9], gap="large")
    with knobs:
        form.setting("data", "num_ratings")
        form.setting("data", "noise")
        form.setting("data", "world_seed")
    with planted:
        st.markdown("## Planted crosses", anchors=False)
        st.caption(
            "How many stars each pair of features moves a rating beyond what its two features do alone. After a run, Inspect "
            "shows them beside the learned ones."
        )
        with st.grid(5, min_column_width=150, gap="small"):
            for name in CROSS_FIELDS.values():
                form.setting("data", name)


def on_disk() -> None:
    """The path of an archive or folder."""
    source = current()
    st.session_state.setdefault(_PATH, "" if is_generated(source) else source)
    st.text_input(
        "Path",
        key=_PATH,
        placeholder="/data/ml-1m.zip",
        on_change=_path_given,
        help="A MovieLens archive (100k, 1m, 10m, 20m, 25m, 32m, latest) or the folder it was unpacked to, on the machine that "
        "runs this app.",
    )


def upload() -> None:
    """An archive from the browser's machine."""
    st.caption("It is kept in this app's cache folder, on the machine that runs this app only.")
    file = st.file_uploader(
        "Archive", type=["zip"], max_upload_size=MOST_MEGABYTES, key="source-upload", label_visibility="collapsed"
    )
    if file is not None and st.session_state.get("source-uploaded") != file.file_id:
        st.session_state["source-uploaded"] = file.file_id
        with st.spinner("Reading the archive"):
            take_up(file.getvalue())


def problem() -> None:
    """Says once why the last source that was tried is not used."""
    if noted := st.session_state.pop(_PROBLEM, None):
        show_problem(*noted)


def forget_choice() -> None:
    """Lets the choice follow the draft again, whose source was changed from elsewhere."""
    for key in (OPENED, _PATH):
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
        dataset = caches.dataset(parse_config({"data": values}).data)
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = (error, title)
        return False
    draft.use_source(**values, archive_ratings=0 if is_generated(text) else dataset.num_ratings)
    return True


def _path_given() -> None:
    if text := st.session_state[_PATH].strip():
        use(text, "This path cannot be used")
