"""The playground from a shell: `python -m dcn_core --help`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from dcn_core.config.presets import PRESETS, preset_config
from dcn_core.config.run import RunConfig, override, parse_config
from dcn_core.data.cache import cache_folder
from dcn_core.data.sources import load_dataset, parse_source
from dcn_core.errors import ConfigError, PlaygroundError, RunError
from dcn_core.runs import doctor as doctors
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.runs.store import RunStore, default_runs_path
from dcn_core.terminal import progress_bar, stop_on_interrupt
from dcn_core.training.setup import configure_tensorflow

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Runs = Annotated[Path, typer.Option("--runs", help="Folder that holds the runs.", default_factory=default_runs_path)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line of standard output.")]
Run = Annotated[str, typer.Option("--run", help="Id of a run, or 'latest' for the newest finished one.")]


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
        typer.Option("--data", help="'generated', 'generated:1000000', or the path of a MovieLens archive or folder."),
    ] = None,
    preset: Annotated[str | None, typer.Option("--preset", help=f"One of {', '.join(PRESETS)}.")] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting, for instance model.num_cross_layers=3. May be repeated."),
    ] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="JSON file of a whole or partial config.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the run.")] = None,
    as_json: Json = False,
) -> None:
    """Trains a model and keeps it as a run. Ctrl-C stops early and keeps the best weights."""
    config = _config(data, preset, config_file, assignments or [])
    Limits.from_environment().check(config)
    load_dataset(config.data)  # bad data is reported before a run exists
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
    run = _open(runs, run_id)
    status = run.status()
    if status.finished:
        run = store.create_further(run.id, epochs)
    elif not status.resumable:
        raise RunError(f"only an interrupted, failed or finished run can go on. Run {run.id} is {status.state}.")
    _execute(run, as_json)


def _execute(run: RunFolder, as_json: bool) -> None:
    """Trains a run in this process and prints what came of it."""
    from dcn_core.worker import execute

    configure_tensorflow(cache_folder())
    with run.lock(), stop_on_interrupt() as control, progress_bar(run):
        execute(run, control)
    status, result = run.status(), run.result()
    if result is None or not status.finished:
        raise RunError(f"run {run.id} {status.state}: {status.message}")
    if as_json:
        typer.echo(json.dumps({key: result[key] for key in ("run", "scores", "parameters", "timing")}))
        return
    for part, scores in result["scores"].items():
        if scores:
            typer.echo(f"{part:10}  " + "  ".join(f"{metric.upper()} {value:.4f}" for metric, value in scores.items()))
    typer.echo(f"run {run.id}  {result['parameters']:,} parameters  {result['timing']['total_s']:.1f} s")


@app.command()
def predict(
    runs: Runs,
    run_id: Run,
    user: Annotated[int, typer.Option("--user", help="User id as in the data.")],
    movie: Annotated[int, typer.Option("--movie", help="Movie id as in the data.")],
    as_json: Json = False,
) -> None:
    """Predicts the rating that a user would give a movie."""
    from dataclasses import asdict

    from dcn_core.serving.predictor import Predictor

    run = _open(runs, run_id)
    dataset = load_dataset(run.config().data)
    prediction = Predictor.open(run.path).predict_pair(dataset, user, movie)
    if as_json:
        typer.echo(json.dumps({"run": run.id, **asdict(prediction)}))
        return
    actual = "" if prediction.actual is None else f"  actual {prediction.actual:g}"
    typer.echo(f"{prediction.rating:.2f}{actual}")
    if prediction.unknown:
        typer.echo(f"unknown to the model: {', '.join(prediction.unknown)}")


@app.command(name="runs")
def list_runs(runs: Runs, as_json: Json = False) -> None:
    """Lists the runs, newest first."""
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
        score = f"MSE {scores['mse']:.4f}" if scores else ""
        typer.echo(f"{s.id}  {s.state:12} {score:12} {s.name}")


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
    run = _open(runs, run_id)
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
        typer.echo(
            json.dumps({"run": run.id, "measure": "mean of |x0_i * (W_ij x_j)| on validation data", "layers": layers})
        )
        return
    for number, strength in enumerate(insight["strength"], start=1):
        typer.echo(f"cross layer {number}, strength on data")
        typer.echo(" " * 12 + "".join(f"{name:>11}" for name in names))
        for name, row in zip(names, strength, strict=True):
            typer.echo(f"{name:>11} " + "".join(f"{value:11.4f}" for value in row))
    if not len(insight["strength"]):
        typer.echo("this network has no cross layers")


@app.command()
def edit(
    runs: Runs,
    run_id: Run,
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="Its new note; empty for none.")] = None,
    pinned: Annotated[bool | None, typer.Option("--pin/--unpin", help="Keep it when old runs make room.")] = None,
) -> None:
    """Renames a run, writes a note to it, or pins it."""
    RunStore(runs).edit(_open(runs, run_id).id, name, note, pinned)


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


def _config(data: str | None, preset: str | None, config_file: Path | None, assignments: list[str]) -> RunConfig:
    """The config that the options of `train` describe: preset, then file, then source, then settings."""
    config = preset_config(preset or "default")
    values = config.model_dump(mode="json")
    if config_file is not None:
        try:
            given = json.loads(config_file.read_text())
        except (OSError, ValueError) as error:
            raise ConfigError(f"--config must name a JSON file. {config_file} cannot be read: {error}") from None
        if not isinstance(given, dict) or not all(isinstance(fields, dict) for fields in given.values()):
            raise ConfigError(
                f"a config is an object of sections {', '.join(values)}, each an object. Received: {config_file}"
            )
        values = {section: values.get(section, {}) | given.get(section, {}) for section in values | given}
    if data is not None:
        values["data"] = values["data"] | parse_source(data)
    return override(parse_config(values), assignments)


def _open(runs: Path, run_id: str) -> RunFolder:
    """The run of an id, or the newest finished one for 'latest'."""
    store = RunStore(runs)
    if run_id != "latest":
        return store.open(run_id)
    for summary in store.list():
        if summary.status.finished:
            return store.open(summary.id)
    raise RunError(f"there is no finished run in {runs}. Train one first: python -m dcn_core train --data generated")


def _finite(matrix: np.ndarray) -> list[list[float]] | None:
    """Rows of numbers for JSON, None for a matrix that the network does not have."""
    return matrix.tolist() if np.isfinite(matrix).all() else None
