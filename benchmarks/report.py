"""The results as a table for a terminal and as `docs/benchmarks.md`. No figure in either is typed by hand."""

from collections.abc import Iterable, Sequence

from benchmarks.results import Bar, Results, Section, Timing

HEAD = ("work", "beside", "measured", "bar", "")


def terminal(sections: Iterable[Section]) -> str:
    """All bars as an aligned table."""
    rows = [HEAD, *(row for section in sections for row in _bars(section))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def document(results: Results) -> str:
    """The whole of `docs/benchmarks.md`."""
    bars = [bar for section in results.sections for bar in section.bars]
    met = sum(bar.met for bar in bars)
    parts = [
        "# Benchmarks",
        "Written by `make bench` from its results in [benchmarks.json](benchmarks.json): no figure here is typed by hand. "
        "`python -m benchmarks --help` lists the rows; one or several of them can be measured again by name.",
        "![Seconds for one epoch beside Keras fit, PyTorch and JAX](images/benchmarks.svg)",
        f"Measured on {results.data}. {met} of {len(bars)} bars met.",
        _table(("machine", ""), results.machine.items()),
        "## Bars",
        "A ratio is ours divided by theirs, of medians.",
        _table(HEAD, (row for section in results.sections for row in _bars(section))),
        *(_section(section) for section in results.sections),
    ]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    parts = [f"## {section.title}"]
    if section.measured:
        parts.append(f"`python -m benchmarks {section.name}`, measured {section.measured}.")
    if section.skipped:
        parts.append(f"Not measured: {section.skipped}.")
    if section.timings:
        parts.append(_timings(section.timings))
    if section.facts:
        parts.append(_table(("figure", ""), section.facts.items()))
    parts.append("\n".join(f"- {note}" for note in section.notes))
    return "\n\n".join(part for part in parts if part)


def _timings(timings: Sequence[Timing]) -> str:
    has_work = any(timing.work for timing in timings)
    head = ["who", *(["work"] if has_work else []), "median", "best", "rounds", "median, in ours"]
    rows = []
    for timing in timings:
        ours = _ours_for(timing, timings)
        who = f"{timing.who} ({timing.variant})" if timing.variant else timing.who
        times = "" if ours is None or ours is timing else f"{timing.median / ours.median:.3g} ×"
        cells = [seconds(timing.median), seconds(timing.best), str(len(timing.seconds)), times]
        rows.append([who, *([timing.work] if has_work else []), *cells])
    return _table(head, rows)


def _ours_for(timing: Timing, timings: Sequence[Timing]) -> Timing | None:
    """Our timing of the same work; of the first one, if a peer did the work in one way only."""
    ours = [each for each in timings if each.who == "Playground"]
    if timing.who == "Playground":
        return timing
    return next((each for each in ours if each.work == timing.work), ours[0] if ours else None)


def seconds(value: float) -> str:
    """A duration in the unit that suits it."""
    if value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    if value < 1:
        return f"{value * 1e3:.3g} ms"
    return f"{value:.2f} s" if value < 100 else f"{value:.0f} s"


def _bars(section: Section) -> list[tuple[str, ...]]:
    if section.skipped:
        return [(section.title, "", "not measured", "", section.skipped)]
    return [_bar(bar) for bar in section.bars]


def _bar(bar: Bar) -> tuple[str, ...]:
    limit = f"at most {bar.written(bar.limit)}" if bar.limit else "none"
    return bar.work, bar.against, bar.written(bar.value), limit, "met" if bar.met else "NOT MET"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
