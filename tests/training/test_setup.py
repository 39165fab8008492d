import os
import subprocess
import sys

import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.config.presets import preset_config
from dcn_core.training.setup import MOST_CACHED_PROGRAMS, _machine, configure_tensorflow, threads_for

TRAIN_TOY = """
import pathlib, sys
from dcn_core.training.setup import configure_tensorflow, use_threads, warm_up
assert "tensorflow" not in sys.modules
configure_tensorflow(pathlib.Path(sys.argv[1]))
assert "tensorflow" not in sys.modules
warm_up()
assert "sklearn" not in sys.modules
from sklearn.ensemble import HistGradientBoostingRegressor
import tensorflow as tf
use_threads(1)
assert tf.config.threading.get_intra_op_parallelism_threads() == 1
from dcn_core.training.trainer import train
from tests.training.worlds import SPECS, config, split, world
train(config({}, {"epochs": 1}), world(), split(), SPECS)
use_threads(2)
assert tf.config.threading.get_intra_op_parallelism_threads() == 1
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


@pytest.mark.parametrize(("preset", "threads"), [("notebook", 1), ("default", 0)])
def test_small_steps_get_one_thread_and_others_all_cores(preset, threads):
    specs = [FeatureSpec("genres", 19, slots=6), FeatureSpec("gender", 3), FeatureSpec("age", 8)]
    config = preset_config(preset)
    features = {"features": [spec.name for spec in specs]}
    config = config.model_copy(update={"data": config.data.model_copy(update=features)})
    assert threads_for(config, specs) == threads
