"""A run that goes to another playground as a zip: the same run there, and nothing else ever gets in."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dcn_core.errors import RunError
from dcn_core.export import run_archive
from dcn_core.export.run_archive import pack, unpack
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.serving.predictor import Predictor
from tests.model.examples import random_indices

Change = Callable[[dict[str, bytes]], None]


def repacked(content: bytes, change: Change) -> bytes:
    """The zip with its files changed; those whose names have no slash stand beside the folder."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
        top = archive.namelist()[0].partition("/")[0]
    change(files)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name if name.startswith(("/", "..")) else f"{top}/{name}", data)
    return target.getvalue()


def test_a_run_is_the_same_run_elsewhere(finished: RunFolder, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "elsewhere")
    run = unpack(pack(finished), store)
    assert store.ids() == [run.id] and run.id != finished.id
    assert run.status().finished and run.status().pid is None
    assert run.config() == finished.config() and run.name() == finished.name() == "A *run* <b>"
    assert run.record()["fingerprint"] == finished.record()["fingerprint"]
    assert run.events() == finished.events() and run.has_checkpoint()
    assert not (run.path / "model.keras").exists()
    assert [path.name for path in store.root.iterdir() if path.name.startswith(".import")] == []


def edit(file: str, **values: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files[file] = json.dumps(json.loads(files[file]) | values).encode()

    return change


def put(file: str, data: bytes) -> Change:
    return lambda files: files.update({file: data})


def weights_changed(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def changed(files: dict[str, bytes]) -> None:
        with np.load(io.BytesIO(files["weights.npz"])) as kept:
            arrays = {name: change(kept[name]) for name in kept.files}
        target = io.BytesIO()
        np.savez(target, allow_pickle=False, **arrays)
        files["weights.npz"] = target.getvalue()

    return changed


def pickled_weights(files: dict[str, bytes]) -> None:
    target = io.BytesIO()
    np.savez(target, array=np.array([print, 1], dtype=object))
    files["weights.npz"] = target.getvalue()


def bomb(files: dict[str, bytes]) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.npy", bytes(20 << 20))
    files["film/frame-0000.npz"] = target.getvalue()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("setup.py", b"print()"), "only files that runs have. Received also: 'setup.py'"),
        (put("model.keras", b"PK"), "only files that runs have"),
        (put("film/../../x.npz", b""), "points outside the archive"),
        (put("/etc/x", b""), "points outside the archive"),
        (put("film/frame-0001.npz.pkl", b""), "only files that runs have"),
        (lambda files: files.pop("weights.npz"), "lacks weights.npz"),
        (edit("status.json", state="training"), "only a finished run.*training"),
        (edit("status.json", state="running"), "only a finished run.*failed"),
        (edit("run.json", schema=99), "expected schema"),
        (edit("run.json", config={"model": {"cross_kind": "eval"}}), "model.cross_kind"),
        (edit("result.json", scores="good"), "scores by part"),
        (put("run.json", b"{"), "cannot be read"),
        (put("encoder.json", b"{}"), "encoder.json"),
        (weights_changed(lambda values: values[None]), "must have shape"),
        (weights_changed(lambda values: values * np.nan), "not all numbers"),
        (weights_changed(lambda values: values[:1]), "weights by its config. Received"),
        (pickled_weights, "allow_pickle=False"),
        (bomb, "unpacks from"),
    ],
)
def test_what_is_no_whole_run_is_refused_and_leaves_nothing(
    finished: RunFolder, tmp_path: Path, change: Change, message: str
) -> None:
    store = RunStore(tmp_path / "elsewhere")
    with pytest.raises(RunError, match=message):
        unpack(repacked(pack(finished), change), store)
    assert list(store.ids()) == [] and [p for p in store.root.glob("*") if p.is_dir()] == []


@pytest.mark.parametrize("content", [b"", b"PK\5\6" + bytes(18), b"no zip at all"])
def test_what_is_no_zip_of_a_run_is_refused(store: RunStore, content: bytes) -> None:
    with pytest.raises(RunError, match="expected"):
        unpack(content, store)


def test_too_much_is_refused(finished: RunFolder, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pack(finished)
    monkeypatch.setattr(run_archive, "MOST_UNPACKED", 10_000)
    with pytest.raises(RunError, match="unpacks to at most 10,000 bytes"):
        unpack(content, store)
    monkeypatch.setattr(run_archive, "MOST_MEGABYTES", 0)
    with pytest.raises(RunError, match="at most 0 MB"):
        unpack(content, store)


def test_a_record_says_only_what_a_record_may_say(finished: RunFolder, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "elsewhere")
    change = edit("run.json", pinned=True, created="soon", note="n" * 9_999, extra={"deep": []}, name="\x00 <b>*x*\n")
    run = unpack(repacked(pack(finished), change), store)
    record = run.record()
    assert {"pinned", "note", "extra"} & set(record) == set() and isinstance(record["created"], float)
    assert run.name() == "<b>*x*" and store.list()[0].status.finished


def test_a_foreign_network_is_never_run_but_made_anew(finished: RunFolder, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(pack(finished))) as archive:
        assert not [name for name in archive.namelist() if name.endswith((".onnx", ".keras"))]
    foreign = b"whatever it is, nobody reads it"
    run = unpack(repacked(pack(finished), put("model.onnx", foreign)), RunStore(tmp_path / "elsewhere"))
    asked = random_indices(finished.specs(), 20)
    np.testing.assert_array_equal(Predictor.open(run.path).score(asked), Predictor.open(finished.path).score(asked))


def test_a_network_that_takes_too_much_memory_is_refused(
    finished: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_MAX_MEMORY_MB", "150")
    with pytest.raises(RunError, match="MB of memory, more than this server gives"):
        unpack(pack(finished), RunStore(tmp_path / "elsewhere"))


def test_links_in_a_folder_are_not_packed(finished: RunFolder, tmp_path: Path) -> None:
    copy = tmp_path / finished.id
    shutil.copytree(finished.path, copy)
    (copy / "events.jsonl").unlink()
    (copy / "events.jsonl").symlink_to("/etc/hostname")
    with zipfile.ZipFile(io.BytesIO(pack(RunFolder(copy)))) as archive:
        assert f"{finished.id}/events.jsonl" not in archive.namelist()
