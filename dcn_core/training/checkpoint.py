"""The whole state of a training in two files, so that it goes on bit for bit after an interruption.

`state-<n>.npz` holds the arrays, `checkpoint.json` everything else and the name of the arrays' file. The JSON file is
replaced last and in one step: whenever the process dies, the folder holds one whole checkpoint, the old or the new.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.files import parse_json, write_atomic

VERSION = 1


def save_checkpoint(folder: Path, progress: dict[str, Any], arrays: dict[str, Sequence[np.ndarray]]) -> None:
    """Writes a checkpoint in place of the one before.

    Args:
        folder: Made if it is missing, but not the one around it: a run that was deleted by hand stays deleted.
        progress: Plain values, as JSON can hold them.
        arrays: Lists of arrays by name.
    """
    folder.mkdir(exist_ok=True)
    old = {path.name for path in folder.glob("state-*.npz")}
    number = 1 + max((int(name[6:-4]) for name in old), default=0)
    name = f"state-{number}.npz"
    flat = {f"{key}/{i:04d}": array for key, values in arrays.items() for i, array in enumerate(values)}
    write_atomic(folder / name, lambda file: np.savez(file, **flat))  # type: ignore[arg-type]
    record = {"version": VERSION, "arrays": name, "progress": progress}
    write_atomic(folder / "checkpoint.json", json.dumps(record, allow_nan=False).encode())
    for path in old:
        (folder / path).unlink(missing_ok=True)


def load_checkpoint(folder: Path) -> tuple[dict[str, Any], dict[str, list[np.ndarray]]] | None:
    """Returns what `save_checkpoint` got, or None if there is no checkpoint.

    Raises:
        RunError: There is one, but it is damaged or of another version.
    """
    path = folder / "checkpoint.json"
    if not path.exists():
        return None
    advice = "Delete the folder `checkpoint` of this run to train it from the start."
    try:
        record = parse_json(path.read_bytes())
        if record["version"] != VERSION:
            raise RunError(f"expected a checkpoint of version {VERSION}. Received: {record['version']}. {advice}")
        arrays: dict[str, list[np.ndarray]] = {}
        with (folder / Path(record["arrays"]).name).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            for key in sorted(file.files):
                arrays.setdefault(key.rpartition("/")[0], []).append(file[key])
        if not isinstance(record["progress"], dict):
            raise TypeError("expected progress by name")
        return _of_now(record["progress"]), arrays
    except RunError:
        raise
    except Exception as error:  # zipfile, zlib, struct and NumPy raise a dozen kinds on damaged bytes
        raise RunError(f"the checkpoint cannot be read: {error}. {advice}") from None


def _of_now(progress: dict[str, Any]) -> dict[str, Any]:
    """Progress in the words of today: before there were likes, errors were called squared, and there were fewer settings."""
    names = {"squared": "loss", "best_mse": "best"}
    found = {names.get(name, name): value for name, value in progress.items()}
    own = found.get("belongs_to")
    if isinstance(own, dict):
        defaults = RunConfig().model_dump(mode="json", include={"model", "train"})
        whole = {part: defaults[part] | own[part] for part in defaults if isinstance(own.get(part), dict)}
        found["belongs_to"] = own | whole
    return found
