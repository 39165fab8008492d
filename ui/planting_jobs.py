"""Formulas that networks learn in processes of their own, one at a time, and what came of them. No Streamlit."""

import contextlib
import hashlib
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from dcn_core.errors import RunError
from dcn_core.files import parse_json, write_atomic
from dcn_core.polynomials.formula import parse
from ui.processes import environment

LIMIT_S = 300.0
"""Longest that the networks of one formula may train: f3 of the paper takes half of it on one busy core."""
MOST_KEPT = 60
"""Results that are kept; the oldest go. Each can be computed again."""
MOST_WAITING = 6
"""Formulas that may wait for the one before."""
_VERSION = 1
"""Raised whenever the experiment or its answer changes."""
_NETWORKS = ("network", "layers", "parameters", "test_rmse", "seconds")
_PRODUCTS = ("product", "truth", "V1", "V2")
_LOGGER = logging.getLogger("dcn_playground")

State = Literal["none", "waiting", "busy", "ready", "failed"]


@dataclass(frozen=True, eq=False)
class Planted:
    """What networks made of a formula.

    Attributes:
        spread: Standard deviation of the formula's values.
        networks: One row each: `network` (V1, V2, DNN), `layers`, `parameters`, `test_rmse`, `seconds`.
        products: One row each: `product`, its coefficient in `truth`, and as learned by `V1` and `V2`.
    """

    spread: float
    networks: pd.DataFrame
    products: pd.DataFrame


@dataclass
class Planting:
    """Where the learning of a formula stands.

    Attributes:
        state: "none" if nobody asked for it.
        problem: Why it failed, in one sentence.
        began: When it became busy, by `time.monotonic`.
    """

    state: State = "none"
    problem: str = ""
    began: float = 0.0


class Plantings:
    """Starts `python -m dcn_core polynomials`, which loads TensorFlow.

    Args:
        folder: Where results are kept. Made if it is missing.
        limit_s: After so many seconds a process is ended.
    """

    def __init__(self, folder: Path, limit_s: float = LIMIT_S) -> None:
        self.limit_s = limit_s
        self._folder = folder
        self._lock = threading.Lock()
        self._jobs: dict[str, Planting] = {}
        self._queue: queue.Queue[tuple[str, int] | None] = queue.Queue()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        threading.Thread(target=self._work, daemon=True, name="plantings").start()

    def ask(self, formula: str, seed: int) -> None:
        """Has a formula learned, unless its result is there or on its way.

        Raises:
            ConfigError: It is no formula, or too large a one.
            RunError: Too many others are waiting.
        """
        parse(formula)
        with self._lock:
            if self.state(formula, seed).state in ("waiting", "busy", "ready"):
                return
            if self._queue.qsize() >= MOST_WAITING:
                raise RunError(f"at most {MOST_WAITING} formulas may wait. That many do; try again in a minute.")
            for old in [key for key, job in self._jobs.items() if job.state == "failed"][:-MOST_KEPT]:
                del self._jobs[old]
            self._jobs[_key(formula, seed)] = Planting("waiting")
            self._queue.put((formula, seed))

    def state(self, formula: str, seed: int) -> Planting:
        """Where the learning of a formula stands."""
        job = self._jobs.get(_key(formula, seed), Planting())
        return Planting("ready") if job.state == "none" and self._path(formula, seed).is_file() else job

    def result(self, formula: str, seed: int) -> Planted | None:
        """What came of a formula that is ready; None if its file is damaged, or gone to make room for others."""
        try:
            return read(self._path(formula, seed).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._path(formula, seed).unlink(missing_ok=True)
            return None

    def close(self) -> None:
        """Ends what is under way; what waits never starts."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
            if self._process is not None:
                self._process.kill()

    def _path(self, formula: str, seed: int) -> Path:
        return self._folder / f"{_key(formula, seed)}.json"

    def _work(self) -> None:
        while (asked := self._queue.get()) is not None and not self._closed:
            key = _key(*asked)
            job = self._jobs[key]
            job.began, job.state = time.monotonic(), "busy"
            try:
                problem = self._learn(*asked)
            except OSError as error:
                problem = f"the result could not be kept: {error.strerror}."
            if problem:
                job.problem, job.state = problem, "failed"
            else:
                del self._jobs[key]

    def _learn(self, formula: str, seed: int) -> str:
        """Has the networks trained and keeps what came of it. Returns what was in the way, if anything was."""
        options = [f"--formula={formula}", f"--seed={seed}", "--json", "--with-caller"]
        near, far = os.pipe()  # held open by this process: however it ends, the other one sees it
        try:
            with self._lock:
                if self._closed:
                    return "the server is ending."
                self._process = process = subprocess.Popen(
                    [sys.executable, "-m", "dcn_core", "polynomials", *options],
                    stdin=near,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                    env=environment(),
                    text=True,
                )
            out, err = process.communicate(timeout=self.limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return f"the networks may train for {self.limit_s:.0f} s. They were not done by then; use fewer inputs or shorter products."
        finally:
            self._process = None
            os.close(near)
            os.close(far)
        if self._closed:
            return "the server is ending."
        lines = [*err.strip().splitlines(), ""]
        if process.returncode == 2 and (said := lines[-2]).startswith("Error: "):
            return said.removeprefix("Error: ")
        answer = out.strip().rpartition("\n")[2]
        try:
            read(answer)
        except ValueError:
            _LOGGER.error("The networks of a formula ended with %s: %s", process.returncode, err[-2000:])
            if process.returncode == 0:
                return "the coefficients of the formula lead to numbers that are not finite. Use smaller ones."
            return "the process that trains the networks ended early, for a reason that the server's log may tell."
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(self._folder.glob("*.json"), key=_changed)[: -MOST_KEPT + 1]:
            old.unlink(missing_ok=True)
        write_atomic(self._path(formula, seed), answer.encode())
        return ""


def read(text: str) -> Planted:
    """Returns what the command wrote.

    Raises:
        ValueError: It is no such answer, or has numbers that are not finite.
    """
    value = parse_json(text)
    try:
        networks, products = (pd.DataFrame.from_records(value[name]) for name in ("networks", "products"))
        found = Planted(float(value["spread"]), networks[list(_NETWORKS)], products[list(_PRODUCTS)])
        found.networks[list(_NETWORKS[1:])].astype(float)
        found.products[list(_PRODUCTS[1:])].astype(float)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"no answer of the command: {error}") from None
    return found


def _key(formula: str, seed: int) -> str:
    return hashlib.sha256(f"{_VERSION} {seed} {formula}".encode()).hexdigest()[:32]


def _changed(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0
