import os
import subprocess
import sys

from dcn_core.training.setup import MOST_CACHED_PROGRAMS, _machine, configure_tensorflow

TRAIN_TOY = """
import pathlib, sys
from dcn_core.training.setup import configure_tensorflow, warm_up
assert "tensorflow" not in sys.modules
configure_tensorflow(pathlib.Path(sys.argv[1]))
assert "tensorflow" not in sys.modules
warm_up()
"""


def train_toy(cache):
    subprocess.run([sys.executable, "-c", TRAIN_TOY, str(cache)], check=True, timeout=120)
    return {path: path.stat() for path in cache.rglob("*.pb")}


def test_a_second_process_finds_the_programs_of_the_first_and_a_damaged_one_is_compiled_anew(tmp_path):
    first, second = train_toy(tmp_path), train_toy(tmp_path)
    assert first
    assert {path: stat.st_mtime_ns for path, stat in first.items()} == {p: s.st_mtime_ns for p, s in second.items()}
    for path in first:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    third = train_toy(tmp_path)
    assert all(stat.st_size != first[path].st_size // 2 for path, stat in third.items() if path in first)


def test_old_programs_are_cleared(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_min_cluster_size=4")
    folder = tmp_path / "xla" / _machine()
    folder.mkdir(parents=True)
    for i in range(MOST_CACHED_PROGRAMS + 5):
        (folder / f"{i}.pb").touch()
        os.utime(folder / f"{i}.pb", (i, i))
    configure_tensorflow(tmp_path)
    assert len(list(folder.iterdir())) == MOST_CACHED_PROGRAMS
    assert not (folder / "4.pb").exists()
    flags = os.environ["TF_XLA_FLAGS"].split()
    assert flags == ["--tf_xla_min_cluster_size=4", f"--tf_xla_persistent_cache_directory={folder}"]
