"""The forms in which a finished run can be handed on, and how each is written."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dcn_core.errors import RunError
from dcn_core.export.packing import packed
from dcn_core.files import write_atomic
from dcn_core.runs.folder import RunFolder


class Format(NamedTuple):
    """One form.

    Attributes:
        title: A few words.
        about: What it is for, in one sentence.
        suffix: Of its file.
        mime: Kind of its file.
        slow: Whether writing takes more than a moment: TensorFlow, the ratings or the report are needed.
        write: Returns the file's content.
    """

    title: str
    about: str
    suffix: str
    mime: str
    slow: bool
    write: Callable[[RunFolder], bytes]


def export(run: RunFolder, form: str) -> bytes:
    """Returns a finished run in one of the `FORMATS`.

    Raises:
        RunError: There is no such form, the run has not finished, or a file of it is missing.
        DataError: The form needs the run's ratings, and they are not there any more.
    """
    if form not in FORMATS:
        raise RunError(f"an export is one of {', '.join(FORMATS)}. Received: '{form[:40]}'.")
    if not (status := run.status()).finished:
        raise RunError(f"only a finished run can be exported. Run {run.id} is {status.state}.")
    return FORMATS[form].write(run)


def write_export(run: RunFolder, form: str, file: Path) -> None:
    """Writes a form of a run into a file, whole or not at all.

    Raises:
        RunError: As of `export`, or the file cannot be written.
        DataError: As of `export`.
    """
    if file.is_dir() or not file.parent.is_dir():
        raise RunError(f"--out must name a file in a folder that exists. Received: {file}")
    content = export(run, form)
    try:
        write_atomic(file, content)
        file.chmod(0o644)  # it is made to be passed on
    except OSError as error:
        raise RunError(f"{file} cannot be written: {error.strerror}.") from None


def file_name(run: RunFolder, form: str) -> str:
    """A name for the file, made of nothing that a person typed."""
    return f"{run.id}{FORMATS[form].suffix}"


def _file(name: str) -> Callable[[RunFolder], bytes]:
    def read(run: RunFolder) -> bytes:
        try:
            return (run.path / name).read_bytes()
        except OSError as error:
            raise RunError(f"run {run.id} has no {name} that can be read: {error.strerror}.") from None

    return read


def _keras(run: RunFolder) -> bytes:
    from dcn_core.model.export import export_keras

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "model.keras"
        export_keras(run.config(), run.specs(), run.weights(), file)
        return file.read_bytes()


def _saved_model(run: RunFolder) -> bytes:
    from dcn_core.model.export import export_saved_model

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        export_saved_model(run.config(), run.specs(), run.weights(), folder)
        return _packed_folder(Path(place))


def _tensorboard(run: RunFolder) -> bytes:
    from dcn_core.training.tensorboard import write_summaries

    with tempfile.TemporaryDirectory() as place:
        write_summaries(run.events()[0], Path(place) / run.id)
        return _packed_folder(Path(place))


def _packed_folder(place: Path) -> bytes:
    files = sorted(path for path in place.rglob("*") if path.is_file())
    return packed((path.relative_to(place).as_posix(), path.read_bytes()) for path in files)


def _reproduce(run: RunFolder) -> bytes:
    from dcn_core.export.reproduce import bundle

    return packed(bundle(run).items())


def _card(run: RunFolder) -> bytes:
    from dcn_core.export.card import card

    return card(run).encode()


def _report(run: RunFolder) -> bytes:
    from dcn_core.report_page import report

    return report(run).encode()


def _run(run: RunFolder) -> bytes:
    from dcn_core.export.run_archive import pack

    return pack(run)


FORMATS: dict[str, Format] = {
    "report": Format(
        "Report",
        "One HTML file with every picture and sentence of Inspect; opens offline and prints.",
        ".html",
        "text/html",
        True,
        _report,
    ),
    "card": Format(
        "Model card",
        "One page of text: data, protocol, scores with their spread, weak slices, limits, licence.",
        ".md",
        "text/markdown",
        True,
        _card,
    ),
    "reproduce": Format(
        "Script and notebook",
        "The run in plain Keras, without this program, with the encoded ratings: trains it again and compares.",
        "-reproduce.zip",
        "application/zip",
        True,
        _reproduce,
    ),
    "onnx": Format(
        "ONNX",
        "Predicts in any language with ONNX Runtime.",
        ".onnx",
        "application/octet-stream",
        False,
        _file("model.onnx"),
    ),
    "weights": Format(
        "Weights",
        "Every weight by name, as NumPy arrays.",
        ".npz",
        "application/octet-stream",
        False,
        _file("weights.npz"),
    ),
    "keras": Format(
        "Keras",
        "The network as Keras saves it; loading it needs this program's layers.",
        ".keras",
        "application/octet-stream",
        True,
        _keras,
    ),
    "savedmodel": Format(
        "SavedModel",
        "For TensorFlow Serving and TensorFlow Lite.",
        "-savedmodel.zip",
        "application/zip",
        True,
        _saved_model,
    ),
    "tensorboard": Format(
        "TensorBoard",
        "Losses and scores as event files: unpack them and point tensorboard --logdir there.",
        "-tensorboard.zip",
        "application/zip",
        True,
        _tensorboard,
    ),
    "run": Format(
        "Whole run",
        "The run's folder, to be opened in another playground.",
        "-run.zip",
        "application/zip",
        False,
        _run,
    ),
}
"""Every form by the name that the command line takes."""
