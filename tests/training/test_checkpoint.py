import json

import numpy as np
import pytest

from dcn_core.config.run import RunConfig
from dcn_core.errors import RunError
from dcn_core.training.checkpoint import load_checkpoint, save_checkpoint

ARRAYS = {
    "variables": [np.arange(6, dtype="float32").reshape(2, 3), np.array([7, 8], np.uint32), np.array(9, np.int64)],
    "best": [np.full(12, np.float32(1e-45))],
}


def test_a_checkpoint_comes_back_bit_for_bit_and_in_order(tmp_path):
    many = {"variables": [np.array(i) for i in range(120)]}
    for progress, arrays in (({"epoch": 2, "loss": 0.1 + 0.2}, ARRAYS), ({"epoch": 3}, many)):
        save_checkpoint(tmp_path / "checkpoint", progress, arrays)
        loaded, loaded_arrays = load_checkpoint(tmp_path / "checkpoint")
        assert loaded == progress
        assert list(loaded_arrays) == sorted(arrays)
        for name, values in arrays.items():
            for value, expected in zip(loaded_arrays[name], values, strict=True):
                assert value.dtype == expected.dtype
                np.testing.assert_array_equal(value, expected)


def test_without_a_checkpoint_there_is_none(tmp_path):
    assert load_checkpoint(tmp_path / "nowhere") is None
    assert load_checkpoint(tmp_path) is None


def test_only_the_newest_arrays_are_kept(tmp_path):
    for epoch in range(3):
        save_checkpoint(tmp_path, {"epoch": epoch}, ARRAYS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.json", "state-3.npz"]


def test_a_death_before_the_last_file_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, {"epoch": 1}, ARRAYS)

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", die)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(tmp_path, {"epoch": 2}, {"variables": [np.zeros(1)]})
    progress, arrays = load_checkpoint(tmp_path)
    assert progress == {"epoch": 1}
    np.testing.assert_array_equal(arrays["variables"][0], ARRAYS["variables"][0])


@pytest.mark.parametrize("file", ["checkpoint.json", "state-1.npz"])
def test_a_damaged_checkpoint_says_what_to_do(tmp_path, file):
    save_checkpoint(tmp_path, {"epoch": 1}, ARRAYS)
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes()[:20])
    with pytest.raises(RunError, match=r"cannot be read.*Delete the folder"):
        load_checkpoint(tmp_path)


def test_a_checkpoint_of_another_version_is_refused(tmp_path):
    save_checkpoint(tmp_path, {}, ARRAYS)
    record = json.loads((tmp_path / "checkpoint.json").read_text())
    (tmp_path / "checkpoint.json").write_text(json.dumps(record | {"version": 99}))
    with pytest.raises(RunError, match=r"version 1\. Received: 99"):
        load_checkpoint(tmp_path)


def test_a_checkpoint_of_an_earlier_version_is_gone_on_from(tmp_path):
    now = RunConfig().model_dump(mode="json", include={"model", "train"})
    then = {part: dict(settings) for part, settings in now.items()} | {"rows": [8, 1, 1]}
    for part, name in (("model", "id_l2"), ("train", "monitor"), ("train", "label_smoothing")):
        del then[part][name]
    save_checkpoint(tmp_path, {"epoch": 2, "squared": 0.5, "best_mse": 0.25, "belongs_to": then}, ARRAYS)
    progress, _ = load_checkpoint(tmp_path)
    assert progress == {"epoch": 2, "loss": 0.5, "best": 0.25, "belongs_to": now | {"rows": [8, 1, 1]}}


def test_a_folder_that_was_deleted_around_it_is_not_made_again(tmp_path):
    with pytest.raises(FileNotFoundError):
        save_checkpoint(tmp_path / "deleted" / "checkpoint", {}, {})
    assert not (tmp_path / "deleted").exists()
