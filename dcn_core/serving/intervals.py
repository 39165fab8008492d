"""How far a prediction can be off: intervals calibrated on the validation ratings, and checked on the test ratings.

Split conformal prediction (Papadopoulos et al. 2002; Lei et al., "Distribution-free predictive inference for regression",
JASA 2018): of n validation ratings, take the distance between rating and prediction that is the ⌈(n + 1) · level⌉-th
smallest. A new rating lies within that distance of its prediction with a probability of at least `level`, if it is
exchangeable with the validation ratings. Here each group of ratings has a distance of its own ("Mondrian" conformal
prediction, Vovk et al. 2005), by how much training knew of the user and the movie.
"""

import contextlib
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dcn_core.data.encoder import EncodedData
from dcn_core.data.splits import Split
from dcn_core.errors import PlaygroundError, PredictionError
from dcn_core.files import read_json, write_json

LEVELS = (0.5, 0.8, 0.9, 0.95)
EDGES = (1, 10, 50)
"""Training ratings of the user or the movie, whichever has fewer, at which the next group begins."""
GROUPS = ("never seen", "seen 1 to 9 times", "seen 10 to 49 times", "seen 50 times or more")
FEWEST = 200
"""Validation ratings that a group needs for a distance of its own; smaller ones take that of all ratings."""
MOST = 200_000
"""Ratings of each part that are looked at: a distance is then known to a thousandth of a star or so."""
FILE = "intervals.json"
_VERSION = 2

Score = Callable[[Mapping[str, np.ndarray]], np.ndarray]
"""Encoded features to raw ratings, `Predictor.score` for instance."""


@dataclass(frozen=True)
class Intervals:
    """Distances, in stars, by group of `GROUPS` and level of `LEVELS`.

    Attributes:
        distance: `[group][level]`; infinite where too few ratings are known for the level.
        calibrated: Validation ratings behind each group's distances.
        own: Whether a group has distances of its own.
        covered: Share of the test ratings within the distance, by level; empty without test ratings.
        covered_by_group: The same `[group][level]`; NaN for a group without test ratings.
        tested: Test ratings of each group.
    """

    distance: tuple[tuple[float, ...], ...]
    calibrated: tuple[int, ...]
    own: tuple[bool, ...]
    covered: tuple[float, ...]
    covered_by_group: tuple[tuple[float, ...], ...]
    tested: tuple[int, ...]

    def around(self, rating: float, group: int, level: float, low: float, high: float) -> tuple[float, float]:
        """The interval of a predicted rating, within the scale from `low` to `high`."""
        distance = self.distance[group][LEVELS.index(level)]
        return max(low, rating - distance), min(high, rating + distance)


def group_of(user_count: np.ndarray | int, movie_count: np.ndarray | int) -> np.ndarray:
    """Position in `GROUPS` by the training ratings of a user and of a movie."""
    return np.searchsorted(EDGES, np.minimum(user_count, movie_count), side="right")


def calibrate(score: Score, data: EncodedData, split: Split, low: float, high: float, seed: int = 0) -> Intervals:
    """Measures the distances on the validation rows and their coverage on the test rows.

    Args:
        score: The trained network.
        data: All ratings, encoded.
        split: Its training rows tell how well users and movies are known.
        low: Lowest rating of the scale, within which predictions are put.
        high: Highest rating of the scale.
        seed: Of the sample where there are more than `MOST` rows.

    Raises:
        PredictionError: There are no validation ratings.
    """
    if len(split.validation) == 0:
        raise PredictionError("an interval needs validation rows. Received none. Train with a validation share.")
    counts = [
        np.bincount(rows[split.train], minlength=int(rows.max(initial=0)) + 1)
        for rows in (data.user_row, data.movie_row)
    ]

    def errors(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.random.default_rng(seed).permutation(rows)[:MOST]
        prediction = np.clip(score(data.inputs(rows)), low, high)
        groups = group_of(counts[0][data.user_row[rows]], counts[1][data.movie_row[rows]])
        return np.abs(data.rating[rows] - prediction).astype(float), groups

    error, group = errors(split.validation)
    everything = _distances(error)
    sizes = np.bincount(group, minlength=len(GROUPS))
    own = tuple(bool(size >= FEWEST) for size in sizes)
    distance = tuple(_distances(error[group == number]) if own[number] else everything for number in range(len(GROUPS)))
    test_error, test_group = errors(split.test) if len(split.test) else (error[:0], group[:0])
    within = test_error[:, None] <= np.array(distance)[test_group]
    return Intervals(
        distance=distance,
        calibrated=tuple(int(size) if mine else len(error) for size, mine in zip(sizes, own, strict=True)),
        own=own,
        covered=tuple(map(float, within.mean(axis=0))) if len(within) else (),
        covered_by_group=tuple(_shares(within[test_group == number]) for number in range(len(GROUPS))),
        tested=tuple(int(size) for size in np.bincount(test_group, minlength=len(GROUPS))),
    )


def kept_intervals(run: Path, data: str, make: Callable[[], Intervals]) -> Intervals:
    """Returns the intervals kept in a finished run's folder; where there are none of its model and of these
    ratings, makes and keeps them.

    Args:
        run: The folder.
        data: Fingerprint of the ratings.
        make: Calibrates them.

    A folder that cannot be written is no error: they are then made again the next time.
    """
    model = hashlib.sha256((run / "model.onnx").read_bytes()).hexdigest()
    with contextlib.suppress(PlaygroundError, KeyError, TypeError, ValueError):  # not there yet, or damaged: made anew
        values = read_json(run / FILE)
        if (values["version"], values["model"], values["data"]) == (_VERSION, model, data):
            return _of_plain(values["intervals"])
    made = make()
    with contextlib.suppress(OSError):
        kept = {"version": _VERSION, "model": model, "data": data, "intervals": _plain(asdict(made))}
        write_json(run / FILE, kept)
    return made


def _distances(error: np.ndarray) -> tuple[float, ...]:
    """The ⌈(n + 1) · level⌉-th smallest error by level."""
    ordered = np.sort(error)
    ranks = [math.ceil((len(error) + 1) * level - 1e-9) for level in LEVELS]
    return tuple(float(ordered[rank - 1]) if rank <= len(ordered) else math.inf for rank in ranks)


def _shares(within: np.ndarray) -> tuple[float, ...]:
    return tuple(map(float, within.mean(axis=0))) if len(within) else (math.nan,) * len(LEVELS)


def _plain(value: Any) -> Any:
    """For JSON, which knows neither infinity nor NaN."""
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _of_plain(values: Any) -> Intervals:
    def rows(name: str) -> tuple[tuple[float, ...], ...]:
        found = tuple(tuple(float(entry) for entry in row) for row in values[name])
        if len(found) != len(GROUPS) or any(len(row) != len(LEVELS) for row in found):
            raise ValueError(f"expected {len(GROUPS)} rows of {len(LEVELS)} numbers under '{name}'")
        return found

    numbers = {name: tuple(int(entry) for entry in values[name]) for name in ("calibrated", "tested")}
    own = tuple(bool(entry) for entry in values["own"])
    if {len(own), *map(len, numbers.values())} != {len(GROUPS)} or len(values["covered"]) not in (0, len(LEVELS)):
        raise ValueError("expected an entry for each group and level")
    return Intervals(
        distance=rows("distance"),
        covered=tuple(float(entry) for entry in values["covered"]),
        covered_by_group=rows("covered_by_group"),
        own=own,
        **numbers,
    )
