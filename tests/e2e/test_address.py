"""The browser's Back and Forward: each press goes to the settings of before."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Server, settled

pytestmark = pytest.mark.e2e
STRUCTURE, ACTIVATION = ".st-key-setting-model-structure", ".st-key-setting-model-activation"


def choose(page: Page, name: str) -> None:
    """Changes the structure, and waits no longer than until the browser has heard of it."""
    page.locator(STRUCTURE).get_by_text(name, exact=True).click()
    page.wait_for_url(f"**/?*structure={name.lower()}")


def shows(page: Page, name: str, query: str = "", setting: str = STRUCTURE) -> None:
    """Fails if the form does not come to hold a choice, or the address to say so."""
    chosen = page.locator(f"{setting} [aria-checked=true]")
    expect(chosen).to_have_text(name)
    expect(page).to_have_url(re.compile(rf"/{re.escape(f'?{query}') if query else ''}$"))
    settled(page)
    expect(chosen).to_have_text(name)


def test_each_press_of_back_and_forward_goes_to_the_settings_of_before(page: Page, server: Server) -> None:
    page.goto(server.url)
    settled(page)
    choose(page, "Deep")
    page.go_back()  # at once, and to the address that says nothing
    shows(page, "Parallel")
    page.go_forward()
    shows(page, "Deep", "structure=deep")

    choose(page, "Cross")
    page.go_back()
    page.go_back()
    shows(page, "Parallel")
    page.go_forward()
    page.go_forward()
    shows(page, "Cross", "structure=cross")

    page.get_by_role("link", name="Inspect", exact=True).first.click()
    expect(page).to_have_url(f"{server.url}/inspect?structure=cross")
    page.go_back()
    shows(page, "Cross", "structure=cross")
    page.go_back()
    shows(page, "Deep", "structure=deep")


def test_quick_changes_are_not_taken_back(page: Page, server: Server) -> None:
    page.goto(server.url)
    settled(page)
    for name in ("GELU", "SiLU", "tanh", "GELU"):  # each before the browser has heard of the one before
        page.locator(ACTIVATION).get_by_text(name, exact=True).click()
    shows(page, "GELU", "activation=gelu", ACTIVATION)
    page.wait_for_timeout(3000)
    shows(page, "GELU", "activation=gelu", ACTIVATION)
