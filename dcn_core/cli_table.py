"""Tables of one's own from a shell: what their columns seem to be, and how to say what they are."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from dcn_core.cli_runs import Json
from dcn_core.config.run import describe
from dcn_core.config.table import TableConfig, parse_role, role_text
from dcn_core.data.archive import find_path
from dcn_core.data.table_file import read_head
from dcn_core.data.table_roles import facts, guess, guess_columns, needs_scale
from dcn_core.errors import ConfigError

app = typer.Typer()

Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        help="What a column of a table is, for instance price=number:log or tags=list:; or id=ignore. May be repeated; the "
        "other columns are guessed.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--table", help="A setting of a table: missing=drop, rare=5, scale_label=true or sheet=NAME."),
]


@app.command()
def columns(
    file: Annotated[Path, typer.Argument(help="A table as CSV, Parquet or Excel.")],
    roles: Roles = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Shows the columns of a table and what they seem to be. `train --data FILE --role COLUMN=ROLE` corrects it."""
    table = table_config(file, roles or [], settings or [])
    if as_json:
        typer.echo(table.model_dump_json())
        return
    head = read_head(find_path(str(file)), table.sheet).table
    width = max(len(column.column) for column in table.columns)
    for column in table.columns:
        seen = facts(head[column.column])
        some = ", ".join(f"{value:g}" if seen.numeric else str(value)[:24] for value in seen.values.unique()[:3])
        typer.echo(f"{column.column:{min(width, 40)}}  {role_text(column):12}  {seen.distinct:6,} values  {some}")
    more = {"missing": table.missing, "rare": table.rare, "scale_label": table.scale_label}
    typer.echo("  ".join(f"{name}={json.dumps(value)}" for name, value in more.items()))


def table_config(file: Path, roles: Sequence[str], settings: Sequence[str]) -> TableConfig:
    """The roles of a table's columns: guessed, with some of them said.

    Args:
        file: The table.
        roles: Each `COLUMN=ROLE`, see `parse_role`.
        settings: Each `NAME=VALUE` of a setting of the whole table.

    Raises:
        ConfigError: A role or setting does not exist or does not fit.
        DataError: The file cannot be read.
    """
    values: dict[str, Any] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or name not in TableConfig.model_fields or name == "columns":
            known = ", ".join(field for field in TableConfig.model_fields if field != "columns")
            raise ConfigError(f"--table takes NAME=VALUE with a name of {known}. Received: '{text[:80]}'")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    head = read_head(find_path(str(file)), str(values.get("sheet", ""))).table
    guessed = guess_columns(head) if roles else guess(head).columns
    given: dict[str, dict[str, Any]] = {}
    for text in roles:
        column, equals, role = text.rpartition("=")
        if not equals or column not in head.column_names:
            raise ConfigError(
                f"--role takes COLUMN=ROLE with a column of {', '.join(head.column_names)[:300]}. Received: '{text[:80]}'"
            )
        try:
            given[column] = {"column": column, **parse_role(role)}
        except ValueError as error:
            raise ConfigError(f"--role {text[:80]}: {error}") from None
    said = {str(entry["role"]) for entry in given.values()}
    entries = []
    for seen in guessed:
        if seen.column in given:
            entries.append(given[seen.column])
        elif seen.role in said & {"user", "item", "title", "label", "time"}:  # it was said which column that is
            entries.append({"column": seen.column, "role": "ignore"})
        else:
            entries.append(seen.model_dump(mode="json"))
    scaled = any(needs_scale(facts(head[entry["column"]])) for entry in entries if entry["role"] == "label")
    try:
        plain = {"scale_label": scaled} | values | {"columns": entries}
        return TableConfig.model_validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        raise ConfigError(describe(error)) from None
