"""Pictures of every page, light and dark, on a desk and on a phone: `python -m tests.e2e.screenshots FOLDER`.

Titles of pages after the folder take those only, for instance `Data`.
"""

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from dcn_core.config.presets import preset_config
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.e2e.browser import PAGES, open_browser, serve, settled

SIZES = {"desk": (1440, 900), "phone": (390, 844)}


def train(root: Path) -> str:
    """Trains a deep network and the default one on the generated world, and returns the id of the latter."""
    store = RunStore(root)
    supervisor = Supervisor(store, keep_warm=False)
    for preset in ("deep-only", "default"):
        run = store.open(supervisor.start(preset_config(preset)))
        while run.status().waiting_or_active:
            time.sleep(0.5)
        assert run.status().finished, run.status().message
    supervisor.close()
    return run.id


def whole_page(page: Page, width: int, height: int) -> None:
    """Makes the window as high as the page, so that one picture shows all of it."""
    needed = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, min(int(needed) + 40, 4000))})
    page.wait_for_timeout(1500)


def take(browser: Browser, url: str, folder: Path, run: str, pages: dict[str, str]) -> None:
    """Writes `<page>-<scheme>-<size>.png` for every combination of the pages, titles by address."""
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                device_scale_factor=2 if size == "phone" else 1.5,
            )
            page = context.new_page()
            for path, title in pages.items():
                page.set_viewport_size({"width": width, "height": height})
                page.goto(f"{url}/{path}?run={run}")
                settled(page)
                page.wait_for_timeout(2500)
                whole_page(page, width, height)
                page.screenshot(path=folder / f"{title.lower()}-{scheme}-{size}.png")
            context.close()


def main() -> None:
    """Takes all pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    pages = {path: title for path, title in PAGES.items() if title in sys.argv[2:] or not sys.argv[2:]}
    with tempfile.TemporaryDirectory() as place, open_browser() as browser:
        run = train(Path(place) / "runs")
        with serve(Path(place)) as server:
            take(browser, server.url, folder, run, pages)


if __name__ == "__main__":
    main()
