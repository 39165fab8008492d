import json

import pandas as pd
import pytest

from dcn_core.config.data import DataConfig
from dcn_core.data import cache, sources
from dcn_core.data.encoder import Encoder
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.data.table_file import read_head
from dcn_core.data.table_roles import guess
from tests.data.archives import RELEASES, write_folder, write_release
from tests.data.tables import cars, purchases


def load(path):
    return load_dataset(DataConfig(source=str(path)))


def assert_same(first, second):
    for table in ("ratings", "users", "movies"):
        pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table))
    for field in ("name", "fingerprint", "rating_step", "rating_min", "rating_max", "notes", "truth"):
        assert getattr(first, field) == getattr(second, field)


@pytest.fixture
def reads(monkeypatch):
    """Counts how often an archive is really read."""
    calls = []
    read = sources.read_movielens
    monkeypatch.setattr(sources, "read_movielens", lambda *a: calls.append(1) or read(*a))
    return calls


@pytest.mark.parametrize("release", RELEASES)
def test_the_cache_gives_exactly_what_the_archive_gave(tmp_path, release, reads):
    path = write_release(tmp_path, release)
    assert_same(load(path), load(path))
    assert len(reads) == 1


def test_a_copy_under_another_name_is_found_too(tmp_path, reads):
    path = write_release(tmp_path, "ml-1m")
    load(path)
    load(path.rename(tmp_path / "renamed.zip"))
    assert len(reads) == 1


def test_a_changed_archive_or_folder_is_read_again(tmp_path, reads):
    load(write_release(tmp_path, "ml-1m"))
    assert load(write_release(tmp_path, "ml-1m", ratings_dat="1::10::2::9\n")).num_ratings == 1
    folder = write_folder(tmp_path / "ml-1m", "ml-1m")
    assert load(folder).num_ratings == 4
    (folder / "ratings.dat").write_text("1::10::2::9\n")
    assert load(folder).num_ratings == 1
    assert len(reads) == 4


@pytest.mark.parametrize("kind", ["ratings.arrow", "users.arrow", "movies.arrow", "json"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "gone"])
def test_a_damaged_cache_is_rebuilt_silently(tmp_path, own_cache, reads, kind, damage):
    path = write_release(tmp_path, "ml-1m")
    fresh = load(path)
    (file,) = own_cache.rglob(f"*-v{cache.VERSION}.{kind}")
    data = file.read_bytes()
    middle = len(data) // 2
    damaged = {"cut": data[:middle], "flipped": data[:middle] + b"\x55" + data[middle + 1 :], "empty": b""}
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(damaged[damage])
    assert_same(load(path), fresh)
    assert len(reads) == 2
    assert_same(load(path), fresh)
    assert len(reads) == 2, "the rebuilt cache is used"


@pytest.mark.parametrize("text", ["[]", "null", '{"checksum": 1}', '{"checksum": "x", "tables": []}', '"x"'])
def test_a_manifest_of_another_shape_counts_as_not_there(own_cache, text):
    (own_cache / "movielens").mkdir(parents=True)
    (own_cache / "movielens" / f"{'a' * 32}-v{cache.VERSION}.json").write_text(text)
    assert cache.load("a" * 64) is None


def test_an_edited_manifest_is_not_believed(tmp_path, own_cache, reads):
    path = write_release(tmp_path, "ml-1m")
    load(path)
    (file,) = own_cache.rglob("*.json")
    manifest = json.loads(file.read_text())
    manifest["scale"]["rating_max"] = 10.0
    file.write_text(json.dumps(manifest))
    assert load(path).rating_max == 5.0
    assert len(reads) == 2


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "file"))
    assert load(write_release(tmp_path, "ml-1m")).num_ratings == 4


def test_nothing_half_written_stays_behind(tmp_path, own_cache):
    load(write_release(tmp_path, "ml-1m"))
    assert len([file for file in own_cache.rglob("*") if file.is_file()]) == 4


def test_a_bad_archive_leaves_no_cache(tmp_path, own_cache):
    with pytest.raises(Exception, match="line 1"):
        load(write_release(tmp_path, "ml-1m", ratings_dat="x::1::1::1\n"))
    assert not own_cache.exists()


@pytest.mark.parametrize("frame", [cars(60), purchases(60)], ids=["cars", "purchases"])
def test_a_large_table_is_read_once_and_the_cache_gives_exactly_the_same(tmp_path, own_cache, monkeypatch, frame):
    reads, read = [], sources.load_table
    monkeypatch.setattr(sources, "load_table", lambda *a: reads.append(1) or read(*a))
    frame.to_csv(tmp_path / "t.csv", index=False)
    config = DataConfig(source=str(tmp_path / "t.csv"), table=guess(read_head(tmp_path / "t.csv").table))
    load_dataset(config)
    assert not own_cache.exists()
    monkeypatch.setattr(sources, "KEPT_FROM", 1)
    fresh, kept = load_dataset(config), load_dataset(config)
    assert len(reads) == 2
    assert_same(fresh, kept)
    assert (fresh.known, fresh.nouns) == (kept.known, kept.nouns)
    encoders = [Encoder.fit(data, split_rows(data, config).train, config.features) for data in (fresh, kept)]
    assert encoders[0].vocabularies == encoders[1].vocabularies
    (tmp_path / "t.csv").rename(tmp_path / "other.csv")
    assert load_dataset(config.model_copy(update={"source": str(tmp_path / "other.csv")})).name == "other"
    assert len(reads) == 2
    monkeypatch.setattr(cache, "MOST_TABLES", 1)
    rare = config.table.model_copy(update={"rare": 10})
    load_dataset(config.model_copy(update={"source": str(tmp_path / "other.csv"), "table": rare}))
    assert len(reads) == 3 and len(list((own_cache / "tables").iterdir())) == 4
