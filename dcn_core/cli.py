"""The playground from a shell: `python -m dcn_core --help`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from dcn_core import cli_polynomials, cli_predict, cli_results, cli_runs, cli_search, cli_share, cli_table
from dcn_core.cli_config import config_of, with_data
from dcn_core.cli_runs import Json, Run, Runs, open_run
from dcn_core.config.metrics import METRICS
from dcn_core.config.presets import PRESETS, preset_config
from dcn_core.data.sources import load_dataset
from dcn_core.errors import ConfigError, PlaygroundError, RunError
from dcn_core.here import train_here, with_seed_here
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(cli_predict.app)
app.add_typer(cli_runs.app)
app.add_typer(cli_search.app)
app.add_typer(cli_share.app)
app.add_typer(cli_table.app)
app.add_typer(cli_polynomials.app)
app.add_typer(cli_results.app)


def main() -> None:
    """Runs the command line. Exits with 2 and one clear line for bad input."""
    try:
        app()
    except PlaygroundError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(2)


@app.command()
def train(
    runs: Runs,
    data: Annotated[
        str | None,
        typer.Option(
            "--data", help="'generated', 'generated:1000000', or the path of a MovieLens archive, folder or table."
        ),
    ] = None,
    preset: Annotated[str | None, typer.Option("--preset", help=f"One of {', '.join(PRESETS)}.")] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting, for instance model.num_cross_layers=3. May be repeated."),
    ] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="JSON file of a whole or partial config.")
    ] = None,
    roles: cli_table.Roles = None,
    settings: cli_table.Settings = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the run.")] = None,
    as_json: Json = False,
) -> None:
    """Trains a model and keeps it as a run. Ctrl-C stops early and keeps the best weights."""
    config = config_of(data, preset, config_file, assignments or [], roles or [], settings or [])
    config, _ = with_data(config, config_file, assignments or [])
    _execute(RunStore(runs).create(config, name), as_json)


@app.command()
def resume(
    runs: Runs,
    run_id: Run,
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, help="How many more, for a run that has finished.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Goes on with a run that was interrupted or has failed. One that has finished is trained further as a new run."""
    store = RunStore(runs)
    run = open_run(runs, run_id)
    status = run.status()
    if status.finished:
        run = store.create_further(run.id, epochs)
    elif not status.resumable:
        raise RunError(f"only an interrupted, failed or finished run can go on. Run {run.id} is {status.state}.")
    _execute(run, as_json)


def _execute(run: RunFolder, as_json: bool) -> None:
    """Trains a run in this process and prints what came of it."""
    result = train_here(run)
    if as_json:
        typer.echo(json.dumps({key: result[key] for key in ("run", "scores", "parameters", "timing")}))
        return
    for part, scores in result["scores"].items():
        if scores:
            typer.echo(f"{part:10}  " + "  ".join(METRICS[name].shown(value) for name, value in scores.items()))
    typer.echo(f"run {run.id}  {result['parameters']:,} parameters  {result['timing']['total_s']:.1f} s")


@app.command(name="presets")
def list_presets(as_json: Json = False) -> None:
    """Lists the presets."""
    if as_json:
        entries = {
            key: {"title": p.title, "about": p.about, "config": preset_config(key).model_dump(mode="json")}
            for key, p in PRESETS.items()
        }
        typer.echo(json.dumps(entries))
        return
    for key, preset in PRESETS.items():
        typer.echo(f"{key:12} {preset.title}: {preset.about}")


@app.command()
def inspect(
    runs: Runs,
    run_id: Run,
    page: Annotated[
        Path | None,
        typer.Option("--html", help="Write all pictures, with their sentences and tables, into one HTML file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Shows which features each cross layer crosses. Row: feature of x0 that is multiplied; column: feature of x."""
    run = open_run(runs, run_id)
    if page is not None:
        from dcn_core.report_page import write_page

        write_page(run, page)
        if not as_json:
            typer.echo(f"wrote {page}")
            return
    insight = run.insight()
    names = [str(name) for name in insight["feature_names"]]
    if as_json:
        layers = [
            {"layer": number, "features": names, "matrix": strength.tolist(), "block_norm": _finite(norm)}
            for number, (strength, norm) in enumerate(
                zip(insight["strength"], insight["block_norm"], strict=True), start=1
            )
        ]
        from dcn_core.siblings import compare, finished_by_seed

        across = compare(finished_by_seed(RunStore(runs), run))
        found = {"run": run.id, "measure": "mean of |x0_i * (W_ij x_j)| on validation data", "layers": layers}
        typer.echo(json.dumps(found | {"across_seeds": {name: seeds.plain() for name, seeds in across.items()}}))
        return
    for number, strength in enumerate(insight["strength"], start=1):
        typer.echo(f"cross layer {number}, strength on data")
        typer.echo(" " * 12 + "".join(f"{name:>11}" for name in names))
        for name, row in zip(names, strength, strict=True):
            typer.echo(f"{name:>11} " + "".join(f"{value:11.4f}" for value in row))
    if not len(insight["strength"]):
        typer.echo("this network has no cross layers")


@app.command()
def recover(
    runs: Runs,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many seeds, from 0 on.")] = 5,
    data: Annotated[
        str, typer.Option("--data", help="'generated' or, for instance, 'generated:1000000'.")
    ] = "generated",
    assignments: Annotated[list[str] | None, typer.Option("--set", help="A setting, as of train.")] = None,
    as_json: Json = False,
) -> None:
    """Trains one experiment on a generated world with several seeds and scores how well each measure finds what was planted.

    Seeds that were trained before are not trained again.
    """
    from dcn_core.evidence import recovered, together, verdicts

    config = config_of(data, None, None, assignments or [])
    dataset = load_dataset(config.data)
    if dataset.truth is None:
        raise ConfigError(f"only a generated world has planted crosses. Received: '{data}'.")
    store = RunStore(runs)
    found = {
        seed: recovered(with_seed_here(store, config, seed, dataset.fingerprint, f"Recovery · seed {seed}"))
        for seed in range(seeds)
    }
    scores = together(found)
    if as_json:
        typer.echo(json.dumps(scores.to_dict("records")))
        return
    typer.echo(scores.to_string(index=False, float_format="%.3f"))
    for line in verdicts(scores):
        typer.echo(line)


def _finite(matrix: np.ndarray) -> list[list[float]] | None:
    """Rows of numbers for JSON, None for a matrix that the network does not have."""
    return matrix.tolist() if np.isfinite(matrix).all() else None
