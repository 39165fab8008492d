"""A real server on a port of its own, and a real browser that notes everything it should not see."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGES = {
    "": "Train",
    "inspect": "Inspect",
    "predict": "Predict",
    "compare": "Compare",
    "search": "Search",
    "data": "Data",
    "formulas": "Formulas",
    "learn": "Learn",
    "present": "Present",
}
"""Addresses of the pages and their titles."""


def chromium() -> str | None:
    """Path of the system's Chromium, None if there is none."""
    fixed = Path("/usr/bin/chromium")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return str(fixed) if fixed.exists() else next(filter(None, map(shutil.which, names)), None)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Server:
    """A running server of the app."""

    url: str
    log: Path
    folder: Path
    pid: int
    port: int

    def log_text(self) -> str:
        """All that the server wrote."""
        return self.log.read_text(errors="replace")


@contextmanager
def serve(folder: Path, port: int | None = None, **more: str) -> Iterator[Server]:
    """Starts the app as a user does and ends it.

    Args:
        folder: Where its runs and caches are.
        port: None for one that is free.
        **more: Further environment variables.
    """
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    folders = {"PLAYGROUND_RUNS": str(folder / "runs"), "PLAYGROUND_CACHE": str(folder / "cache")}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env=os.environ | folders | more,
            stdout=file,
            stderr=file,
        )
    url = f"http://localhost:{port}"
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                    break
            except OSError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.25)
        yield Server(url, log, folder, process.pid, port)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Watch:
    """What a page did that it should not: errors in its console, and requests to other hosts."""

    url: str
    problems: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Notes what happens on a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("websocket", lambda socket: self._request(socket.url))

    def _console(self, message: Any) -> None:
        # On a deep link Streamlit looks for its server below the page's address first, which the browser reports.
        looked_below = "404" in message.text and "/_stcore/" in message.location.get("url", "")
        if message.type == "error" and not looked_below:
            self.problems.append(f"console: {message.text} {message.location}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(self.url).netloc:
            self.problems.append(f"request to another host: {url}")


def settled(page: Page, timeout: float = 60_000) -> None:
    """Waits until the app has drawn the page."""
    page.wait_for_selector("[data-testid=stMainBlockContainer] h1", timeout=timeout)
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState !== 'running'"
        " && !document.querySelector('[data-testid=stSkeleton]') && !document.querySelector('[data-testid=stSpinner]')",
        timeout=timeout,
    )


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return int(
        page.evaluate(
            "Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(element => element.scrollWidth - element.clientWidth))"
        )
    )
