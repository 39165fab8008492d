"""The commands that hand a run on and take one in."""

import json
from pathlib import Path
from typing import Annotated

import typer

from dcn_core.cli_runs import Json, Run, Runs, open_run
from dcn_core.data.cache import cache_folder
from dcn_core.errors import RunError
from dcn_core.export.formats import FORMATS, file_name, write_export
from dcn_core.runs.store import RunStore
from dcn_core.training.setup import configure_tensorflow

app = typer.Typer()


@app.command()
def export(
    runs: Runs,
    run_id: Run,
    form: Annotated[str, typer.Option("--as", help=f"One of {', '.join(FORMATS)}.")],
    out: Annotated[Path | None, typer.Option("--out", help="File to write; without it, one in this folder.")] = None,
    as_json: Json = False,
) -> None:
    """Writes a finished run in one of several forms, for other programs and other people."""
    run = open_run(runs, run_id)
    if form in FORMATS and out is None:
        out = Path(file_name(run, form))
    configure_tensorflow(cache_folder())
    write_export(run, form, out or Path("export"))
    typer.echo(json.dumps({"run": run.id, "as": form, "file": str(out)}) if as_json else f"wrote {out}")


@app.command(name="import")
def take_in(
    runs: Runs,
    file: Annotated[Path, typer.Argument(help="A zip that `export --as run` wrote.")],
    as_json: Json = False,
) -> None:
    """Takes in a run that was exported elsewhere. Nothing in it is executed."""
    from dcn_core.export.run_archive import check_size, unpack

    try:
        check_size(file.stat().st_size)
        content = file.read_bytes()
    except OSError as error:
        raise RunError(f"expected the zip of a run. {file} cannot be read: {error.strerror}.") from None
    run = unpack(content, RunStore(runs))
    typer.echo(json.dumps({"run": run.id, "name": run.name()}) if as_json else f"run {run.id}  {run.name()}")
