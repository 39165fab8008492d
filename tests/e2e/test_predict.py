"""The views of the predict page in a real browser: each draws, none is wider than a phone, and files go in and out."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Server, Watch, overflow, settled
from tests.ui.conftest import train

pytestmark = pytest.mark.e2e
VIEWS = {
    "Rating": ".st-key-answer .band",
    "Why": ".st-key-why .js-plotly-plot",
    "What if": ".st-key-what-if-board .js-plotly-plot",
    "Best movies": ".st-key-top [data-testid=stDataFrame]",
    "Audience": ".st-key-audience .js-plotly-plot",
    "Similar": ".st-key-similar [data-testid=stDataFrame]",
    "Fairness": ".st-key-fairness .js-plotly-plot",
    "Many pairs": ".st-key-batch [data-testid=stFileUploader]",
}
"""Names of the views, and what each has drawn in the end."""


def walk(page: Page) -> None:
    """Looks at every view; none may be wider than the window."""
    for name, drawn in VIEWS.items():
        page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).click()
        expect(page.locator(drawn).first).to_be_visible(timeout=60_000)
        settled(page)
        assert overflow(page) <= 0, name


def test_every_view_draws_and_files_go_in_and_out(page: Page, server: Server, browser: Browser, watch: Watch) -> None:
    values = {"data": {"num_ratings": 10_000}, "train": {"epochs": 1}, "model": {"embedding_dim": 4}}
    run = train(server.folder / "runs", values)  # type: ignore[arg-type]
    page.goto(f"{server.url}/predict?run={run.id}")
    settled(page)
    walk(page)
    page.locator(".st-key-batch input[type=file]").set_input_files(
        {"name": "pairs.csv", "mimeType": "text/csv", "buffer": b"user_id,movie_id\n1,1\n987654321,1\n"}
    )
    expect(page.get_by_text("1 × unknown user")).to_be_visible(timeout=60_000)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the predictions").click()
    lines = Path(saved.value.path()).read_text().splitlines()
    assert lines[0].replace('"', "") == "user_id,movie_id,rating,low,high,note" and len(lines) == 3

    context = browser.new_context(viewport={"width": 390, "height": 844})
    phone = context.new_page()
    watch.follow(phone)
    phone.goto(f"{server.url}/predict?run={run.id}")
    settled(phone)
    walk(phone)
    context.close()
