"""Uploaded archives: checked before they are kept, bounded, and never those of a run."""

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from dcn_core.data import uploads, zip_checks
from dcn_core.data.archive import open_source
from dcn_core.data.own_table import load_table
from dcn_core.data.table_file import read_head
from dcn_core.data.table_names import file_name
from dcn_core.data.table_roles import guess
from dcn_core.data.uploads import keep_table, keep_upload, uploads_folder
from dcn_core.errors import DataError
from tests.data.archives import contents, write_folder, write_release, write_zip


def upload(tmp_path: Path, number: int = 1) -> bytes:
    """The bytes of an archive, another one for each number."""
    rating = b"1::10::5::%d\n" % number
    return write_zip(tmp_path / "sent.zip", contents("ml-1m", ratings_dat=rating), "ml-1m").read_bytes()


def test_the_same_archive_twice_is_one_file_named_for_its_content(tmp_path):
    first, second = keep_upload(upload(tmp_path), 10), keep_upload(upload(tmp_path), 10)
    assert first == second and list(uploads_folder().iterdir()) == [first]
    assert open_source(first).folder == "ml-1m"


def test_an_uploaded_table_is_called_as_it_was_sent():
    path = keep_table(b"town,score\nOslo,1\nRome,2\nBonn,2\n", "Größte Städte 2.csv", 10)
    assert path.parent == uploads_folder() and file_name(path) == "Größte Städte 2.csv"
    assert load_table(path, guess(read_head(path).table)).name == "Größte Städte 2"
    with pytest.raises(DataError, match=r"^Größte Städte 2\.csv has several columns 'a'"):
        keep_table(b"a,a\n1,2\n", "Größte Städte 2.csv", 10)
    for name in ("../../x/y.csv", "..csv", "a\x00b\n.csv", f"{'ä' * 300}.CSV"):
        kept = keep_table(b"town,score\nOslo,1\nRome,2\n", name, 10)
        assert kept.parent == uploads_folder() and kept.is_file() and not kept.name.startswith(".")
    assert file_name(Path("a") / f"{'0' * 24}.zip") == "upload.zip"


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\3\4 cut off"])
def test_what_is_no_archive_is_not_kept(content):
    with pytest.raises(DataError, match=r"archive\.zip"):
        keep_upload(content, 10)
    assert list(uploads_folder().iterdir()) == []


def test_too_large_an_upload_is_refused_with_another_way(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_MEGABYTES", 0)
    with pytest.raises(DataError, match=r"at most 0 MB\. Received: .* Give the path"):
        keep_upload(b"PK", 10)


def test_the_oldest_uploads_make_room_but_not_those_of_runs(tmp_path):
    size = len(upload(tmp_path)) / 1e6
    kept = [keep_upload(upload(tmp_path, number), 10) for number in range(3)]
    for age, path in enumerate(kept):
        os.utime(path, (1000 + age, 1000 + age))
    new = keep_upload(upload(tmp_path, 3), 3.1 * size, in_use={str(kept[0])})
    assert set(uploads_folder().iterdir()) == {kept[0], kept[2], new}
    with pytest.raises(DataError, match=r"no room for another upload.* Delete some of these runs"):
        keep_upload(upload(tmp_path, 4), size, in_use={str(kept[0])})
    assert kept[0].exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path, own_cache):
    own_cache.write_text("a file in its place")
    with pytest.raises(DataError, match="could not be kept"):
        keep_upload(upload(tmp_path), 10)


def with_member(path: Path, info: zipfile.ZipInfo, data: bytes = b"x") -> Path:
    """Adds a member to an archive."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, data)
    return path


@pytest.mark.parametrize(("kind", "said"), [(stat.S_IFLNK, "a link"), (stat.S_IFIFO, "a device")])
def test_links_and_devices_in_an_archive_are_refused(tmp_path, kind, said):
    info = zipfile.ZipInfo("ml-1m/users.dat.link")
    info.external_attr = (kind | 0o777) << 16
    with pytest.raises(DataError, match=rf"which is {said}.*Do not trust this archive"):
        open_source(with_member(write_release(tmp_path, "ml-1m"), info, b"/etc/passwd"))


def test_an_encrypted_member_is_refused_before_it_is_read(tmp_path):
    path = write_release(tmp_path, "ml-1m")
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\1\2")
    data[at + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="without a password"):
        open_source(path)


def test_an_archive_in_an_archive_is_not_opened_and_said_so(tmp_path):
    inner = write_release(tmp_path, "ml-1m").read_bytes()
    with pytest.raises(DataError, match="an archive inside is not opened: unpack the outer one first"):
        open_source(write_zip(tmp_path / "outer.zip", {"ml-1m.zip": inner}))


def test_a_huge_table_of_contents_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(12_000):
            archive.writestr(f"{'x' * 60}{number}", b"")
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("the table of contents was read"))
    with pytest.raises(DataError, match="far more files than a MovieLens archive"):
        open_source(path)


def test_a_huge_table_of_contents_of_the_large_format_is_refused_too(tmp_path, monkeypatch):
    path = write_release(tmp_path, "ml-1m")
    data = path.read_bytes()
    at = data.rfind(b"PK\5\6")
    size, offset = struct.unpack_from("<LL", data, at + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, 10**9, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(data[:at] + record + locator + end)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("the table of contents was read"))
    with pytest.raises(DataError, match="table of contents of 1,000,000,000 bytes"):
        open_source(path)
    assert size < zip_checks.MAX_DIRECTORY_BYTES


def test_a_folder_full_of_other_things_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("dcn_core.data.archive.MAX_ENTRIES", 3)
    folder = write_folder(tmp_path / "ml-1m", "ml-1m")
    open_source(folder)
    (folder / "other").touch()
    with pytest.raises(DataError, match="more than 3 entries"):
        open_source(folder)
