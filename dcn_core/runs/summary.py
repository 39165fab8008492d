"""One run in a list."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Self

from dcn_core.config.run import RunConfig, parse_config
from dcn_core.errors import PlaygroundError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.log import LATEST
from dcn_core.runs.result import result_problem
from dcn_core.runs.status import Status
from dcn_core.runs.texts import tidy


@dataclass(frozen=True)
class RunSummary:
    """What a list shows of a run.

    Attributes:
        settings: The config as plain values; None, with a failed status, where `run.json` cannot be read.
        result: As in `result.json`; None in a run that has not finished.
        data: Fingerprint of the ratings; None before they were read.
    """

    id: str
    name: str
    created: float
    status: Status
    settings: dict[str, Any] | None = None
    fingerprint: str | None = None
    result: dict[str, Any] | None = None
    note: str = ""
    pinned: bool = False
    data: str | None = None

    @property
    def state(self) -> str:
        """Short for `status.state`."""
        return self.status.state

    def learned_from(self, data: str) -> bool:
        """Whether ratings with this fingerprint are those that it learned from; so it is where the run does not tell."""
        return self.data in (None, data)

    @cached_property
    def config(self) -> RunConfig | None:
        """The run's experiment. It is read when asked for: a list of thousands needs few of them."""
        return None if self.settings is None else parse_config(self.settings)

    @classmethod
    def read(cls, run: RunFolder) -> Self:
        """Reads a run's folder. Whatever is wrong in it makes a failed run that says so."""
        status, name = run.status(), run.id
        try:
            record = run.record()
            name = run.name(record)
            parse_config(record["config"])
            fingerprint, created, data = record.get("fingerprint"), float(record["created"]), record.get("data")
            if not 0 <= created < LATEST:
                raise ValueError(f"created must be a Unix time. Received: {created:g}")
            return cls(
                id=run.id,
                name=name,
                created=created,
                status=status,
                settings=record["config"],
                fingerprint=fingerprint if isinstance(fingerprint, str) else None,
                result=run.result(),
                note=tidy("note", str(record.get("note") or "")),
                pinned=record.get("pinned") is True,
                data=data if isinstance(data, str) else None,
            )
        except PlaygroundError as error:
            status = Status(state="failed", message=str(error))
        except (KeyError, TypeError, ValueError, OSError) as error:
            status = Status(state="failed", message=f"The record of this run is damaged: {error!r}.")
        return cls(run.id, name, 0.0, status)

    def plain(self) -> dict[str, Any]:
        """As plain values, from which `from_plain` makes an equal summary."""
        return asdict(self) | {"status": self.status.plain()}

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> Self:
        """Undoes `plain`.

        Raises:
            TypeError: The values are of another version, or damaged.
        """
        summary = cls(**values)
        texts = (summary.id, summary.name, summary.note)
        fits = (
            all(isinstance(text, str) for text in texts)
            and isinstance(summary.fingerprint, str | None)
            and isinstance(summary.data, str | None)
            and isinstance(summary.settings, dict | None)
            and isinstance(summary.pinned, bool)
            and type(summary.created) in (int, float)
            and 0 <= summary.created < LATEST
            and (summary.result is None or result_problem(summary.result) is None)
        )
        if not fits:
            raise TypeError("the values are not those of a summary")
        return replace(summary, status=Status.from_json(values["status"]))


def finished_one(runs: Iterable[RunSummary], fingerprint: str) -> str | None:
    """Id of the first finished run of a fingerprint, which would learn nothing new if trained again."""
    return next((run.id for run in runs if run.fingerprint == fingerprint and run.status.finished), None)
