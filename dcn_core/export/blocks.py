"""A Python file in blocks, each with a heading line `# %% kind name`: the form in which a script and a notebook are one text."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

_HEADING = re.compile(r"# %% (code|\[markdown\]) ([\w ]+)")


class Block(NamedTuple):
    """One cell of a notebook.

    Attributes:
        kind: What the text is. That of "markdown" has no comment signs.
        name: Tells what it is about.
        text: Without heading, and without empty lines around it.
    """

    kind: Literal["code", "markdown"]
    name: str
    text: str


def read_blocks(source: str) -> list[Block]:
    """Returns the blocks of a file.

    Raises:
        ValueError: It does not begin with a heading.
    """
    blocks: list[Block] = []
    for part in re.split(r"^(?=# %% )", source, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        if not (found := _HEADING.fullmatch(heading)):
            raise ValueError(f"expected a heading like '# %% code name'. Received: {heading!r}")
        if found[1] == "code":
            blocks.append(Block("code", found[2], text.strip("\n")))
        else:
            plain = [line.removeprefix("#").removeprefix(" ") for line in text.strip("\n").splitlines()]
            blocks.append(Block("markdown", found[2], "\n".join(plain)))
    if not blocks:
        raise ValueError("expected a file that begins with '# %% '")
    return blocks


def as_script(blocks: Iterable[Block]) -> str:
    """The blocks as one file that runs; what is Markdown stands in comments."""
    parts = []
    for block in blocks:
        if block.kind == "markdown":
            parts.append("\n".join(f"# {line}".rstrip() for line in block.text.splitlines()))
        else:
            parts.append(block.text)
    return "\n\n\n".join(parts) + "\n"


def as_notebook(blocks: Sequence[Block]) -> str:
    """The blocks as a Jupyter notebook, nbformat 4.5, that has not been run."""
    cells: list[dict[str, Any]] = []
    for number, block in enumerate(blocks):
        cell: dict[str, Any] = {"cell_type": block.kind, "id": f"cell-{number}", "metadata": {}}
        if block.kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell | {"source": block.text.splitlines(keepends=True)})
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, indent=1)
