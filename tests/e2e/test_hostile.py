"""Hostile texts in a real browser: nothing of them runs, loads or is drawn as mark-up, and they are shown as they are."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from tests.e2e.browser import Watch, serve, settled
from tests.hostile import IMAGE, LONG, SCRIPT, TEXTS, movielens_csv
from tests.ui.conftest import train

pytestmark = pytest.mark.e2e
VIEWS = ("Crosses", "Is it real?", "Weights", "Parts and depth", "Embeddings", "Errors", "Ladder")
NAMES = (
    f"{SCRIPT}{IMAGE}",
    ":smile: :material/home: :red[x] $x^2$ **b**",
    "[a](javascript:window.hacked=1)",
    LONG[:120],
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A finished run on hostile ratings, among others with hostile names."""
    source = movielens_csv(tmp_path / "ml-:smile: $x$ <b>")
    values: dict[str, dict[str, object]] = {
        "data": {"source": str(source)},
        "train": {"epochs": 1, "batch_size": 64},
        "model": {"embedding_dim": 4},
    }
    run = train(tmp_path / "app" / "runs", values)
    store = RunStore(run.path.parent)
    for name in NAMES:
        store.edit(store.create(run.config(), name).id, note="\n".join(text for text in TEXTS if len(text) < 120))
    for listed in store.list():
        if listed.state == "queued":
            store.open(listed.id).set_status(listed.status.__class__(state="failed", message=f"{SCRIPT} :smile: $x$"))
    return run


def nothing_ran(page: Page) -> None:
    """Fails if a text was read as mark-up anywhere on the page."""
    assert page.evaluate("window.hacked") is None
    injected = "img[src='x'], a[href^='javascript'], script:not([src]):not([type])"
    texts = page.eval_on_selector_all(injected, "nodes => nodes.map(node => node.outerHTML)")
    assert [text for text in texts if "hacked" in text or "src=x" in text or 'src="x"' in text] == []
    assert page.locator("[data-testid=stMain] .katex").count() == 0
    assert page.get_by_text("😄").count() == 0


def test_nothing_of_a_hostile_text_is_read_as_mark_up(browser: Browser, tmp_path: Path, run: RunFolder) -> None:
    store = RunStore(run.path.parent)
    with serve(tmp_path / "app", PLAYGROUND_WARM_WORKER="0") as server:
        watch = Watch(server.url)
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        watch.follow(page)
        for listed in store.list():
            page.goto(f"{server.url}/?run={listed.id}")
            settled(page)
            page.wait_for_timeout(500)
            nothing_ran(page)
            expect(page.locator(".st-key-live-head h2").first).to_have_text(listed.name)
        page.get_by_text("All runs (5)").click()
        page.wait_for_timeout(500)
        nothing_ran(page)

        page.goto(f"{server.url}/data?run={run.id}")
        settled(page)
        page.get_by_text("On this machine", exact=True).click()
        path = page.get_by_label("Path", exact=True)
        path.fill(f"/nowhere/{IMAGE} :smile: $x$")
        path.press("Enter")
        expect(page.get_by_text(f"/nowhere/{IMAGE} :smile: $x$").first).to_be_visible(timeout=60_000)
        nothing_ran(page)
        path.fill(run.config().data.source)
        path.press("Enter")
        expect(page.get_by_text("MovieLens").first).to_be_visible(timeout=60_000)
        page.wait_for_timeout(1500)
        nothing_ran(page)

        page.goto(f"{server.url}/predict?run={run.id}")
        for title in (text for text in TEXTS if len(text) < 120):
            page.get_by_placeholder("Part of a title").fill(title)
            expect(page.locator(".pair strong").first).to_have_text(title, timeout=60_000)
        nothing_ran(page)

        page.goto(f"{server.url}/inspect?run={run.id}")
        for view in VIEWS:
            page.get_by_text(view, exact=True).first.click()
            settled(page)
            expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=120_000)
            page.wait_for_timeout(1000)
            nothing_ran(page)
        assert watch.problems == []
        page.context.close()
