"""A folder in an object store: what a reader sees at any moment, and what happens when the store does not do its part."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

pytest.importorskip("fsspec")
from dcn_core.errors import ConfigError, StoreError
from dcn_core.runs import snapshot
from dcn_core.runs.object_store import ObjectStore
from dcn_core.runs.place import Place
from dcn_core.runs.snapshot import BLOCK, Snapshot, checksum


class Recorded(ObjectStore):
    """A store that tells what was written to it, and fails when told."""

    away = False
    cut_after: int | None = None

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.written: list[str] = []

    def write(self, objects: Mapping[str, bytes]) -> None:
        for key, content in objects.items():
            if self.away or self.cut_after == 0:
                raise StoreError("away")
            if self.cut_after is not None:
                self.cut_after -= 1
            super().write({key: content})
            self.written.append(key)


@pytest.fixture(params=["memory", "file"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Recorded]:
    made = Recorded(f"memory://{tmp_path}" if request.param == "memory" else f"file://{tmp_path}/store")
    yield made
    made.remove_all("")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return folder(tmp_path / "here", {"status.json": "1", "run.json": "{}", "checkpoint/state-1.npz": "a" * 10})


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return folder(tmp_path / "there", {})


def folder(path: Path, files: dict[str, str]) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def texts(path: Path) -> dict[str, str]:
    return {str(file.relative_to(path)): file.read_text() for file in path.rglob("*") if file.is_file()}


def test_a_folder_comes_to_the_other_side_and_so_does_every_change(remote: Recorded, here: Path, there: Path) -> None:
    writer, reader = Place(remote, "run/1"), Place(remote, "run/1")
    writer.push(here)
    assert reader.pull(there)
    assert texts(there) == texts(here)
    (here / "checkpoint" / "state-1.npz").unlink()
    folder(here, {"checkpoint/state-2.npz": "b", "status.json": "2", "empty": "", "film/frame-0001.npz": "c"})
    assert not reader.pull(there)
    writer.push(here)
    assert reader.pull(there)
    assert texts(there) == texts(here)


def test_a_run_goes_on_from_the_other_side(remote: Recorded, here: Path, there: Path) -> None:
    server, machine = Place(remote, "run/1"), Place(remote, "run/1")
    server.push(here)
    machine.pull(there)
    before = len(remote.written)
    folder(there, {"status.json": "7"})
    machine.push(there)
    assert [key.split("/")[2] for key in remote.written[before:]] == ["blocks", "snapshot"]  # only what is new
    assert server.pull(here)
    assert texts(here) == texts(there)


def test_locks_and_half_written_files_stay_where_they_are(remote: Recorded, here: Path, there: Path) -> None:
    folder(here, {"worker.lock": "", ".status.json.x1": "half", ".hidden/file": "x"})
    Place(remote, "a").push(here)
    Place(remote, "a").pull(folder(there, {"insight.log": "the server's own"}))
    assert texts(there).keys() == {"status.json", "run.json", "checkpoint/state-1.npz", "insight.log"}


def test_all_blocks_are_there_before_the_snapshot_that_names_them(remote: Recorded, here: Path, there: Path) -> None:
    writer, reader = Place(remote, "a"), Place(remote, "a")
    writer.push(here)
    reader.pull(there)
    first = texts(there)
    folder(here, {"status.json": "done", "weights.npz": "u" * BLOCK + "v" * BLOCK + "w", "result.json": "{1}"})
    for written in range(4):  # the writer is cut off at one point after the other
        remote.cut_after = written
        with pytest.raises(StoreError):
            writer.push(here)
        reader.pull(there)
        assert texts(there) == first
    remote.cut_after = None
    writer.push(here)
    reader.pull(there)
    assert texts(there) == texts(here)


def test_the_status_is_written_last_and_read_first(remote: Recorded, here: Path, there: Path) -> None:
    folder(here, {"weights.npz": "w", "result.json": "{}"})
    Place(remote, "a").push(here)
    order: list[str] = []
    names = ("status.json", "weights.npz", "result.json", "run.json")
    Place(remote, "a").pull(there, {name: lambda _, name=name: order.append(name) for name in names})
    assert order == ["weights.npz", "result.json", "run.json", "status.json"]
    with snapshot.opened(here) as files:
        assert [snapshot.promises(name) for name in files] == [2, 1, 1, 0, 0]


def test_a_folder_is_read_as_it_was_at_one_moment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(here, {"checkpoint/checkpoint.json": "state-1"})
    whole = snapshot._names
    left = [1, 2]

    def names(path: Path) -> list[str]:
        found = whole(path)
        if left and snapshot._names is names and len(asked) == 2:  # between the JSON files and the others
            number = left.pop()
            (path / "checkpoint" / "new").write_text(f"state-{number + 5}")
            (path / "checkpoint" / f"state-{number + 5}.npz").write_text("new")
            (path / "checkpoint" / "new").replace(path / "checkpoint" / "checkpoint.json")
            for old in path.glob("checkpoint/state-*.npz"):
                if old.stem != f"state-{number + 5}":
                    old.unlink()
        asked.append(1)
        if len(asked) == 3:
            asked.clear()
        return found

    asked: list[int] = []
    monkeypatch.setattr(snapshot, "_names", names)
    with snapshot.opened(here) as files:
        promised = files["checkpoint/checkpoint.json"].read().decode()
        assert f"checkpoint/{promised}.npz" in files
    assert not left


def test_of_a_file_that_grows_only_the_end_is_sent_and_fetched(remote: Recorded, here: Path, there: Path) -> None:
    writer, reader = Place(remote, "a"), Place(remote, "a")
    (here / "events.jsonl").write_bytes(b"a" * BLOCK + b"b" * BLOCK + b"c")
    writer.push(here)
    reader.pull(there)
    remote.remove([f"a/blocks/{checksum(b'a' * BLOCK)}"])  # whoever asks for it again fails
    del remote.written[:]
    with (here / "events.jsonl").open("ab") as file:
        file.write(b"d")
    writer.push(here)
    assert len(remote.written) == 2
    reader.pull(there)
    assert (there / "events.jsonl").read_bytes() == (here / "events.jsonl").read_bytes()


def test_what_is_not_needed_any_more_leaves_the_store(remote: Recorded, here: Path) -> None:
    writer = Place(remote, "a")
    for number in range(5):
        folder(here, {"status.json": f"state {number}"})
        writer.push(here)
    gone, last = checksum(b"state 2"), checksum(b"state 3")
    with pytest.raises(StoreError):
        remote.read(f"a/blocks/{gone}")
    assert remote.read(f"a/blocks/{last}") == b"state 3"  # a reader may be at it
    writer.remove()
    with pytest.raises(StoreError):
        remote.read("a/snapshot")
    writer.remove()


@pytest.mark.parametrize("what", ["snapshot", "block"])
def test_half_of_an_object_is_not_taken_for_the_whole(remote: Recorded, here: Path, there: Path, what: str) -> None:
    writer, reader = Place(remote, "a"), Place(remote, "a")
    writer.push(here)
    reader.pull(there)
    before = texts(there)
    folder(here, {"status.json": "a later one"})
    writer.push(here)
    key = "a/snapshot" if what == "snapshot" else f"a/blocks/{checksum(b'a later one')}"
    whole = remote.read(key)
    remote.write({key: whole[:-3]})
    with pytest.raises(StoreError, match=r"[Hh]alf"):
        reader.pull(there)
    assert texts(there) == before
    remote.write({key: whole})
    assert reader.pull(there)
    assert texts(there) == texts(here)


@pytest.mark.parametrize(
    "name",
    ["../out", "/etc/passwd", "a/../../out", ".hidden", "a/.b", "worker.lock", "a\n", "", "ü", "a//b", "a\\b", "a\0"],
)
def test_a_snapshot_writes_nowhere_but_into_its_folder(remote: Recorded, there: Path, name: str) -> None:
    content = b"x"
    remote.write({f"a/blocks/{checksum(content)}": content})
    remote.write({"a/snapshot": Snapshot({name: (checksum(content),)}).to_bytes()})
    with pytest.raises(StoreError, match="names of files of a run"):
        Place(remote, "a").pull(there)
    assert not texts(there)


@pytest.mark.parametrize(
    "values", [[], {}, {"version": 1}, {"version": 1, "files": {"a": ["../b"]}}, {"version": 1, "files": 3}]
)
def test_what_is_no_snapshot_is_an_error(values: object) -> None:
    body = json.dumps(values).encode()
    with pytest.raises(StoreError, match="expected a snapshot"):
        Snapshot.from_bytes(checksum(body).encode() + b"\n" + body)


def test_a_newer_version_is_named() -> None:
    body = json.dumps({"version": 2, "files": {}}).encode()
    with pytest.raises(StoreError, match="same version of this program"):
        Snapshot.from_bytes(checksum(body).encode() + b"\n" + body)


def test_a_folder_that_was_deleted_stays_deleted(remote: Recorded, here: Path, there: Path) -> None:
    writer, reader = Place(remote, "a"), Place(remote, "a")
    writer.push(here)
    there.rmdir()
    with pytest.raises(OSError, match="No such file"):
        reader.pull(there)
    assert not there.exists()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("/shared/store", "must be a URL such as"),
        ("simplecache::s3://bucket", "must be a URL such as"),
        ("nonsense://bucket", r"fsspec knows.*Protocol not known"),
        ("s3://bucket/prefix", "a package that is not installed.*s3fs"),
        ("file:///", "bucket or folder"),
    ],
)
def test_a_bad_address_is_one_clear_error(url: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    with pytest.raises(ConfigError, match=message):
        ObjectStore(url)


def test_what_is_secret_in_an_address_is_not_shown() -> None:
    with pytest.raises(ConfigError) as raised:
        ObjectStore("nonsense://me:secret@host/path?key=hidden")
    assert "secret" not in str(raised.value) and "hidden" not in str(raised.value)


def test_a_store_is_tried_before_anything_is_given_to_it(tmp_path: Path) -> None:
    assert ObjectStore.from_environment(f"file://{tmp_path}/store").url == f"file://{tmp_path}/store"
    assert not list((tmp_path / "store").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"written and read.*file/store could not be asked"):
        ObjectStore.from_environment(f"file://{tmp_path}/file/store")
    with pytest.raises(ConfigError, match="all machines see"):
        ObjectStore.from_environment("memory://store")
