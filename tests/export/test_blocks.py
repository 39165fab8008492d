"""One text as a script and as a notebook."""

import json

import pytest

from dcn_core.export.blocks import Block, as_notebook, as_script, read_blocks

SOURCE = "# %% [markdown] about\n# # Title\n#\n# Some words.\n# %% code first\n\nvalue = 1\n\n# %% code cross low_rank\nprint(value)\n"


def test_a_file_is_read_as_blocks() -> None:
    assert read_blocks(SOURCE) == [
        Block("markdown", "about", "# Title\n\nSome words."),
        Block("code", "first", "value = 1"),
        Block("code", "cross low_rank", "print(value)"),
    ]


def test_script_and_notebook_hold_the_same_code() -> None:
    blocks = read_blocks(SOURCE)
    script = as_script(blocks)
    cells = json.loads(as_notebook(blocks))["cells"]
    assert script.startswith("# # Title\n#\n# Some words.\n")
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code == ["value = 1", "print(value)"] and all(part in script for part in code)
    assert "".join(cells[0]["source"]) == "# Title\n\nSome words."


@pytest.mark.parametrize("source", ["", "value = 1\n", "# %% chart name\n"])
def test_other_files_are_refused(source: str) -> None:
    with pytest.raises(ValueError, match="expected a"):
        read_blocks(source)
