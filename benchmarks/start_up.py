"""From `streamlit run app.py` to a page that can be used."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.results import Section, Timing
from benchmarks.turns import ROOT


def measure(bench: Bench) -> Section:
    """Starts the server anew each round, with empty folders."""
    section = Section(
        "start-up",
        "Start-up",
        notes=[
            "`streamlit run app.py` on a free port until `/_stcore/health` answers; then a headless Chromium, already running, until "
            "the front page is drawn and at rest. Meanwhile the server's first worker loads TensorFlow beside it.",
        ],
    )
    health = Timing("Playground", [], "server answers")
    usable = Timing("Playground", [], "front page drawn")
    for number in range(3):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        _round(bench.folder / f"start-{number}", port, health, usable)
    section.timings = [timing for timing in (health, usable) if timing.seconds]
    if not usable.seconds:
        section.notes.append("The page was left out: no Chromium or no playwright here.")
    return section


def _round(folder: Path, port: int, health: Timing, usable: Timing) -> None:
    try:
        from tests.e2e.browser import chromium, open_browser, settled
    except ImportError:
        chromium = None
    folder.mkdir()
    url = f"http://localhost:{port}"
    environment = os.environ | {"PLAYGROUND_RUNS": str(folder / "runs"), "PLAYGROUND_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]

    def start() -> tuple[subprocess.Popen, float]:
        begin = time.perf_counter()
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        _wait(process, url)
        health.seconds.append(time.perf_counter() - begin)
        return process, begin

    process = None
    try:
        if chromium is None or chromium() is None:
            process, _ = start()
            return
        with open_browser() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            process, begin = start()
            page.goto(url)
            settled(page)
            usable.seconds.append(time.perf_counter() - begin)
    finally:
        if process is not None:
            process.terminate()
            process.wait(15)


def _wait(process: subprocess.Popen, url: str, patience: float = 120.0) -> None:
    """Waits until the server answers."""
    give_up = time.perf_counter() + patience
    while time.perf_counter() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not answer")
