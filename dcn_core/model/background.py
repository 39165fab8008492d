"""Work beside the thread that trains, whose compiled steps do not hold Python's lock."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def in_background(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
    """Begins to work in a thread of its own, which ends with it. What it raises, `result` of the answer raises."""
    thread = ThreadPoolExecutor(1)
    begun = thread.submit(work, *args, **kwargs)
    thread.shutdown(wait=False)
    return begun
