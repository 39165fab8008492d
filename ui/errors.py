"""How errors meet a person: expected ones calmly, unexpected ones as a bug with a reference into the server's log."""

import contextlib
import logging
import secrets
from collections.abc import Iterator

import streamlit as st

from dcn_core.errors import PlaygroundError
from dcn_core.runs.log import SERVER_FILE, append_log
from dcn_core.runs.store import default_runs_path

_LOGGER = logging.getLogger("dcn_playground")


def show_problem(error: PlaygroundError, title: str = "This did not work") -> None:
    """Shows what was expected, what came and what to do. The text is data and is never read as Markdown."""
    with st.container(border=True, gap="xsmall", key=f"problem-{abs(hash((title, str(error))))}"):
        st.markdown(f":orange[:material/error:] **{title}**")
        for line in str(error).split("; "):
            st.text(line[:1].upper() + line[1:])


def show_bug(error: Exception) -> bool:
    """Shows an unexpected exception as a bug of this app; the details go to the server's log only.

    Returns:
        True, which tells Streamlit that nothing more is to be shown.
    """
    if isinstance(error, PlaygroundError):
        show_problem(error)
        return True
    reference = secrets.token_hex(3)
    _LOGGER.error("Bug %s: %s. Its traceback stands above.", reference, type(error).__name__)
    append_log(default_runs_path() / SERVER_FILE, "error", f"Bug {reference} in a page.", error)
    with st.container(border=True, gap="xsmall", key=f"bug-{reference}"):
        st.markdown(":orange[:material/bug_report:] **Something in this app went wrong**")
        st.markdown(
            "This is a mistake in the playground, not in what you did. Your runs are safe; reload the page to go on. "
            f"The details are under `{reference}` in the server's log, `{SERVER_FILE}` in the runs folder."
        )
    return True


@contextlib.contextmanager
def calm(title: str = "This did not work") -> Iterator[None]:
    """Shows a `PlaygroundError` of its block in place, and lets the page go on below it."""
    try:
        yield
    except PlaygroundError as error:
        show_problem(error, title)
