"""What an open page costs the training: one long run, watched and unwatched in turns."""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.bench import Bench, no_browser
from benchmarks.results import Section, Timing
from dcn_core.config.presets import preset_config
from dcn_core.config.run import override
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor

SECONDS = 6.0
ROWS = 1_000_000


def measure(bench: Bench) -> Section:
    """Trains the notebook's network while a headless browser opens and closes the page that shows it."""
    section = Section(
        "live-page",
        "Training with its page open",
        notes=[
            f"One run of the notebook's network, trained for minutes. A headless Chromium shows it for {SECONDS:.0f} s, then a blank "
            f"page for {SECONDS:.0f} s, in turns. Seconds for a million ratings, validation left out. The browser draws on the same "
            "cores as the training, so this is the worst case: a browser on another machine costs less.",
        ],
    )
    if why := no_browser():
        section.skipped = why
        return section
    from tests.e2e.browser import open_browser, serve, settled

    folder = bench.folder / "live"
    with serve(folder) as server, open_browser() as browser:
        # The server's folders, so that its page finds the run; a supervisor of ours, so that no click is needed.
        supervisor = Supervisor(RunStore(folder / "runs"), keep_warm=False)
        try:
            source = str(bench.archive)
            config = override(preset_config("notebook", source), ["train.epochs=1000", "train.patience=1000"])
            run = RunStore(folder / "runs").open(supervisor.start(config))
            page = browser.new_page(viewport={"width": 1440, "height": 1000})

            def show() -> None:
                page.goto(f"{server.url}/?run={run.id}")
                settled(page)
                page.wait_for_selector("[data-testid=stEChartsChart], canvas", timeout=60_000)
                time.sleep(2.0)

            watch(section, run, max(3, bench.rounds), show, lambda: page.goto("about:blank"))
            supervisor.stop(run.id)
        finally:
            supervisor.close()
    pairs = zip(section.timings[0].seconds, section.timings[1].seconds, strict=True)
    cost = statistics.median(opened / closed - 1 for closed, opened in pairs)
    section.bar("page open: loss of training throughput", "", cost, 0.05, "share")
    return section


def watch(section: Section, run: RunFolder, rounds: int, show: Callable[[], Any], hide: Callable[[], Any]) -> None:
    """Adds what a million ratings took with the page closed and open, in turns."""
    timings = [Timing("Playground", [], work) for work in ("page closed", "page open")]
    section.timings += timings
    while not run.events()[0] or run.events()[0][-1]["type"] != "epoch":
        time.sleep(0.1)
        if run.status().state in ("failed", "interrupted"):
            raise RuntimeError(f"the run ended: {run.status().message}")
    for _ in range(rounds):
        for timing, change in zip(timings, (hide, show), strict=True):
            change()
            begin = time.time()
            time.sleep(SECONDS)
            timing.seconds.append(ROWS / throughput(run.events()[0], 256, begin))


def throughput(events: list[dict[str, Any]], batch_size: int, since: float = 0.0) -> float:
    """Ratings a second since a time, with all that training does between two steps; only validation is left out."""
    rows = seconds = 0.0
    step, last = 0, math.inf
    for event in events:
        if event["type"] == "step":
            if since <= last < math.inf:
                rows += (event["step"] - step) * batch_size
                seconds += event["time"] - last
            step = event["step"]
        last = event["time"] if event["type"] in ("step", "epoch") else math.inf
    return rows / seconds
