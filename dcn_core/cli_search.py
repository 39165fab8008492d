"""The commands that search for better settings."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from dcn_core.cli_config import config_of, with_data
from dcn_core.cli_runs import Json, Runs
from dcn_core.compare.metrics import metric_name
from dcn_core.config.presets import PRESETS
from dcn_core.errors import ConfigError
from dcn_core.runs.executor import executor_from_environment
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor

app = typer.Typer()

_EVERY_S = 0.3


@app.command()
def search(
    runs: Runs,
    name: Annotated[str | None, typer.Option("--name", help="Name of the search.")] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            help="A setting to vary: model.dropout=0..0.5, train.learning_rate=1e-4..1e-2:log, model.cross_kind=matrix,low_rank, "
            "or its path alone for what the form offers. May be repeated.",
        ),
    ] = None,
    data: Annotated[str | None, typer.Option("--data", help="As of train.")] = None,
    preset: Annotated[str | None, typer.Option("--preset", help=f"One of {', '.join(PRESETS)}.")] = None,
    assignments: Annotated[list[str] | None, typer.Option("--set", help="A setting that stays, as of train.")] = None,
    config_file: Annotated[Path | None, typer.Option("--config", help="As of train.")] = None,
    sampler: Annotated[str, typer.Option("--sampler", help="tpe, random or grid.")] = "tpe",
    trials: Annotated[int, typer.Option("--trials", help="How many.")] = 20,
    parallel: Annotated[int, typer.Option("--parallel", help="Trials that train at the same time.")] = 1,
    prune: Annotated[bool, typer.Option("--prune/--no-prune", help="Stop trials early that fall behind.")] = True,
    go_on: Annotated[
        str | None, typer.Option("--continue", help="Name of a search that goes on, --trials more if it was done.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the searches.")] = False,
    as_json: Json = False,
) -> None:
    """Trains with other settings again and again and learns which are better. Ctrl-C stops it; --continue goes on."""
    from dcn_core.search.plan import make_plan
    from dcn_core.search.searches import Searches
    from dcn_core.search.space import parse_dimension

    searches, store = Searches(runs), RunStore(runs)
    if listed:
        _list(searches, as_json)
        return
    if go_on is not None:
        if searches.read(go_on).state == "done":
            searches.extend(go_on, trials)
        else:
            searches.set_state(go_on, "running")
        name = go_on
    else:
        if not vary:
            raise ConfigError(
                "a search varies at least one setting, for instance --vary model.dropout=0..0.5. Received: none."
            )
        config = config_of(data, preset, config_file, assignments or [])
        config, dataset = with_data(config, config_file, assignments or [])
        plan = make_plan(
            base=config,
            dimensions=tuple(parse_dimension(text, config) for text in vary),
            sampler=sampler,
            trials=trials,
            parallel=parallel,
            prune=prune,
            data=dataset.fingerprint,
        )
        name = searches.create(name or f"Search {time.strftime('%d %b %H:%M:%S')}", plan)
    _conduct(searches, store, name, parallel, as_json)


def _conduct(searches, store: RunStore, name: str, parallel: int, as_json: bool) -> None:  # type: ignore[no-untyped-def]
    """Moves searches on, unless a server does, and tells of one until it ends."""
    from dcn_core.search.conductor import Conductor

    supervisor = Supervisor(store, executor=executor_from_environment(store.root.resolve(), parallel))
    conductor = Conductor(searches, supervisor, store)
    conductor.start()
    told: set[int] = set()
    try:
        while True:
            found = searches.read(name)
            for trial in found.trials:
                if trial.state != "running" and trial.number not in told:
                    told.add(trial.number)
                    if not as_json:
                        value = "" if trial.value is None else f"{metric_name(found.plan.metric)} {trial.value:.4f}"
                        typer.echo(
                            f"trial {trial.number:3}  {trial.state:13} {value:12} {json.dumps(trial.settings)} {trial.problem}"
                        )
            if not found.busy:
                break
            time.sleep(_EVERY_S)
    except KeyboardInterrupt:
        searches.set_state(name, "stopped")
        typer.echo(f"stopped. To go on: python -m dcn_core search --continue '{name}' --runs {store.root}", err=True)
        raise typer.Exit(130) from None
    finally:
        conductor.close()
        supervisor.close()
    best = found.best
    if as_json:
        done = {"search": name, "state": found.state, "trials": len(found.trials), "problem": found.problem}
        chosen = best and {"trial": best.number, "run": best.run, "value": best.value, "settings": best.settings}
        typer.echo(json.dumps(done | {"best": chosen}))
    elif best is not None and best.value is not None:
        typer.echo(f"best: trial {best.number}, {metric_name(found.plan.metric)} {best.value:.4f}, run {best.run}")
        typer.echo("  ".join(f"--set {path}={json.dumps(value)}" for path, value in best.settings.items()))
    else:
        typer.echo(f"no trial came to its end. {found.problem}".rstrip())


def _list(searches, as_json: bool) -> None:  # type: ignore[no-untyped-def]
    found = [searches.read(name) for name in searches.names()]
    if as_json:
        typer.echo(
            json.dumps(
                [
                    {
                        "search": s.name,
                        "state": s.state,
                        "trials": len(s.trials),
                        "best": s.best.value if s.best else None,
                    }
                    for s in found
                ]
            )
        )
        return
    for one in found:
        best = f"{metric_name(one.plan.metric)} {one.best.value:.4f}" if one.best else ""
        typer.echo(f"{one.state:8} {len(one.trials):4} of {one.plan.wanted:4} trials  {best:12} {one.name}")
