"""What the operator wants to know of this server: version, room, queue, workers, limits."""

import os
from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from dcn_core import __version__
from dcn_core.data.cache import cache_folder
from dcn_core.runs.limits import Limits
from ui import caches, frame, texts


def button() -> None:
    """Draws the button that opens the panel. What it shows is only counted then."""
    if st.button("This server", icon=":material/dns:", type="tertiary", key="server-panel"):
        _panel()


@st.dialog("This server")
def _panel() -> None:
    store, supervisor = caches.store(), caches.supervisor()
    runs, workers = frame.runs(), supervisor.workers()
    waiting = sum(run.state == "queued" for run in runs)
    facts = {
        "Version": __version__,
        "Runs": f"{len(runs)}, of them {waiting} waiting and {len(store.trash.ids())} in the trash",
        "Room of the runs": f"{texts.compact(size(store.root))}B",
        "Room of the caches": f"{texts.compact(size(cache_folder()))}B",
        "Workers": ", ".join(f"{pid} ({run_id})" for run_id, pid in workers.items()) or "none",
        **limit_words(supervisor.limits),
    }
    st.table([{"What": what, "Value": value} for what, value in facts.items()], hide_index=True)
    st.caption("`python -m dcn_core doctor` looks everything over and mends what it can.")


def limit_words(limits: Limits) -> dict[str, str]:
    """The limits for a person."""
    return {
        "Most ratings": f"{limits.max_rows:,}",
        "Most weights": f"{limits.max_parameters:,}",
        "Most ratings times epochs": f"{limits.max_work:,}",
        "Most memory of a run": f"{limits.memory_mb:,.0f} MB",
        "Most of uploaded archives": f"{limits.max_uploads_mb:,.0f} MB",
        "Most time for a run": texts.duration(60 * limits.max_minutes),
        "Most runs that wait": str(limits.max_queue),
        "Unpinned runs that are kept": str(limits.keep_runs or "all"),
        "Deleted runs are kept for": f"{limits.trash_days:g} days",
    }


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(_sizes(str(folder)))


def _sizes(folder: str) -> Iterator[int]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _sizes(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False).st_size
    except OSError:
        return  # deleted meanwhile
