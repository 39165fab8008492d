"""A run as a terminal shows it while it trains: a progress bar, and Ctrl-C as a polite stop."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from dcn_core.config.metrics import loss_words
from dcn_core.runs.folder import RunFolder

REFRESH_S = 0.2


@contextlib.contextmanager
def progress_bar(run: RunFolder) -> Iterator[None]:
    """Draws the run's progress on standard error until the block ends; nothing if that is not a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    ended = threading.Event()

    def follow(progress: Progress) -> None:
        task = progress.add_task("queued", total=None, note="")
        offset, error = 0, ""
        while not ended.wait(REFRESH_S):
            status = run.status()
            events, offset = run.events(offset)
            for event in events:
                if event.get("type") == "epoch":
                    error = f"{event['epoch']}/{status.epochs}  {loss_words(event['validation'])}"
            speed = f"  {status.examples_per_second:,.0f}/s" if status.examples_per_second else ""
            progress.update(
                task, description=status.state, total=status.steps or None, completed=status.step, note=error + speed
            )

    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        thread = threading.Thread(target=follow, args=(progress,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@contextlib.contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], str | None]]:
    """Yields a control for a training loop: the first Ctrl-C stops it properly, the second ends the program."""
    pressed = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    previous = signal.signal(signal.SIGINT, on_signal)
    try:
        yield lambda: "stop" if pressed.is_set() else None
    finally:
        signal.signal(signal.SIGINT, previous)
