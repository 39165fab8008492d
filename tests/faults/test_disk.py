"""A full disk, wherever it strikes: the error is raised at the write call inside a real worker process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dcn_core.config.run import override
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from tests.runs.steps import SMALL, THOROUGH, same_weights

ROOT = Path(__file__).parents[2]
WORKER = """
import builtins, errno, io, json, os, sys
from pathlib import Path

import dcn_core.files
from dcn_core.runs.folder import RunFolder
from dcn_core.worker import execute

seen, told = 0, []

def strike(path):
    global seen
    if part in str(path):
        seen += 1
        if seen > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

real_open, real_mkstemp = io.open, dcn_core.files.tempfile.mkstemp

def open_(file, mode="r", *args, **kwargs):
    if any(letter in mode for letter in "wax"):
        strike(file)
    return real_open(file, mode, *args, **kwargs)

def mkstemp(dir=None, prefix=""):
    strike(Path(dir) / prefix[1:-1])
    return real_mkstemp(dir=dir, prefix=prefix)

io.open = builtins.open = open_
dcn_core.files.tempfile.mkstemp = mkstemp
for path, part, after in json.loads(sys.argv[1]):
    run, seen = RunFolder(Path(path)), 0
    with run.lock():
        execute(run, lambda: None)
    told.append([run.status().state, run.status().message])
print("told", json.dumps(told))
"""
SIXTEEN = override(SMALL, ["train.epochs=3", "train.batch_size=16"])
CASES = [("events.jsonl", 6), ("state-", 0), ("result.json", 0), ("runs", 40)]
"""Part of a file's name, and how often it can be written before the disk is full. "runs": from then on, every file."""
if THOROUGH:
    CASES += [("status.json", 6), ("checkpoint.json", 0), ("weights.npz", 0), ("insight.npz", 0)]


def work(cases: list[tuple[Path, str, int]], before: str = "") -> list[tuple[str, str]]:
    """Trains runs in a process of their own, in which the disk is full from some moment on; returns state and message."""
    argument = json.dumps([[str(path), part, after] for path, part, after in cases])
    done = subprocess.run(
        [sys.executable, "-c", before + WORKER, argument], cwd=ROOT, check=True, capture_output=True, text=True
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("told "))
    return [(state, message) for state, message in json.loads(line.removeprefix("told "))]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that nothing happened to."""
    run = RunStore(tmp_path_factory.mktemp("runs")).create(SIXTEEN)
    assert work([(run.path, "nothing", 0)]) == [("done", "")]
    return run


def test_a_full_disk_interrupts_a_run_that_then_goes_on(tmp_path: Path, undisturbed: RunFolder) -> None:
    store = RunStore(tmp_path / "runs")
    runs = [store.create(SIXTEEN) for _ in CASES]
    struck = work([(run.path, part, after) for run, (part, after) in zip(runs, CASES, strict=True)])
    for case, (state, message) in zip(CASES, struck, strict=True):
        assert state == "interrupted", (case, message)
        assert message.startswith("The disk is full. Free some space, then resume"), case
    assert {run.state for run in store.list()} == {"interrupted"}
    (runs[0].path / "insight.json").write_text("of the network that was there before")
    assert work([(run.path, "nothing", 0) for run in runs]) == [("done", "")] * len(CASES)
    for run in runs:
        same_weights(run, undisturbed)
    assert not (runs[0].path / "insight.json").exists()


def test_a_limit_on_file_sizes_is_a_full_disk_too(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(SIXTEEN)
    limit = (
        "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    )
    ((state, message),) = work([(run.path, "nothing", 0)], before=limit)
    assert state == "interrupted"
    assert message.startswith("The disk is full.")
