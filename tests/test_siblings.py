"""A run among its seeds: folders found, maps read, damaged ones passed over."""

from pathlib import Path

import numpy as np
import pytest

from dcn_core import study
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.siblings import compare, finished_by_seed, maps, siblings
from tests.test_study import finished


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))


def family(root: Path, seeds: range) -> list[RunFolder]:
    """Finished runs of one experiment with different seeds, with their reports begun."""
    runs = []
    for seed in seeds:
        run, subject = finished(root)
        record = run.record()
        record["config"]["train"]["seed"] = seed
        run.update_record(config=record["config"], data=subject.dataset.fingerprint)
        run.update_record(fingerprint=run.config().fingerprint(subject.dataset.fingerprint))
        study.write_report(run, subject, most=1)
        runs.append(run)
    return runs


def test_a_run_is_compared_with_its_other_seeds(tmp_path: Path) -> None:
    runs = family(tmp_path, range(1, 4))
    by_seed = finished_by_seed(RunStore(tmp_path), runs[0])
    assert {seed: run.id for seed, run in by_seed.items()} == {1: runs[0].id, 2: runs[1].id, 3: runs[2].id}
    found = compare(by_seed)
    assert list(found) == ["effect", "strength", "block_norm", "per_size"]
    assert [one.directed for one in found.values()] == [False, True, True, True]
    np.testing.assert_allclose(found["strength"].mean, runs[0].insight()["strength"].sum(axis=0))
    assert np.nanmax(found["effect"].spread) < 1e-12  # the same random weights in all three
    assert found["per_size"].rank_stability == pytest.approx(1)


def test_a_run_that_was_stopped_has_no_siblings(tmp_path: Path) -> None:
    first, second = family(tmp_path, range(1, 3))
    first.update_record(fingerprint=None)
    assert siblings(RunStore(tmp_path).list(), first) == {}
    assert list(siblings(RunStore(tmp_path).list(), second)) == [2]


def test_what_is_missing_or_damaged_takes_no_part(tmp_path: Path) -> None:
    first, second, third = family(tmp_path, range(1, 4))
    (second.path / "insight.npz").write_bytes(b"")
    (third.path / "insight.json").unlink()
    assert "effect" not in maps(third) and "strength" in maps(third)
    found = compare({1: first, 2: second, 3: third})
    assert found["strength"].seeds == (1, 3) and "effect" not in found
    assert compare({1: first}) == {}
