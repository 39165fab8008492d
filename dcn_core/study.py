"""Writes a finished run's report into its folder, section by section: `python -m dcn_core.study <run folder>`.

The worker writes the first section when training has ended; the rest, and the whole of runs trained before there was a
report, is written by a process of its own with low priority, so that no page ever waits.
"""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcn_core.data.sources import load_dataset
from dcn_core.errors import PlaygroundError, RunError
from dcn_core.files import read_json, write_json
from dcn_core.insight.report import Section, Subject
from dcn_core.insight.sections import SECTIONS
from dcn_core.insight.speech import Speech
from dcn_core.runs.folder import RunFolder
from dcn_core.training.reel import Reel

VERSION = 5
"""Raised whenever a section holds other things, so that older ones are written anew."""


@dataclass(frozen=True, eq=False)
class Report:
    """The sections that are there, and why some could not be written."""

    sections: Mapping[str, Section]
    problems: Mapping[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Sections that nobody has tried to write."""
        return tuple(name for name in SECTIONS if name not in self.sections and name not in self.problems)


def read_report(run: RunFolder) -> Report:
    """What has been written of a run so far."""
    values = _read(run)
    arrays: dict[str, dict[str, Any]] = {}
    if values["sections"]:
        for key, array in run.insight().items():
            section, slash, name = key.partition("/")
            if slash:
                arrays.setdefault(section, {})[name] = array
    sections = {}
    for name, plain in values["sections"].items():
        with contextlib.suppress(ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            sections[name] = Section.of_plain(plain, arrays.get(name, {}))  # a damaged one is written anew
    return Report(sections, {name: str(text) for name, text in values["problems"].items()})


def write_report(run: RunFolder, subject: Subject, most: int | None = None) -> None:
    """Writes the missing sections, each as soon as it is there.

    Args:
        run: With its `insight.npz` of `interactions`.
        subject: Its network and ratings.
        most: Sections to write; None for all that are missing.
    """
    speech = Speech.of(subject.dataset.nouns, subject.config.data.target)
    for name in read_report(run).missing[:most]:
        values = _read(run)
        try:
            section = SECTIONS[name](subject).said_in(speech)
        except PlaygroundError as error:
            values["problems"][name] = str(error)
        except Exception as error:  # one section less is better than none at all; the log has the reason
            run.log("error", f"The part '{name}' of the report could not be computed.", error)
            values["problems"][name] = "this part could not be computed for a reason this program did not foresee"
        else:
            if section.arrays:
                run.save_arrays("insight", run.insight() | {f"{name}/{key}": a for key, a in section.arrays.items()})
            values["sections"][name] = section.plain()
        write_json(run.path / "insight.json", values)


def begin_report(run: RunFolder, subject: Subject) -> None:
    """Writes after training the section that Inspect shows first. Whatever happens, the run's results stay as they are."""
    from threadpoolctl import threadpool_limits

    with contextlib.suppress(OSError), only_one(run) as mine, threadpool_limits(limits=1):  # more would only wait
        if mine:
            write_report(run, subject, most=1)


def forget_problems(run: RunFolder) -> None:
    """Lets the next study try again what could not be written."""
    write_json(run.path / "insight.json", _read(run) | {"problems": {}})


def _read(run: RunFolder) -> dict[str, Any]:
    empty = {"version": VERSION, "sections": {}, "problems": {}}
    with contextlib.suppress(PlaygroundError):
        values = read_json(run.path / "insight.json")
        if (
            isinstance(values, dict)
            and values.get("version") == VERSION
            and all(isinstance(values.get(part), dict) for part in ("sections", "problems"))
        ):
            return values
    return empty


@contextlib.contextmanager
def only_one(run: RunFolder, wait: bool = False) -> Iterator[bool]:
    """Whether this process is the one that studies a run; the system frees the place however the process ends.

    With `wait` it is, as soon as the other one has ended.
    """
    with (run.path / "insight.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            yield False
        else:
            for half_written in run.path.glob(".insight.*"):  # by one that was killed
                half_written.unlink(missing_ok=True)
            yield True


def complete(run: RunFolder, wait: bool = False) -> Report:
    """Returns the report after writing what is missing, unless another process is about it and this one shall not wait.

    Raises:
        RunError: The run's folder cannot be written.
    """
    try:
        with only_one(run, wait) as mine:
            if mine and read_report(run).missing:
                _write_missing(run)
    except OSError as error:
        raise RunError(f"the folder of run {run.id} must be writable. {error.strerror}.") from None
    return read_report(run)


def _write_missing(run: RunFolder) -> None:
    try:
        config = run.config()
        dataset, frames = load_dataset(config.data), Reel(run.film)
        run.check_ratings(dataset.fingerprint)
        write_report(run, Subject.of(config, dataset, run.encoder(), run.weights(), frames))
    except PlaygroundError as error:
        problems = dict.fromkeys(read_report(run).missing, str(error))
        write_json(run.path / "insight.json", _read(run) | {"problems": problems})


def main() -> int:
    """Studies the run that the first argument names. Returns 2 if a section could not be written."""
    os.nice(10)
    run = RunFolder(Path(sys.argv[1]))
    try:
        return 2 if complete(run, wait=True).problems else 0
    except Exception as error:
        run.log("error", "The report could not be computed.", error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
