"""What a person does, in a real browser on a fresh server."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PAGES, Server, Watch, overflow, settled

pytestmark = pytest.mark.e2e
LONG = 180_000
CHART = "[data-testid=stEChartsChart] canvas, .st-key-learning-curve canvas"


def go(page: Page, name: str) -> None:
    """Follows a link of the navigation."""
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=30_000)
    settled(page)


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_every_page_opens_by_its_address_on_a_fresh_server(page: Page, server: Server, path: str, title: str) -> None:
    page.goto(f"{server.url}/{path}")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=60_000)
    settled(page)
    assert page.get_by_role("link", name="Inspect", exact=True).count() >= 1
    page.reload()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=60_000)


def test_the_train_address_leads_to_the_front_page(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/train?run=20260101-000000-abcdef")
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_visible(timeout=60_000)


def test_a_run_is_trained_watched_inspected_and_asked(
    page: Page, server: Server, browser: Browser, watch: Watch
) -> None:
    page.goto(server.url)
    settled(page)
    page.keyboard.press("Control+Enter")

    # The curve moves, and stays the same node.
    chart = page.locator(CHART).first
    expect(chart).to_be_visible(timeout=LONG)
    chart.evaluate("node => { node.dataset.mark = 'first' }")
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 10"))).to_be_visible(timeout=LONG)
    before = chart.evaluate("node => node.toDataURL()")
    page.wait_for_function(
        "before => document.querySelector('canvas[data-mark=first]').toDataURL() !== before", arg=before, timeout=LONG
    )
    run = re.search(r"run=([\w-]+)", page.url)
    assert run is not None

    # Training does not care where one looks.
    go(page, "Data")
    expect(page.get_by_text("100,000").first).to_be_visible()
    go(page, "Train")
    page.reload()
    settled(page)
    assert run.group(1) in page.url
    second = browser.new_context().new_page()
    watch.follow(second)
    second.goto(f"{server.url}/?run={run.group(1)}")
    settled(second)
    second.close()

    expect(page.get_by_text("Test RMSE")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("10 of 10").or_(page.get_by_text(re.compile(r"^\d+ of \d+$"))).first).to_be_visible()

    page.get_by_role("button", name="See what it learned").click()
    expect(page.get_by_role("heading", name="Strongest crosses")).to_be_visible(timeout=60_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
    for form in ("PNG", "SVG"):
        choice = page.get_by_role("button", name=f"Save the picture as {form}")
        expect(choice).to_be_hidden()  # the menu of before is closed
        settled(page)
        page.locator(".st-key-save-crosses button").first.click()
        with page.expect_download() as saved:
            choice.click()
        assert saved.value.suggested_filename == f"crosses.{form.lower()}"
        assert Path(saved.value.path()).stat().st_size > 2000

    go(page, "Predict")
    expect(page.locator(".verdict b")).to_have_text(re.compile(r"^[1-5]\.\d$"), timeout=60_000)
    page.get_by_placeholder("Part of a title").fill("the")
    expect(page.locator(".verdict b")).to_be_visible()
    page.get_by_text("Someone new", exact=True).click()
    expect(page.get_by_text("goes through the unknown index")).to_be_visible(timeout=60_000)

    # The same experiment is known again: looking into it comes before training it once more.
    go(page, "Train")
    expect(page.locator(".st-key-train button")).to_contain_text("Train again", timeout=60_000)
    expect(page.locator("[data-testid=stBaseButton-primary]")).to_have_text(re.compile("See what it learned"))

    maps = Path(f"/proc/{server.pid}/maps")
    assert not maps.exists() or "tensorflow" not in maps.read_text()

    # Nothing is wider than a phone.
    phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    watch.follow(phone)
    for path, title in PAGES.items():
        phone.goto(f"{server.url}/{path}?run={run.group(1)}")
        expect(phone.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=60_000)
        settled(phone)
        phone.wait_for_timeout(1000)
        assert overflow(phone) <= 0, title
    phone.close()


@pytest.mark.skipif(
    "PLAYGROUND_DATA" not in os.environ, reason="needs the folder of MovieLens archives, PLAYGROUND_DATA"
)
def test_movielens_latest_small_is_chosen_trained_and_asked(page: Page, server: Server) -> None:
    archive = (Path(os.environ["PLAYGROUND_DATA"]) / "ml-latest-small.zip").resolve()
    page.goto(f"{server.url}/data")
    settled(page)
    page.get_by_text("On this machine", exact=True).click()
    path = page.get_by_label("Path", exact=True)
    path.fill("/no/such/archive.zip")
    path.press("Enter")
    expect(page.get_by_text("This path cannot be used")).to_be_visible(timeout=60_000)
    path.fill(str(archive))
    path.press("Enter")
    expect(page.get_by_text("100,836").first).to_be_visible(timeout=60_000)

    go(page, "Train")
    page.locator(".st-key-train button").click()
    expect(page.get_by_text("Test RMSE")).to_be_visible(timeout=LONG)

    go(page, "Predict")
    page.get_by_placeholder("Part of a title").fill("toy story 2")
    page.get_by_placeholder("Part of a title").press("Enter")
    expect(page.get_by_text("Toy Story 2 (1999)").first).to_be_visible(timeout=60_000)
    expect(page.locator(".verdict b")).to_have_text(re.compile(r"^[0-5]\.\d$"), timeout=60_000)


def test_a_run_can_be_paused_continued_and_stopped(page: Page, server: Server) -> None:
    page.goto(server.url)
    settled(page)
    page.get_by_role("tab", name="Training").click()
    page.get_by_label("Epochs", exact=True).fill("500")
    page.get_by_label("Epochs", exact=True).press("Enter")
    page.get_by_label("Patience", exact=True).fill("500")
    page.get_by_label("Patience", exact=True).press("Enter")
    settled(page)
    page.locator(".st-key-train button").click()
    page.get_by_role("button", name="Pause").click(timeout=LONG)
    expect(page.get_by_role("button", name="Go on")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"Epoch [2-9]\d* of 500"))).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped early")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Validation RMSE")).to_be_visible(timeout=60_000)


def test_the_app_needs_no_network(server: Server) -> None:
    texts = [path.read_text() for path in (Path("app.py"), *Path("ui").glob("*.py"), Path(".streamlit/config.toml"))]
    assert not re.search(r"https?://(?!localhost)", "\n".join(texts))
