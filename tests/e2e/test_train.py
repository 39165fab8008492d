"""The Train page while a run goes on, on a desktop and on a phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dcn_core.runs.store import RunStore
from tests.e2e.browser import Watch, serve, settled
from tests.ui.conftest import train

pytestmark = pytest.mark.e2e
SIZES = {"desktop": (1440, 1000), "phone": (390, 844)}
STILL = ("run_picker", "train-seeds", "train", "network", "live-controls", "learning-curve")
"""Keys of what must not move, and what only grows downwards."""
_PLACES = """keys => keys.map(key => {
  const place = document.querySelector(`.st-key-${key}`).getBoundingClientRect();
  return [key, place.left, place.top + document.querySelector('[data-testid=stMain]').scrollTop, place.width];
})"""


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Any:
    """The page of an app that has a finished run, in a window of each size."""
    train(tmp_path / "app" / "runs", {"data": {"num_ratings": 10_000}, "train": {"epochs": 1}})
    width, height = SIZES[request.param]
    with serve(tmp_path / "app") as server:
        opened = browser.new_context(viewport={"width": width, "height": height}).new_page()
        watch = Watch(server.url)
        watch.follow(opened)
        opened.goto(server.url)
        settled(opened)
        expect(opened.locator(".st-key-learning-curve canvas").first).to_be_visible()
        yield opened
        opened.context.close()
        assert watch.problems == [] and "Traceback" not in server.log_text()


def test_nothing_moves_while_a_run_begins_goes_on_and_ends(page: Page) -> None:
    stop = page.locator(".st-key-stop button")
    before = page.evaluate(_PLACES, STILL)
    page.locator(".st-key-train button").click()
    expect(stop).to_be_visible(timeout=60_000)
    while stop.count():
        assert page.evaluate(_PLACES, STILL) == before
        page.wait_for_timeout(50)
    expect(page.get_by_text("Train again")).to_be_visible(timeout=60_000)
    settled(page)
    assert page.evaluate(_PLACES, STILL) == before
    hint = page.locator(".st-key-train kbd").first
    assert hint.is_visible() == (page.viewport_size == {"width": 1440, "height": 1000})


def test_what_a_run_that_is_over_offers_changes_the_whole_page(page: Page, tmp_path: Path) -> None:
    structure = page.locator(".st-key-setting-model-structure")
    structure.get_by_text("Deep", exact=True).click()
    page.wait_for_url("**/?*structure=deep")
    settled(page)
    page.get_by_role("button", name="Use its settings").click()
    expect(structure.locator("[aria-checked=true]")).to_have_text("Parallel")

    run_id = page.url.partition("run=")[2].partition("&")[0]
    RunStore(tmp_path / "app" / "runs").delete(run_id)  # as in another tab
    page.get_by_role("button", name="Use its settings").click()
    expect(page.get_by_text("The run in the address is not in this folder")).to_be_visible()
