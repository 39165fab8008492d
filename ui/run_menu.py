"""What a person may do with the shown run once it stands: name it, note something, pin it, train it further, delete it."""

from collections.abc import Callable

import streamlit as st

from dcn_core.errors import PlaygroundError
from dcn_core.runs.store import RunSummary
from dcn_core.runs.texts import MOST_LETTERS
from ui import caches, session, share
from ui.errors import show_problem

_PROBLEM = "run-menu-problem"
_DELETED = "run-menu-deleted"
_FURTHER = "further-epochs"


def menu(shown: RunSummary) -> None:
    """Draws the buttons, the run's note, and the way back from a deletion."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run-menu"):
        with st.popover("Name and note", icon=":material/edit:"):
            _edit(shown)
        if shown.status.finished:
            with st.popover("Train further", icon=":material/fast_forward:"):
                _further(shown)
        share.menu(shown)
        if not shown.status.active:
            st.button("Delete", icon=":material/delete:", key="delete-run", on_click=_delete, args=(shown,))
    if shown.note:
        st.text(shown.note)
    if deleted := st.session_state.get(_DELETED):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="undo-line"):
            st.text(f"Deleted: {deleted[1]}")
            st.button("Undo", key="undo-delete", icon=":material/undo:", type="tertiary", on_click=_undo)
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)


def undo_line() -> None:
    """The way back where the last run was deleted and no run is left to show."""
    if deleted := st.session_state.get(_DELETED):
        st.text(f"Deleted: {deleted[1]}")
        st.button("Undo", key="undo-delete", icon=":material/undo:", on_click=_undo)


def _edit(shown: RunSummary) -> None:
    """The keys hold the run's id, so that what was typed for one run is never saved to another."""
    with st.form(f"edit-{shown.id}", border=False):
        name = st.text_input("Name", shown.name, max_chars=MOST_LETTERS["name"], key=f"name-{shown.id}")
        note = st.text_area("Note", shown.note, max_chars=MOST_LETTERS["note"], key=f"note-{shown.id}")
        pinned = st.toggle("Keep when old runs make room", shown.pinned, key=f"pin-{shown.id}")
        if st.form_submit_button("Save", key=f"save-{shown.id}"):
            _act(lambda: caches.store().edit(shown.id, name, note, pinned))
            st.rerun()


def _further(shown: RunSummary) -> None:
    st.caption("A new run goes on where this one stood, optimiser included. This one stays as it is.")
    st.number_input("More epochs", 1, 1_000, value=5, key=_FURTHER)
    st.button("Train", key="train-further", type="primary", on_click=_train_further, args=(shown.id,))


def _train_further(run_id: str) -> None:
    epochs = int(st.session_state[_FURTHER])
    _act(lambda: session.show_run(caches.supervisor().train_further(run_id, epochs)))


def _delete(shown: RunSummary) -> None:
    def delete() -> None:
        caches.supervisor().delete(shown.id)
        st.session_state[_DELETED] = shown.id, shown.name
        session.forget_run()

    _act(delete)


def _undo() -> None:
    def undo() -> None:
        run_id, _ = st.session_state.pop(_DELETED)
        caches.store().restore(run_id)
        session.show_run(run_id)

    _act(undo)


def _act(action: Callable[[], object]) -> None:
    try:
        action()
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error
