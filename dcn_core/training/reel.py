"""Snapshots of a network while it trains, one file a frame, so that its story can be shown later. Without TensorFlow.

A frame holds every weight by name, of large tables only the rows that will be shown. Frames are taken before the first
step and after epochs; when there are too many, every second one goes. Which epochs are kept follows from how far
training has come, so a run that was interrupted ends with the frames of one that was not.
"""

import contextlib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from dcn_core.files import write_atomic

MOST_FRAMES = 40
MOST_BYTES = 32_000_000
"""Of all frames of a run together."""
FEWEST_FRAMES = 4
"""A network so large that not even these fit has no film."""
ROWS = "rows/"
"""Before the name of a table that was cut stands the list of its rows that are there."""


class Reel(Mapping[int, dict[str, np.ndarray]]):
    """The frames of a run by epoch; 0 is the network before training. They are read when they are asked for.

    Args:
        folder: Where the frames lie. Made with the first one.
        rows: Rows that are kept of some tables, by the weight's name and in order; all are of the others.
    """

    def __init__(self, folder: Path, rows: Mapping[str, np.ndarray] | None = None) -> None:
        self._folder = folder
        self._rows = rows or {}

    def __iter__(self) -> Iterator[int]:
        """Epochs of the frames, first to last."""
        return iter(sorted(int(path.stem.removeprefix("frame-")) for path in self._folder.glob("frame-*.npz")))

    def __len__(self) -> int:
        """Number of frames."""
        return sum(1 for _ in self)

    def __getitem__(self, epoch: int) -> dict[str, np.ndarray]:
        """The weights of a frame by name, and under `rows/<name>` which rows of a table it has.

        Raises:
            KeyError: There is no such frame, or a power cut has damaged it.
        """
        try:
            with self._path(epoch).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise KeyError(epoch) from error

    def rewind(self, epoch: int) -> None:
        """Takes away the frames after an epoch, from where training goes on; -1 for all."""
        self._keep({kept for kept in self if kept <= epoch})

    def take(
        self, epoch: int, values: Callable[[], Mapping[str, np.ndarray]], best_epoch: int = 0, last: bool = False
    ) -> None:
        """Takes a frame, if this epoch is to be one. A film is not worth a run: what cannot be written is left out.

        Args:
            epoch: Epochs trained so far.
            values: Returns all weights by name.
            best_epoch: The epoch of the best weights so far, which always has a frame.
            last: Whether training ends here, which also has one.
        """
        if epoch != best_epoch and not last and epoch % stride(epoch, MOST_FRAMES):
            return
        frame = self._cut(values())
        most = min(MOST_FRAMES, MOST_BYTES // sum(array.nbytes for array in frame.values()))
        if most < FEWEST_FRAMES:
            return
        step = stride(epoch, most)
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            write_atomic(self._path(epoch), lambda file: np.savez(file, **frame), durable=False)  # type: ignore[arg-type]
            self._keep({kept for kept in self if kept % step == 0 or kept in (best_epoch, epoch)})

    def _cut(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        frame = {}
        for name, value in values.items():
            rows = self._rows.get(name)
            frame[name] = value if rows is None else value[rows]
            if rows is not None:
                frame[f"{ROWS}{name}"] = rows.astype(np.int32)
        return frame

    def _keep(self, epochs: set[int]) -> None:
        for epoch in set(self) - epochs:
            self._path(epoch).unlink(missing_ok=True)

    def _path(self, epoch: int) -> Path:
        return self._folder / f"frame-{epoch:04d}.npz"


def stride(epoch: int, most: int) -> int:
    """Epochs from one frame to the next once training has come so far: 1, 2, 4, ..., so that `most` frames are enough.

    Two are left free, for the best epoch and the last one.
    """
    step = 1
    while epoch // step + 1 > most - 2:
        step *= 2
    return step
