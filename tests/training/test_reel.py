"""Frames of a training: which are kept, what is in them, and that nothing of them can be half there."""

import numpy as np
import pytest

from dcn_core.training import reel as reels
from dcn_core.training.reel import Reel, stride


def weights(epoch: int) -> dict[str, np.ndarray]:
    """Some weights that tell the epoch."""
    return {"cross_1/W": np.full((2, 2), epoch, np.float32), "embedding/user_id": np.full((9, 3), epoch, np.float32)}


def roll(reel: Reel, epochs: range, best=lambda epoch: epoch, last: int | None = None) -> Reel:
    """Takes the frames of some epochs."""
    for epoch in epochs:
        reel.take(epoch, lambda epoch=epoch: weights(epoch), best(epoch), epoch == last)
    return reel


def test_a_short_training_has_every_frame(tmp_path):
    assert list(roll(Reel(tmp_path / "film"), range(11))) == list(range(11))


@pytest.mark.parametrize("epochs", [37, 38, 39, 76, 77, 150, 1000])
def test_when_there_are_too_many_every_second_one_goes(tmp_path, epochs):
    reel = roll(Reel(tmp_path), range(epochs + 1), best=lambda epoch: min(epoch, 5), last=epochs)
    step = stride(epochs, reels.MOST_FRAMES)
    assert set(reel) == {*range(0, epochs + 1, step), 5, epochs}
    assert len(reel) <= reels.MOST_FRAMES < 2.2 * len(reel)
    assert all(reel[epoch]["cross_1/W"][0, 0] == epoch for epoch in reel)


def test_frames_of_a_training_that_went_back_are_those_of_one_that_did_not(tmp_path):
    best = lambda epoch: epoch // 7 * 7  # noqa: E731
    straight = roll(Reel(tmp_path / "a"), range(91), best, last=90)
    went_back = roll(Reel(tmp_path / "b"), range(60), best)
    went_back.rewind(50)
    assert max(went_back) <= 50
    roll(Reel(tmp_path / "b"), range(51, 91), best, last=90)
    assert list(went_back) == list(straight)


def test_large_networks_have_fewer_frames_and_huge_ones_none(tmp_path, monkeypatch):
    size = sum(array.nbytes for array in weights(0).values())
    monkeypatch.setattr(reels, "MOST_BYTES", 8 * size)
    assert len(roll(Reel(tmp_path / "few"), range(101), best=lambda _: 1)) <= 8
    monkeypatch.setattr(reels, "MOST_BYTES", size)
    assert len(roll(Reel(tmp_path / "none"), range(101))) == 0


def test_of_a_large_table_only_some_rows_are_kept_with_their_numbers(tmp_path):
    rows = np.array([0, 3, 8])
    reel = Reel(tmp_path, {"embedding/user_id": rows})
    table = np.arange(27.0).reshape(9, 3)
    reel.take(0, lambda: {"embedding/user_id": table, "head/bias": np.ones(1)})
    frame = reel[0]
    np.testing.assert_array_equal(frame["embedding/user_id"], table[rows])
    np.testing.assert_array_equal(frame["rows/embedding/user_id"], rows)
    assert "rows/head/bias" not in frame


def test_a_damaged_frame_is_none(tmp_path):
    reel = roll(Reel(tmp_path), range(3))
    for content in (b"", b"PK\x03\x04 half a file"):
        (tmp_path / "frame-0001.npz").write_bytes(content)
        assert reel.get(1) is None and reel[2]["cross_1/W"][0, 0] == 2


def test_a_film_that_cannot_be_written_does_not_end_the_training(tmp_path):
    (tmp_path / "file").touch()
    assert len(roll(Reel(tmp_path / "file" / "film"), range(3))) == 0


def test_weights_are_only_asked_for_where_they_become_a_frame(tmp_path):
    asked = []
    reel = Reel(tmp_path)
    for epoch in range(200):
        reel.take(epoch, lambda epoch=epoch: asked.append(epoch) or weights(epoch), best_epoch=1)
    assert len(asked) < 90
