"""The commands about results: reproduce a published one, tell two experiments apart."""

import json
from pathlib import Path
from typing import Annotated

import typer

from dcn_core.claims import NAMES, claims_of
from dcn_core.cli_runs import Json, Runs, open_run
from dcn_core.compare.verdict import between
from dcn_core.data.sources import parse_source
from dcn_core.reproduce import reproduce as measured
from dcn_core.reproduce import write_results
from dcn_core.runs.store import RunStore

app = typer.Typer()


@app.command()
def reproduce(
    runs: Runs,
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(NAMES)}, or one variant such as 'dcn-v2-paper V1'.")],
    data: Annotated[
        str, typer.Option("--data", help="Path of MovieLens 1M; 'generated' and 'polynomials' need none.")
    ] = "generated",
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=100, help="How many, from 1 on.")] = 3,
    write: Annotated[Path | None, typer.Option("--write", help="File whose table of results gets the rows.")] = None,
    as_json: Json = False,
) -> None:
    """Trains what a published result is about and says whether ours lies in the band. Exits with 1 if one does not.

    Seeds that were trained before are not trained again.
    """
    outcomes = []
    for outcome in measured(claims_of(name), parse_source(data), seeds, RunStore(runs)):
        outcomes.append(outcome)
        if write is not None:
            write_results(write, [outcome])
        if not as_json:
            typer.echo(outcome.line())
    if as_json:
        plain = [
            {
                "claim": one.claim.title,
                "metric": one.claim.metric,
                "part": one.claim.part,
                "values": list(one.values),
                "mean": one.mean,
                "spread": one.spread,
                "band": [one.claim.low, one.claim.high],
                "published": one.claim.published,
                "verdict": one.verdict,
            }
            for one in outcomes
        ]
        typer.echo(json.dumps(plain))
    if any(one.verdict == "fail" for one in outcomes):
        raise typer.Exit(1)


@app.command()
def verdict(
    runs: Runs,
    first: Annotated[str, typer.Argument(help="Id of a run.")],
    second: Annotated[str, typer.Argument(help="Id of another one, on the same ratings and split.")],
    metric: Annotated[
        str | None, typer.Option("--metric", help="A score; without it, the one that training minimises.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Says whether one experiment is better than another beyond what the seed does; two or more seeds that both have tell most."""
    store = RunStore(runs)
    for run in (first, second):
        open_run(runs, run)
    listed = {run.id: run for run in store.list()}
    found = between(store.list(), listed[first], listed[second], metric)
    if as_json:
        plain = {
            "metric": found.metric.name,
            "seeds": list(map(list, found.seeds)),
            "paired": found.paired,
            "mean": found.mean,
            "interval": [found.low, found.high],
            "better": None if found.winner is None else (first, second)[found.winner],
            "verdict": found.sentence(),
        }
        typer.echo(json.dumps(plain))
        return
    typer.echo(found.sentence())
