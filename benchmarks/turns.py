"""Processes that take turns, so that all of a comparison meet the same moods of the machine.

Each library runs in a process of its own: none of them meets another's threads, memory or settings. A player prepares
itself, then does its work once each time it is told to; while one plays, the others wait on their standard input.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[1]
PEERS_PYTHON = ROOT / ".bench-venv" / "bin" / "python"
"""Where PyTorch and JAX are installed. Not beside the app: TensorFlow would import JAX as well, which its users do not."""


class Turns:
    """A player's own side. Whatever its libraries print goes to standard error."""

    def __init__(self) -> None:
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def wait(self) -> None:
        """Returns when it is this player's turn; ends the process when there are no more."""
        if not sys.stdin.readline():
            os._exit(0)

    def answer(self, **values: Any) -> None:
        """Ends the turn and tells what it took."""
        self._answers.write(json.dumps(values) + "\n")
        self._answers.flush()


class Player:
    """A process that plays, seen from the one that leads.

    It starts at once, and with a first turn that nobody counts: that one loads, compiles and warms up.

    Args:
        name: Whose work it does.
        module: What to run, with `arguments`.
        environment: Variables beside the current ones.
        python: The interpreter; None for the current one.
    """

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Sequence[Any] = (),
        environment: dict[str, str] | None = None,
        python: Path | None = None,
    ) -> None:
        self.name = name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the player
        self._process = subprocess.Popen(
            [str(python or sys.executable), "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | (environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._go()

    def ready(self) -> "Player":
        """Waits for the end of the first turn."""
        self._answer()
        return self

    def turn(self) -> dict[str, Any]:
        """Lets the player play once and returns its answer."""
        self._go()
        return self._answer()

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()
        self._log.close()

    def _go(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # its answer tells why

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        self._process.wait()
        self._log.seek(0)
        raise RuntimeError(f"{self.name} ended:\n{self._log.read().decode(errors='replace')[-3000:]}")


class TakesTurns(Protocol):
    """Whatever has a name and turns."""

    name: str

    def turn(self) -> dict[str, Any]: ...


def take_turns(players: Sequence[TakesTurns], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Returns each player's answers of `rounds` rounds, played in turns: A B C, A B C, ..."""
    answers: dict[str, list[dict[str, Any]]] = {player.name: [] for player in players}
    for _ in range(rounds):
        for player in players:
            answers[player.name].append(player.turn())
    return answers
