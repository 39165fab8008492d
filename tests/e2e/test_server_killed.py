"""The server is killed with three runs under way, and started again: the same tab and every run recover."""

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dcn_core.runs.store import RunStore
from tests.e2e.browser import serve, settled
from tests.runs.steps import LONG, SMALL, has_trained, wait_for

pytestmark = pytest.mark.e2e
LATER = 120_000


def test_the_same_tab_and_every_run_recover(browser: Browser, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "app" / "runs")
    active, waiting, last = store.create(LONG, "active"), store.create(LONG, "waiting"), store.create(SMALL, "last")
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    with serve(tmp_path / "app") as first:
        wait_for(lambda: has_trained(active))  # taken up by the server before anybody has opened a page
        page.goto(f"{first.url}/?run={active.id}")
        settled(page)
        expect(page.get_by_text(re.compile(r"Epoch \d+ of 1000"))).to_be_visible(timeout=LATER)
        os.kill(first.pid, signal.SIGKILL)
        wait_for(lambda: active.status().state == "interrupted")
        assert active.has_checkpoint()
        assert [run.status().state for run in (waiting, last)] == ["queued", "queued"]
    with serve(tmp_path / "app", first.port) as second:
        wait_for(lambda: has_trained(waiting))  # the new server goes on with what the old one left waiting
        resume = page.get_by_role("button", name="Resume")
        expect(resume).to_be_visible(timeout=LATER)  # without a reload
        assert f"run={active.id}" in page.url
        epoch = active.status().epoch
        resume.click()
        expect(page.get_by_text("Number 2 in the queue")).to_be_visible(timeout=LATER)
        page.goto(f"{second.url}/?run={waiting.id}")
        page.get_by_role("button", name="Stop").click(timeout=LATER)
        wait_for(lambda: waiting.status().state == "stopped")
        wait_for(lambda: last.status().finished)
        wait_for(lambda: active.status().state == "training" and active.status().epoch > epoch)
    page.context.close()


def test_a_run_that_waits_for_a_server_that_is_gone_is_started_with_one_click(browser: Browser, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "app" / "runs")
    page = browser.new_context().new_page()
    with serve(tmp_path / "app") as server:
        page.goto(server.url)
        settled(page)
        run = store.create(SMALL)  # as another server would have made it
        page.goto(f"{server.url}/?run={run.id}")
        settled(page)
        expect(page.get_by_text("Waits for another server")).to_be_visible(timeout=LATER)
        page.get_by_role("button", name="Start here").click()
        wait_for(lambda: run.status().finished)
        expect(page.get_by_text("Test RMSE")).to_be_visible(timeout=LATER)
    page.context.close()
