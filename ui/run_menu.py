"""What a person may do with the shown run once it stands: name it, note something, pin it, train it further, delete it, and
bring back a deleted one."""

from collections.abc import Callable

import streamlit as st

from dcn_core.errors import PlaygroundError
from dcn_core.runs.store import RunSummary
from dcn_core.runs.texts import MOST_LETTERS
from ui import caches, frame, session, share
from ui.errors import show_problem

_PROBLEM = "run-menu-problem"
_DELETED = "run-menu-deleted"
_FURTHER = "further-epochs"
_CHOSEN = "deleted-run"


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
        _trash()
    if shown.note:
        st.text(shown.note)
    _way_back()


def without_run() -> None:
    """The way back where no run is left to show."""
    _trash()
    _way_back()


def _way_back() -> None:
    """What was just deleted, and what went wrong."""
    if deleted := st.session_state.get(_DELETED):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="undo-line"):
            st.text(f"Deleted: {deleted[1]}")
            st.button(
                "Undo",
                key="undo-delete",
                icon=":material/undo:",
                type="tertiary",
                on_click=_restore,
                args=(deleted[0],),
            )
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)


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


def _restore(run_id: str) -> None:
    def restore() -> None:
        if st.session_state.get(_DELETED, (None,))[0] == run_id:
            del st.session_state[_DELETED]
        caches.store().restore(run_id)
        session.show_run(run_id)

    _act(restore)


def _trash() -> None:
    """Draws the button that opens the list of deleted runs, if there are any. They are only read then."""
    if caches.store().trash.ids() and st.button(
        "Deleted runs", icon=":material/restore_from_trash:", type="tertiary", key="deleted-runs"
    ):
        _deleted()


@st.dialog("Deleted runs")
def _deleted() -> None:
    labels = frame.picker_labels(caches.store().deleted())
    st.selectbox("Last deleted first", list(labels), format_func=labels.__getitem__, key=_CHOSEN, filter_mode="fuzzy")
    st.caption(f"A deleted run is kept for {caches.supervisor().limits.trash_days:g} days.")
    if st.button("Restore", key="restore-run", type="primary", on_click=_restore_chosen):
        st.rerun()


def _restore_chosen() -> None:
    if run_id := st.session_state[_CHOSEN]:  # the trash may have been emptied meanwhile
        _restore(run_id)


def _act(action: Callable[[], object]) -> None:
    try:
        action()
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error
