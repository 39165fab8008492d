"""How many steps each call of the compiled loop makes, and what is reported of the speed."""

import time

SECONDS_PER_CALL = 0.15
"""Long enough that a call's own cost (about a millisecond) does not count, short enough for a live curve and a button."""
SHORTEST_CALL_S = 0.05
"""What a call takes at least, even if an epoch then has fewer of them than `CALLS_PER_EPOCH`."""
CALLS_PER_EPOCH = 5


class Pace:
    """Chooses the steps of the next call from the time that the calls before took.

    The weights do not depend on where an epoch is cut, so this may follow the clock.

    Args:
        steps_per_epoch: Steps of an epoch.
        batch_size: Ratings of a step.
    """

    def __init__(self, steps_per_epoch: int, batch_size: int) -> None:
        self._most = max(1, -(-steps_per_epoch // CALLS_PER_EPOCH))
        self._batch_size = batch_size
        self._seconds_per_step: float | None = None

    def next_steps(self, steps_left: int) -> int:
        """Steps of the next call, when the epoch has some left. The first call makes few, so that a curve begins."""
        if self._seconds_per_step is None:
            return min(steps_left, self._most, 2)
        most, least = (int(seconds / self._seconds_per_step) for seconds in (SECONDS_PER_CALL, SHORTEST_CALL_S))
        return min(steps_left, max(1, least, min(self._most, most)))

    def record(self, steps: int, seconds: float) -> None:
        """Takes note of a call. Recent calls weigh more."""
        per_step = max(seconds, 1e-9) / steps
        before = self._seconds_per_step
        self._seconds_per_step = per_step if before is None else (before + per_step) / 2

    @property
    def seconds_per_step(self) -> float:
        """Recent mean; 0 before the first call."""
        return self._seconds_per_step or 0.0

    @property
    def examples_per_second(self) -> float:
        """Ratings trained in a second; 0 before the first call."""
        return self._batch_size / self._seconds_per_step if self._seconds_per_step else 0.0


class Stopwatch:
    """Counts seconds, except while it is held."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._since: float | None = time.perf_counter()

    def hold(self) -> None:
        """Stops counting until `go`."""
        self._seconds, self._since = self.seconds, None

    def go(self) -> None:
        """Counts on."""
        if self._since is None:
            self._since = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Counted so far."""
        return self._seconds + (0.0 if self._since is None else time.perf_counter() - self._since)
