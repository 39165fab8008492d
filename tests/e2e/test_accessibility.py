"""Every page, empty and with a run, by the rules of axe-core: nothing is left but what Streamlit itself does."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.browser import PAGES, serve, settled
from tests.ui.conftest import train

pytestmark = pytest.mark.e2e
STREAMLITS_OWN = {"presentation-role-conflict"}  # the field for files
"""Rules that Streamlit's own elements break, whatever an app does."""


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page: the rule, and the first element that breaks it."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["id"] not in STREAMLITS_OWN]


def test_every_page_keeps_to_the_rules_of_accessibility(browser: Browser, tmp_path: Path) -> None:
    values = {"data": {"num_ratings": 10_000}, "train": {"epochs": 2}, "model": {"embedding_dim": 4}}
    run = train(tmp_path / "runs", values)
    with serve(tmp_path) as server:
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport={"width": 1440, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            for path, title in PAGES.items() if scheme == "light" else [("", "Train")]:
                page.goto(f"{server.url}/{path}?run={run.id}")
                settled(page)
                page.wait_for_timeout(1000)
                assert violations(page) == [], (title, scheme)
                if title == "Train":
                    page.get_by_test_id("stBaseButton-primary").first.hover()
                    page.wait_for_timeout(500)
                    assert violations(page) == [], ("under the pointer", scheme)
                    page.get_by_test_id("stTopNavLink").first.focus()
                    page.keyboard.press("Tab")  # to the next link
                    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                    assert outline == "solid", "the link that has the keyboard cannot be told"
            context.close()
