"""Runs the benchmarks: `python -m benchmarks [ROW ...]`, or `make bench` for all of them in an environment of their own."""

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    epochs,
    first_point,
    inspect_page,
    live_page,
    machine,
    plot,
    prediction,
    preparation,
    repeat,
    report,
    scaling,
    start_up,
    whole_run,
)
from benchmarks.bench import Bench
from benchmarks.results import Results, Section
from benchmarks.turns import ROOT

ROWS: dict[str, Callable[[Bench], Section]] = {
    "notebook": epochs.notebook,
    "ids-1024": epochs.ids_1024,
    "ids-4096": epochs.ids_4096,
    "whole-run": whole_run.measure,
    "first-point": first_point.measure,
    "live-page": live_page.measure,
    "inspect": inspect_page.measure,
    "scaling": scaling.measure,
    "repeat": repeat.measure,
    "preparation": preparation.measure,
    "prediction": prediction.measure,
    "start-up": start_up.measure,
}
GENERATED = "generated data of MovieLens 1M's exact shape"


def main() -> int:
    """Measures, prints the table, writes the documents. Returns 1 if a row failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; ids for both of these; all if none"
    )
    parser.add_argument("--archive", type=Path, help="a MovieLens 1M zip to measure on, in place of generated data")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contestant (default 5)")
    parser.add_argument("--full", action="store_true", help="scaling up to 20 million ratings")
    parser.add_argument("--quick", action="store_true", help="short turns, to try the benchmarks; figures mean little")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of benchmarks.md (default docs)")
    parser.add_argument("--render", action="store_true", help="only write the documents from benchmarks.json again")
    options = parser.parse_args()
    names = [row for name in options.rows for row in (["ids-1024", "ids-4096"] if name == "ids" else [name])]
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"rows are {', '.join(ROWS)}. Received: {', '.join(unknown)}")
    kept = options.out / "benchmarks.json"
    if options.render:
        results = Results.load(kept)
        _write(results, options.out)
        _say(report.terminal(results.sections))
        return 0
    if (busy := machine.busy()) > 0.5:
        _say(f"Note: other work is running here (load {busy:.1f}). Figures of a busy machine mean little.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    data = options.archive.name if options.archive else GENERATED
    results = Results(machine.describe(), data)
    if kept.exists() and names:
        results.sections = Results.load(kept).sections  # the other rows stay as they are
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        archive = options.archive.resolve() if options.archive else None
        bench = Bench(Path(folder), archive, options.rounds, options.full, options.quick)
        measured = [_measure(name, bench) for name in ROWS if not names or name in names]
    for section in measured:
        results.add(section, list(ROWS))
    _write(results, options.out)
    _say("\n" + report.terminal(measured))
    return int(any(section.failed for section in measured))


def _measure(name: str, bench: Bench) -> Section:
    """One row. One that fails does not take the others with it."""
    begin = time.perf_counter()
    _say(f"{name} ...", end=" ", flush=True)
    try:
        section = ROWS[name](bench)
    except Exception as error:
        traceback.print_exc()
        section = Section(name, name, skipped=f"{type(error).__name__}, see the output of the run", failed=True)
    section.measured = time.strftime("%Y-%m-%d %H:%M")
    _say(f"{time.perf_counter() - begin:.0f} s")
    return section


def _write(results: Results, folder: Path) -> None:
    """Writes the JSON, the document and the picture."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    results.save(folder / "benchmarks.json")
    (folder / "benchmarks.md").write_text(report.document(results))
    (folder / "images" / "benchmarks.svg").write_text(plot.picture(results))


def _say(text: str, end: str = "\n", flush: bool = False) -> None:
    sys.stdout.write(text + end)
    if flush:
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
