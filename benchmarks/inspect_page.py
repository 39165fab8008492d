"""How fast the inspect page of a finished run answers: its first picture, and each switch."""

import time
from typing import Any

from benchmarks.bench import Bench, no_browser
from benchmarks.results import Section, Timing

FIRST_S, SWITCH_S = 1.0, 0.3
_SETTLED = """
(button) => new Promise((resolve) => {
  const app = document.querySelector("[data-testid=stApp]");
  const begin = performance.now();
  let last = begin;
  const observer = new MutationObserver(() => { last = performance.now(); });
  observer.observe(document.querySelector("[data-testid=stMain]"), { subtree: true, childList: true, attributes: true, characterData: true });
  const look = () => {
    if (app.dataset.testScriptState === "running" || performance.now() - last < 500) return setTimeout(look, 20);
    observer.disconnect();
    resolve((last - begin) / 1000);
  };
  button.click();
  look();
})
"""
"""Presses a button and tells after how many seconds the page changed for the last time."""


def measure(bench: Bench) -> Section:
    """Trains the notebook's network once and looks at it in a headless browser."""
    section = Section(
        "inspect",
        "Inspect",
        notes=[
            "The notebook's network, trained on the whole archive, its report complete. A headless Chromium on the same cores goes from "
            "Train to Inspect until the first picture is drawn, then presses every choice in turn; a switch is over when the page "
            "changes for the last time. Three-dimensional maps are left out: the browser draws them without a graphics processor. Medians over all rounds, the first visit of the server left out.",
        ],
    )
    if why := no_browser():
        section.skipped = why
        return section
    from tests.e2e.browser import open_browser, serve

    folder = bench.folder / "inspect"
    runs = folder / "runs"
    archive = ["--data", bench.archive, "--preset", "notebook", "--runs", runs]
    bench.run("dcn_core", "train", *archive, cache=folder / "cache")
    run = next(path for path in runs.iterdir() if (path / "result.json").exists())
    bench.run("dcn_core.study", run, cache=folder / "cache")
    with serve(folder) as server, open_browser() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        first, switches = Timing("Playground", [], "first picture"), Timing("Playground", [], "a switch")
        slowest: dict[str, float] = {}
        for number in range(1 + max(2, bench.rounds)):
            page.goto(f"{server.url}/?run={run.name}")
            page.wait_for_selector("text=Use its settings", timeout=120_000)
            page.wait_for_timeout(1000)
            seconds = open_inspect(page)
            found = dict(press_all(page))
            if number:
                first.seconds.append(seconds)
                switches.seconds += found.values()
                slowest = {name: max(took, slowest.get(name, 0)) for name, took in found.items()}
    section.timings = [first, switches]
    section.bar("first picture of Inspect", "", first.median, FIRST_S, "seconds")
    section.bar("a switch of section, measure or layer", "", switches.median, SWITCH_S, "seconds")
    name = max(slowest, key=lambda name: slowest[name])
    section.facts["slowest switch"] = f"{name}: {slowest[name]:.2f} s"
    return section


def open_inspect(page: Any) -> float:
    """Follows the link to Inspect; seconds until its first picture is drawn."""
    begin = time.perf_counter()
    page.get_by_role("link", name="Inspect", exact=True).first.click()
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    seconds = time.perf_counter() - begin
    page.wait_for_timeout(1500)
    return seconds


def press_all(page: Any) -> list[tuple[str, float]]:
    """Presses every choice of every section once; the name and the seconds of each."""
    found = []
    sections = page.locator(".st-key-view button")
    for number in range(sections.count()):
        name = sections.nth(number).inner_text()
        if number:
            found.append((name, press(sections.nth(number))))
        choices = page.locator(".stMainBlockContainer [data-testid=stButtonGroup]:not(.st-key-view *) button")
        for place in range(choices.count()):
            three = choices.nth(place).inner_text() == "3-D"  # without a graphics processor that measures the browser
            if choices.nth(place).get_attribute("aria-checked") == "false" and not three:
                found.append((f"{name}, {choices.nth(place).inner_text()}", press(choices.nth(place))))
    return found


def press(button: Any) -> float:
    """Seconds until the page is at rest after a press."""
    return float(button.evaluate(_SETTLED))
