"""The releases of MovieLens: one click downloads one, after its terms were accepted."""

import streamlit as st

from dcn_core.data.downloads import downloaded
from dcn_core.data.fetching import Download, Downloads
from dcn_core.data.releases import PAGE, RELEASES, TERMS, Release
from ui import source
from ui.errors import show_problem

ACCEPTED = "terms-accepted"
"""Session key of the box that says that the terms are accepted."""
_WAITING = "release-waiting"
_EVERY_S = 0.7


@st.cache_resource(show_spinner=False)
def downloads() -> Downloads:
    """What this server downloads, shared by all sessions."""
    return Downloads()


def show() -> None:
    """Draws the terms, and every release with what can be done with it."""
    _terms()
    every = _EVERY_S if downloads().running else None
    st.fragment(_rows, run_every=every)(every is not None)
    st.caption(
        f"From {PAGE}, into this app's cache folder. Without a way to the internet, download an archive elsewhere and choose *Upload* "
        "or *On this machine*."
    )


def _terms() -> None:
    with st.container(gap="xsmall", key="terms"):
        for kind, text in TERMS.items():
            titles = ", ".join(
                release.title.removeprefix("MovieLens ") for release in RELEASES if release.terms == kind
            )
            with st.expander(f"Terms of MovieLens {titles}", icon=":material/gavel:"):
                st.text(text)
                st.caption(
                    "In full: " + " · ".join(f"[{one.title}]({one.readme})" for one in RELEASES if one.terms == kind)
                )
        st.checkbox(
            "I have read the terms of use and accept them: research and teaching, not commercial, cited when published.",
            key=ACCEPTED,
            persist_state="session",
        )


def _rows(was_running: bool) -> None:
    """One line a release. Looks again by itself while something is on its way."""
    for release in RELEASES:
        _row(release, downloads().of(release))
    waiting = st.session_state.get(_WAITING)
    mine = next((release for release in RELEASES if release.name == waiting), None)
    if mine is not None and (ended := downloads().of(mine)) is not None and ended.state != "running":
        del st.session_state[_WAITING]
        if ended.state == "done":
            _use(mine)
            st.rerun()
    if was_running != downloads().running:
        st.rerun()  # the whole page: a press in here draws this part only, and would leave its clock as it was


def _row(release: Release, download: Download | None) -> None:
    with st.container(key=f"release-{release.name}", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            with st.container(width="content", gap=None):
                st.markdown(f"**{release.title}**", width="content")
                st.caption(
                    f"{release.ratings:,} ratings, {release.size / 1e6:,.1f} MB: {release.about}", width="content"
                )
            _action(release, download)
        if download is not None and download.state == "running":
            speed = f", {download.speed / 1e6:,.1f} MB/s" if download.speed else ""
            st.progress(download.share, f"{download.have / 1e6:,.1f} of {download.total / 1e6:,.1f} MB{speed}")
        elif download is not None and download.error is not None:
            show_problem(download.error, f"{release.title} could not be downloaded")


def _action(release: Release, download: Download | None) -> None:
    """The one button that makes sense now."""
    if download is not None and download.state == "running":
        st.button("Stop", key=f"stop-{release.name}", icon=":material/stop_circle:", on_click=download.stop)
    elif (path := downloaded(release)) is not None:
        if source.current() == str(path):
            st.badge("In use", color="green")
        else:
            st.button("Use", key=f"use-{release.name}", icon=":material/check:", on_click=_use, args=(release,))
    else:
        label = "Go on" if download is not None and download.have else "Download"
        st.button(
            label,
            key=f"download-{release.name}",
            icon=":material/download:",
            on_click=_start,
            args=(release,),
            disabled=not st.session_state.get(ACCEPTED),
            help=None if st.session_state.get(ACCEPTED) else "Accept the terms first.",
        )


def _start(release: Release) -> None:
    if st.session_state.get(ACCEPTED):  # a browser may press a button that is not offered
        downloads().start(release)
        st.session_state[_WAITING] = release.name


def _use(release: Release) -> None:
    path = downloaded(release)
    if path is not None:
        source.use(str(path), f"{release.title} cannot be used")
