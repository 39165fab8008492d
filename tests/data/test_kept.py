"""Tables that were counted once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dcn_core.data.kept import kept

FRAME = pd.DataFrame({"name": ["a", "<b>"], "count": [1, 2], "low": [0.5, np.nan]})


def test_a_table_is_counted_once_for_each_data_set_kind_and_version(own_cache: Path) -> None:
    calls = []

    def count() -> pd.DataFrame:
        calls.append(1)
        return FRAME

    first, again = kept("means", 1, "f" * 64, count), kept("means", 1, "f" * 64, count)
    pd.testing.assert_frame_equal(first, again)
    assert len(calls) == 1
    for kind, version, fingerprint in (("other", 1, "f" * 64), ("means", 2, "f" * 64), ("means", 1, "e" * 64)):
        kept(kind, version, fingerprint, count)
    assert len(calls) == 4
    assert len(list((own_cache / "counted").iterdir())) == 4


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"columns": {"a": [1]}, "checksum": "x"}', b'{"columns": 3, "checksum": "x"}']
)
def test_a_damaged_table_is_counted_again(own_cache: Path, damage: bytes) -> None:
    kept("means", 1, "f" * 64, lambda: FRAME)
    (file,) = (own_cache / "counted").iterdir()
    file.write_bytes(damage)
    pd.testing.assert_frame_equal(kept("means", 1, "f" * 64, lambda: FRAME), FRAME)
    assert file.read_bytes() != damage


def test_a_cache_that_cannot_be_written_is_no_error(own_cache: Path) -> None:
    own_cache.write_text("a file in the way")
    pd.testing.assert_frame_equal(kept("means", 1, "f" * 64, lambda: FRAME), FRAME)
