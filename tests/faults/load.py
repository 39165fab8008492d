"""Many people watch one run live: page latency while it trains. `python -m tests.faults.load [sessions] [seconds]`.

Each session is a socket that does what a browser does: it draws the page once and then asks for each live fragment at
once a second. Latency is the time from asking to the last message of the answer.
"""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from dcn_core.config.run import override
from dcn_core.runs.store import RunStore
from tests.e2e.browser import serve
from tests.faults.session import Session, visit
from tests.runs.steps import LONG, has_trained, wait_for


def watch(session: Session, seconds: float, latencies: list[float]) -> None:
    """Asks for the live fragments once a second and notes how long each answer takes."""
    session.rerun()
    drawn = session.until_drawn()
    live = sorted({m.auto_rerun.fragment_id for m in drawn if m.WhichOneof("type") == "auto_rerun"})
    assert live, "the page has no live part"
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        for fragment in live:
            begin = time.perf_counter()
            session.rerun(fragment)
            session.until_drawn()
            latencies.append(time.perf_counter() - begin)
        time.sleep(max(0.0, now + 1 - time.monotonic()))


def resident_mb(pid: int) -> float:
    """Memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(sessions: int = 25, seconds: float = 30.0) -> None:
    """Measures and prints."""
    folder = Path(tempfile.mkdtemp())
    run = RunStore(folder / "runs").create(override(LONG, ["data.num_ratings=100000", "train.batch_size=1024"]))
    with serve(folder) as server:
        with visit(server.url) as first:
            first.rerun()
            first.until_drawn()
            wait_for(lambda: has_trained(run))
            latencies: list[float] = []

            def one() -> None:
                with visit(server.url, f"run={run.id}") as session:
                    watch(session, seconds, latencies)

            threads = [threading.Thread(target=one) for _ in range(sessions)]
            cpu = cpu_seconds(server.pid)
            for thread in threads:
                thread.start()
                time.sleep(0.2)
            for thread in threads:
                thread.join()
        p50, p95 = np.percentile(latencies, [50, 95]) * 1000
        print(  # noqa: T201
            f"{sessions} sessions, {len(latencies)} answers: p50 {p50:.0f} ms, p95 {p95:.0f} ms, "
            f"{1000 * (cpu_seconds(server.pid) - cpu) / len(latencies):.0f} ms of processor each, "
            f"server {resident_mb(server.pid):.0f} MB, run {run.status().state}"
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
