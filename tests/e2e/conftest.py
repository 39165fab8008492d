"""A browser for the tests that drive one; without Chromium they are skipped, except in CI, where they fail."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import Server, Watch, chromium, open_browser, serve


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("expected Chromium. Install the package chromium.")
        pytest.skip("there is no Chromium on this machine. Install the package chromium.")
    with open_browser() as opened:
        yield opened


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server; its log must hold no traceback in the end."""
    with serve(tmp_path / "app") as running:
        yield running
    assert "Traceback" not in running.log_text(), running.log_text()


@pytest.fixture
def watch(server: Server) -> Iterator[Watch]:
    """Fails the test in the end if a followed page had an error or left this machine."""
    noted = Watch(server.url)
    yield noted
    assert noted.problems == []


@pytest.fixture
def page(browser: Browser, watch: Watch) -> Iterator[Page]:
    """A page of a desktop's size, watched."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    opened = context.new_page()
    watch.follow(opened)
    yield opened
    context.close()
