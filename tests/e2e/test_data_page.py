"""The data page in a real browser: a release is downloaded with one click, its progress seen, and its ratings shown."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Watch, overflow, serve, settled
from tests.hostile import archive, movielens_csv
from tests.local_server import serving

pytestmark = pytest.mark.e2e


def test_a_release_is_downloaded_with_its_progress(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = archive(movielens_csv(tmp_path / "ml-latest")).read_bytes()
    with serving(monkeypatch) as releases, serve(tmp_path / "app", PLAYGROUND_WARM_WORKER="0") as server:
        releases.files["ml-latest-small.zip"], releases.piece, releases.delay_s = body, 4_000, 0.4
        releases.files["ml-latest-small.zip.md5"] = hashlib.md5(body).hexdigest().encode()
        watch = Watch(server.url)
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        watch.follow(page)
        page.goto(f"{server.url}/data")
        settled(page)
        page.get_by_role("button", name="MovieLens", exact=True).click()
        row = page.locator(".st-key-release-ml-latest-small")
        expect(row.get_by_role("button")).to_be_disabled()
        page.get_by_text("I have read the terms of use").click()
        row.get_by_role("button", name="Download").click()
        expect(row.get_by_role("progressbar")).to_be_visible()
        expect(row.get_by_text("In use")).to_be_visible(timeout=20_000)
        settled(page)
        expect(page.locator(".st-key-overview h2")).to_contain_text("MovieLens")
        expect(page.locator(".st-key-table-crosses, .st-key-box-crosses").first).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(500)
        assert overflow(page) <= 0
        assert watch.problems == []
        assert "Traceback" not in server.log_text()
