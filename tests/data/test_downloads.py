"""Downloads from a real server on this machine: whole, interrupted and continued, wrong, slow, and none at all."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcn_core.data import releases
from dcn_core.data.cache import cache_folder
from dcn_core.data.downloads import Stopped, downloaded, downloads_folder, fetch
from dcn_core.data.fetching import Downloads
from dcn_core.data.releases import RELEASES, Release
from dcn_core.errors import DataError
from tests.data.archives import write_release
from tests.local_server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(monkeypatch) as made:
        yield made


BODY = bytes(range(256)) * 1_000


def release(body: bytes = BODY, md5: str | None = "own") -> Release:
    """A release with the checksum of `body`."""
    checksum = hashlib.md5(body).hexdigest() if md5 == "own" else md5
    return Release("ml-test", "MovieLens test", "nothing", 1, len(body), checksum, "share")


def nothing(have: int, total: int) -> None:
    """Tells nobody."""


def test_the_table_names_every_release_once_with_an_official_address() -> None:
    assert len({one.name for one in RELEASES}) == len(RELEASES)
    for one in RELEASES:
        assert one.url == f"https://files.grouplens.org/datasets/movielens/{one.name}.zip"
        assert one.md5 is None or len(one.md5) == 32
        assert one.terms in releases.TERMS


def test_an_archive_comes_whole_with_its_progress_and_is_not_asked_for_twice(server: Server) -> None:
    server.files["ml-test.zip"] = BODY
    told: list[tuple[int, int]] = []
    path = fetch(release(), lambda have, total: told.append((have, total)))
    assert path == downloads_folder() / "ml-test.zip" == downloaded(release())
    assert path.read_bytes() == BODY
    assert told[-1] == (len(BODY), len(BODY)) and told == sorted(told) and len(told) > 2
    assert fetch(release(), nothing) == path
    assert server.asked == [("/movielens/ml-test.zip", None)]
    assert sorted(file.name for file in downloads_folder().iterdir()) == [".ml-test.zip.lock", "ml-test.zip"]


def test_an_interrupted_download_goes_on_where_it_ended(server: Server) -> None:
    server.files["ml-test.zip"], server.cut_after = BODY, 100_000
    with pytest.raises(DataError, match=r"0\.1 MB are kept, and the next try goes on there"):
        fetch(release(), nothing)
    assert downloaded(release()) is None
    server.cut_after = None
    told: list[int] = []
    assert fetch(release(), lambda have, _: told.append(have)).read_bytes() == BODY
    begun = int(str(server.asked[1][1]).removeprefix("bytes=").rstrip("-"))
    assert 80_000 < begun <= 100_000
    assert min(told) > begun


def test_a_stopped_download_goes_on_too(server: Server) -> None:
    server.files["ml-test.zip"] = BODY
    seen: list[int] = []
    with pytest.raises(Stopped):
        fetch(release(), lambda have, _: seen.append(have), lambda: seen[-1] > 50_000)
    assert fetch(release(), nothing).read_bytes() == BODY
    assert server.asked[1][1] == f"bytes={seen[-1]}-"


def test_a_server_without_ranges_sends_all_again(server: Server) -> None:
    server.files["ml-test.zip"], server.cut_after = BODY, 100_000
    with pytest.raises(DataError):
        fetch(release(), nothing)
    server.cut_after, server.knows_ranges = None, False
    assert fetch(release(), nothing).read_bytes() == BODY


@pytest.mark.parametrize("beginning", [BODY[::-1][:1000], BODY + b"more", BODY])
def test_a_beginning_of_another_archive_is_noticed_and_all_is_fetched_again(server: Server, beginning: bytes) -> None:
    server.files["ml-test.zip"] = BODY
    downloads_folder().mkdir(parents=True)
    (downloads_folder() / "ml-test.zip.part").write_bytes(beginning)
    assert fetch(release(), nothing).read_bytes() == BODY
    assert len(server.asked) == (1 if beginning == BODY else 2)


def test_a_wrong_checksum_is_said_and_nothing_is_kept(server: Server) -> None:
    server.files["ml-test.zip"] = BODY[:-1] + b"!"
    with pytest.raises(DataError, match=r"checksum of ml-test\.zip is not the one that GroupLens publishes"):
        fetch(release(), nothing)
    assert [file.name for file in downloads_folder().iterdir()] == [".ml-test.zip.lock"]


def test_the_checksum_of_a_release_that_changes_is_read_beside_it(server: Server) -> None:
    server.files["ml-test.zip"] = BODY
    server.files["ml-test.zip.md5"] = b"MD5 (ml-test.zip) = " + hashlib.md5(BODY).hexdigest().upper().encode() + b"\n"
    assert fetch(release(md5=None), nothing).read_bytes() == BODY
    server.files["ml-test.zip.md5"] = b"<html>no checksum</html>"
    with pytest.raises(DataError, match=r"expected the MD5 checksum of ml-test\.zip"):
        fetch(release(md5=None), nothing)


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_error_of_the_server_is_named(server: Server, status: int) -> None:
    server.status = status
    with pytest.raises(DataError, match=f"answered with {status} .* upload it here"):
        fetch(release(), nothing)


def test_offline_says_so_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("http://127.0.0.1:1/x", "https://no-such-host.invalid/"):
        monkeypatch.setenv(releases.ADDRESS_VARIABLE, address)
        with pytest.raises(DataError, match=r"could not be reached .*grouplens\.org.* upload it here"):
            fetch(release(), nothing)


def test_a_nonsense_address_of_a_mirror_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(releases.ADDRESS_VARIABLE, "nonsense")
    with pytest.raises(DataError, match="could not be reached"):
        fetch(release(), nothing)


def test_far_more_than_was_promised_is_not_written(server: Server) -> None:
    server.files["ml-test.zip"] = BODY * 4
    with pytest.raises(DataError, match="should have about 0 MB"):
        fetch(release(), nothing)
    assert not (downloads_folder() / "ml-test.zip").exists()


def test_a_folder_that_cannot_be_written_is_said(server: Server) -> None:
    server.files["ml-test.zip"] = BODY
    cache_folder().mkdir(parents=True)
    downloads_folder().write_text("a file in the way")
    with pytest.raises(DataError, match="could not be written"):
        fetch(release(), nothing)


def test_a_download_in_the_background_tells_how_far_it_is_and_can_be_stopped(server: Server) -> None:
    server.files["ml-test.zip"], server.delay_s = BODY, 0.05
    downloads = Downloads()
    first = downloads.start(release())
    assert downloads.start(release()) is first and downloads.running
    while first.have == 0:
        time.sleep(0.01)
    first.stop()
    first.wait(10)
    assert first.state == "stopped" and 0 < first.share < 1 and not downloads.running
    server.delay_s = 0
    second = downloads.start(release())
    second.wait(10)
    assert second.state == "done" and second.path == downloaded(release()) and second.share == 1
    assert server.asked[1][1] == f"bytes={first.have}-"
    second.path.unlink()
    assert downloads.of(release()) is None


def test_two_processes_do_not_write_one_part(server: Server) -> None:
    server.files["ml-test.zip"], server.delay_s = BODY, 0.05
    running = Downloads().start(release())
    while running.have == 0:
        time.sleep(0.01)
    with pytest.raises(DataError, match="being downloaded by another process"):
        fetch(release(), nothing)
    running.stop()
    running.wait(10)


def test_a_failure_in_the_background_is_kept_for_whoever_looks(server: Server) -> None:
    server.status = 503
    download = Downloads().start(release())
    download.wait(10)
    assert download.state == "failed" and "answered with 503" in str(download.error)


def test_what_was_downloaded_is_a_source(server: Server, tmp_path: Path) -> None:
    from dcn_core.config.data import DataConfig
    from dcn_core.data.sources import load_dataset

    body = write_release(tmp_path, "ml-latest-small").read_bytes()
    server.files["ml-test.zip"] = body
    path = fetch(release(body), nothing)
    assert load_dataset(DataConfig(source=str(path))).num_ratings == 3
