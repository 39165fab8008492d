import subprocess
import sys

from dcn_core.training.setup import MOST_CACHED_PROGRAMS

TRAIN_TOY = """
import pathlib, sys
from dcn_core.training.setup import configure_tensorflow, warm_up
assert "tensorflow" not in sys.modules
configure_tensorflow(pathlib.Path(sys.argv[1]))
assert "tensorflow" not in sys.modules
warm_up()
"""


def test_a_second_process_finds_the_programs_of_the_first(tmp_path):
    found = []
    for _ in range(2):
        subprocess.run([sys.executable, "-c", TRAIN_TOY, str(tmp_path)], check=True, timeout=120)
        found.append({path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.pb")})
    assert found[0]
    assert found[0] == found[1]


def test_old_programs_are_cleared(tmp_path, monkeypatch):
    import os

    from dcn_core.training.setup import _machine, configure_tensorflow

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
