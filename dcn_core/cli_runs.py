"""The commands that look after runs: list, edit, delete, examine."""

import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dcn_core.config.metrics import loss_words
from dcn_core.data.cache import cache_folder
from dcn_core.errors import RunError
from dcn_core.runs import doctor as doctors
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.runs.store import RunStore, default_runs_path

app = typer.Typer()

Runs = Annotated[Path, typer.Option("--runs", help="Folder that holds the runs.", default_factory=default_runs_path)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line of standard output.")]
Run = Annotated[str, typer.Option("--run", help="Id of a run, or 'latest' for the newest finished one.")]


@app.command(name="runs")
def list_runs(
    runs: Runs,
    run_id: Annotated[str | None, typer.Option("--run", help="One run: where it stands, and its log.")] = None,
    as_json: Json = False,
) -> None:
    """Lists the runs, newest first; or tells of one run with the end of its log."""
    if run_id is not None:
        _tell(open_run(runs, run_id), as_json)
        return
    summaries = RunStore(runs).list()
    if as_json:
        entries = [
            {
                "run": s.id,
                "name": s.name,
                "state": s.state,
                "created": s.created,
                "scores": (s.result or {}).get("scores"),
            }
            for s in summaries
        ]
        typer.echo(json.dumps(entries))
        return
    if not summaries:
        typer.echo(f"no runs in {runs}")
    for s in summaries:
        scores = ((s.result or {}).get("scores") or {}).get("validation")
        score = loss_words(scores) if scores else ""
        typer.echo(f"{s.id}  {s.state:12} {score:15} {s.name}")


def _tell(run: RunFolder, as_json: bool) -> None:
    """Prints a run's state and the end of its log, trace-backs included."""
    status, entries = run.status(), run.log_entries()
    if as_json:
        plain = {"run": run.id, "state": status.state, "message": status.message, "log": [asdict(e) for e in entries]}
        typer.echo(json.dumps(plain))
        return
    typer.echo(f"{run.id}  {status.state}  {status.message}".rstrip())
    for entry in entries:
        typer.echo(entry.line())
        if entry.exception:
            typer.echo(textwrap.indent(entry.exception.rstrip(), "    "))


@app.command()
def edit(
    runs: Runs,
    run_id: Run,
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="Its new note; empty for none.")] = None,
    pinned: Annotated[bool | None, typer.Option("--pin/--unpin", help="Keep it when old runs make room.")] = None,
) -> None:
    """Renames a run, writes a note to it, or pins it."""
    RunStore(runs).edit(open_run(runs, run_id).id, name, note, pinned)


@app.command()
def delete(
    runs: Runs,
    run_id: Annotated[str, typer.Option("--run", help="Id of the run.")],
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back instead.")] = False,
) -> None:
    """Moves a run to the trash, or back. The trash is emptied by age."""
    store = RunStore(runs)
    if undo:
        store.restore(run_id)
        typer.echo(f"run {run_id} is back")
    else:
        store.delete(run_id)
        typer.echo(f"deleted. To bring it back: python -m dcn_core delete --run {run_id} --undo --runs {runs}")


@app.command()
def doctor(
    runs: Runs,
    mend: Annotated[bool, typer.Option("--mend", help="Mend what can be mended without losing anything.")] = False,
    as_json: Json = False,
) -> None:
    """Looks the installation and the runs folder over. Exits with 1 if something is left that is not as it should be."""
    store, left, told = RunStore(runs), 0, []
    for finding in doctors.look(store, cache_folder(), Limits.from_environment()):
        mended = mend and finding.mend is not None
        if mended:
            finding.mend()  # type: ignore[misc]
        left += not mended
        told.append({"problem": finding.text, "mendable": finding.mend is not None, "mended": mended})
        if not as_json:
            word = "mended" if mended else "can be mended with --mend" if finding.mend else "needs you"
            typer.echo(f"{finding.text}  [{word}]")
    if mend:
        store.rebuild_index()
    if as_json:
        typer.echo(json.dumps({"runs": len(store.ids()), "findings": told}))
    elif not told:
        typer.echo(f"all is well: {len(store.ids())} runs in {runs}")
    if left:
        raise typer.Exit(1)


def open_run(runs: Path, run_id: str) -> RunFolder:
    """The run of an id, or the newest finished one for 'latest'."""
    store = RunStore(runs)
    if run_id != "latest":
        return store.open(run_id)
    for summary in store.list():
        if summary.status.finished:
            return store.open(summary.id)
    raise RunError(f"there is no finished run in {runs}. Train one first: python -m dcn_core train --data generated")
