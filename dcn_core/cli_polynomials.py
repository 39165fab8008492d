"""The command that plants a formula and lets cross networks learn it."""

import json
from typing import Annotated

import typer

from dcn_core.cli_runs import Json
from dcn_core.errors import ConfigError
from dcn_core.polynomials.examples import EXAMPLES
from dcn_core.polynomials.formula import Polynomial, parse
from dcn_core.training.setup import configure_tensorflow, leave_with_caller

app = typer.Typer()


@app.command()
def polynomials(
    formula: Annotated[
        str | None,
        typer.Option("--formula", help="For instance 'x1² + 0.1 x1 x2 - (x2 + x3)**2'; inputs are x1, x2, ..."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help=f"One of {', '.join(EXAMPLES)}, of the DCN-V2 paper, in place of a formula."),
    ] = None,
    iterations: Annotated[
        int, typer.Option("--iterations", min=1, max=20_000, help="Of the optimiser, at most.")
    ] = 2_000,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 100, help="Of inputs and initial weights.")] = 1,
    with_caller: Annotated[
        bool, typer.Option("--with-caller", hidden=True, help="End when standard input ends.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Plants a formula and trains DCN, DCN-V2 and a deep network of the same size on it: errors, and coefficients beside the truth."""
    if with_caller:
        leave_with_caller()
    truth = chosen(formula, name)
    configure_tensorflow()
    from dcn_core.polynomials.experiment import beside_truth, learn

    learned = learn(truth, iterations, seed)
    table = beside_truth(truth, learned)
    if as_json:
        networks = [
            {
                "network": one.name,
                "layers": one.layers,
                "parameters": one.parameters,
                "train_rmse": one.train_rmse,
                "test_rmse": one.test_rmse,
                "iterations": one.iterations,
                "seconds": one.seconds,
            }
            for one in learned
        ]
        typer.echo(json.dumps({"spread": truth.spread(), "networks": networks, "products": table.to_dict("records")}))
        return
    typer.echo(
        f"{len(truth.coefficients)} products of {truth.num_inputs} inputs, uniform on [-1, 1]; degree {truth.degree}"
    )
    for one in learned:
        depth = "1 hidden layer" if one.name == "DNN" else f"{one.layers} cross layer{'s' if one.layers > 1 else ''}"
        typer.echo(
            f"{one.name:4} {depth:15} {one.parameters:7,} weights  test RMSE {one.test_rmse:.2e}  {one.seconds:.1f} s"
        )
    typer.echo(table.head(20).to_string(index=False, float_format="%.5f"))


def chosen(formula: str | None, name: str | None) -> Polynomial:
    """The polynomial that the options name.

    Raises:
        ConfigError: Not exactly one of them is given, or it cannot be read.
    """
    if (formula is None) == (name is None):
        raise ConfigError(f"give either --formula or --name, one of {', '.join(EXAMPLES)}.")
    if name is not None and name not in EXAMPLES:
        raise ConfigError(f"--name must be one of {', '.join(EXAMPLES)}. Received: '{name}'.")
    return parse(EXAMPLES[name] if name is not None else formula or "")
