"""Many people watch one run live: page latency while it trains. `python -m tests.faults.load [sessions] [seconds]`.

Each session is a socket that does what a browser does: it draws the page, then asks for each live fragment whenever that
fragment's timer goes off, at moments of its own. All pages are drawn before anything is measured. Latency is the time from
the timer to the last message of the answer, so a late answer also counts against the ticks that had to wait for it.
Meanwhile one more visitor after another opens the page. All are one thread here, which reads no message but the short ones
that begin and end an answer: the sessions have two cores to share with the server and the training.
"""

import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from dcn_core.config.run import override
from dcn_core.runs.store import RunStore
from tests.e2e.browser import Server, serve
from tests.faults.processes import cpu_seconds, resident_mb
from tests.faults.session import address, request
from tests.runs.steps import LONG, has_trained, wait_for

SHORT = 300
"""Bytes that the messages have at most which say that an answer is over, or that a fragment has a timer."""
VISITS = 5


@dataclass
class Measured:
    """Seconds that ticks and whole pages took, and how often the timers of one page go off."""

    ticks: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    per_second: float = 0.0


async def draw(socket: ClientConnection, query: str, fragment: str = "") -> dict[str, float]:
    """Asks for the page or a fragment, waits for all of it, and returns the live fragments with their intervals."""
    await socket.send(request(query, fragment))
    timers = {}
    while True:
        data = await socket.recv()
        if len(data) > SHORT or not isinstance(data, bytes):
            continue
        message = ForwardMsg.FromString(data)
        match message.WhichOneof("type"):
            case "auto_rerun":
                timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "script_finished" if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return timers


async def watch(
    socket: ClientConnection, query: str, timers: dict[str, float], begin: float, end: float, found: Measured
) -> None:
    """Asks for the live fragments whenever their timers go off, and notes how long each answer takes."""
    due = {fragment: begin + random.uniform(0, interval) for fragment, interval in timers.items()}
    while (at := min(due.values())) < end:
        fragment = min(due, key=due.__getitem__)
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        await draw(socket, query, fragment)
        found.ticks.append(time.perf_counter() - at)
        due[fragment] += timers[fragment]


async def visit(url: str, query: str, found: Measured) -> None:
    """Opens the page once, as a new visitor."""
    async with connect(address(url), subprotocols=["streamlit"], origin=url, max_size=None) as socket:  # type: ignore[arg-type,list-item]
        begin = time.perf_counter()
        await draw(socket, query)
        found.pages.append(time.perf_counter() - begin)


async def crowd(server: Server, query: str, sessions: int, seconds: float) -> tuple[Measured, float]:
    """Lets so many people watch, and returns what was measured and the processor seconds of the server in that time."""
    found = Measured()
    sockets = [
        await connect(address(server.url), subprotocols=["streamlit"], origin=server.url, max_size=None)  # type: ignore[arg-type,list-item]
        for _ in range(sessions)
    ]
    timers = [await draw(socket, query) for socket in sockets]
    assert all(timers), "the page has no live part"
    found.per_second = sum(1 / interval for interval in timers[0].values())
    begin, before = time.perf_counter(), cpu_seconds(server.pid)
    watching = [
        asyncio.create_task(watch(socket, query, its, begin, begin + seconds, found))
        for socket, its in zip(sockets, timers, strict=True)
    ]
    await asyncio.gather(*watching)
    used = cpu_seconds(server.pid) - before
    for _ in range(VISITS):
        await visit(server.url, query, found)
    for socket in sockets:
        await socket.close()
    return found, used


def main(sessions: int = 25, seconds: float = 30.0) -> None:
    """Measures and prints."""
    folder = Path(tempfile.mkdtemp())
    run = RunStore(folder / "runs").create(override(LONG, ["data.num_ratings=100000", "train.batch_size=1024"]))
    random.seed(0)
    with serve(folder) as server:
        asyncio.run(visit(server.url, f"run={run.id}", Measured()))  # the server's first page starts its supervisor
        wait_for(lambda: has_trained(run))
        begin, before = time.perf_counter(), time.process_time()
        found, used = asyncio.run(crowd(server, f"run={run.id}", sessions, seconds))
        own = (time.process_time() - before) / (time.perf_counter() - begin)
        p50, p95 = np.percentile(found.ticks, [50, 95]) * 1000
        print(  # noqa: T201
            f"{sessions} sessions, {found.per_second:.2f} ticks a second each, {len(found.ticks)} answers: "
            f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, {1000 * used / len(found.ticks):.1f} ms of processor each; "
            f"whole page {1000 * np.median(found.pages):.0f} ms; "
            f"server {resident_mb(server.pid):.0f} MB, run {run.status().state}; these sessions took {own:.0%} of a core"
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
