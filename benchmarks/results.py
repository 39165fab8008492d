"""What was measured, and the bars that it should meet. Kept as JSON, from which the document is rendered."""

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Form = Literal["ratio", "seconds", "share", "bytes", "spread", "differences"]
FORMS: dict[Form, str] = {
    "ratio": "{:.2f} ×",
    "seconds": "{:.2f} s",
    "share": "{:.1%}",
    "bytes": "{:.0f} bytes",
    "spread": "{:.1%}",
    "differences": "{:.0f}",
}


@dataclass
class Timing:
    """Seconds that the same work took one of the contestants, round by round.

    Attributes:
        who: The contestant, "Playground" for ours.
        seconds: One value a round.
        work: What took them, where a section has several works.
        variant: Which of its variants was the fastest and so the one measured.
    """

    who: str
    seconds: list[float]
    work: str = ""
    variant: str = ""

    @property
    def median(self) -> float:
        """Half of the rounds took less."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The least that a round took: what the machine can do when nobody disturbs it."""
        return min(self.seconds)


@dataclass
class Bar:
    """A demand: a value must not be above a limit.

    Attributes:
        work: What was measured.
        against: What it is compared with, "" for an absolute limit.
        value: What came out; of a ratio, ours divided by theirs.
        limit: The most that is allowed.
        form: How both are written.
    """

    work: str
    against: str
    value: float
    limit: float
    form: Form

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.value <= self.limit

    def written(self, value: float) -> str:
        """The value or the limit as text; a ratio below 1/1.5 as 1/n."""
        if self.form == "ratio" and value < 0.67:
            inverse = 1 / max(value, 1e-9)
            return f"1/{inverse:.0f}" if abs(inverse - round(inverse)) < 0.01 * inverse else f"1/{inverse:.1f}"
        return FORMS[self.form].format(value)


@dataclass
class Section:
    """The measurements of one row of the benchmarks.

    Attributes:
        name: Its name on the command line.
        title: Its heading.
        timings: Who took how long.
        bars: What must hold.
        notes: How it was measured and which choices were made, a sentence each.
        facts: Other figures, each a name and a text.
        skipped: Why it could not be measured; "" if it was.
        failed: Whether that is an error, and not something that this machine lacks.
        measured: When, as text.
    """

    name: str
    title: str
    timings: list[Timing] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    skipped: str = ""
    failed: bool = False
    measured: str = ""

    def timing(self, who: str, work: str = "") -> Timing:
        """The timing of one contestant."""
        return next(timing for timing in self.timings if (timing.who, timing.work) == (who, work))

    def bar(self, work: str, against: str, value: float, limit: float, form: Form) -> None:
        """Adds a demand."""
        self.bars.append(Bar(work, against, value, limit, form))

    def compare(self, work: str, peer: str, limit: float, timed: str = "") -> None:
        """Adds the demand that our median is at most `limit` times a peer's."""
        value = self.timing("Playground", timed).median / self.timing(peer, timed).median
        self.bar(work, peer, value, limit, "ratio")


@dataclass
class Results:
    """All sections measured so far, and on what machine."""

    machine: dict[str, str]
    data: str
    sections: list[Section] = field(default_factory=list)

    def add(self, section: Section, order: list[str]) -> None:
        """Puts a section in the place of an older one of its name."""
        kept = [old for old in self.sections if old.name != section.name and old.name in order]
        self.sections = sorted([*kept, section], key=lambda each: order.index(each.name))

    def save(self, path: Path) -> None:
        """Writes everything as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Returns what `save` wrote."""
        values: dict[str, Any] = json.loads(path.read_text())
        sections = [
            Section(
                **section
                | {
                    "timings": [Timing(**timing) for timing in section["timings"]],
                    "bars": [Bar(**bar) for bar in section["bars"]],
                }
            )
            for section in values["sections"]
        ]
        return cls(values["machine"], values["data"], sections)
