"""The surroundings of a process that computes for a page, so that the server stays light. No Streamlit."""

from dcn_core.interpreter import with_our_code


def environment() -> dict[str, str]:
    """Environment of a process that finds `dcn_core` and computes on one thread: it must not slow down training beside it."""
    return with_our_code() | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
