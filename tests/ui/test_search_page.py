"""The search page: a search is put together, goes on, and hands its best settings to the form."""

from pathlib import Path

import pytest

from dcn_core.search.searches import Searches
from tests.search.scripted import ScriptedExecutor, until
from tests.search.test_search import bowl
from tests.ui.conftest import Open
from tests.ui.test_train_page import words
from ui import caches

SMALL = {"setting-data-num_ratings": 10_000}


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials take no time: what trains them only tells of it."""
    monkeypatch.setattr(
        caches, "executor_from_environment", lambda *_, **__: ScriptedExecutor(bowl, epoch_s=0.0), raising=True
    )


def test_a_search_is_started_followed_and_used(app: Open, tmp_path: Path) -> None:
    page = app("search", state=SMALL)
    assert not page.exception and "No search yet" in words(page)
    page.number_input(key="sweep-trials").set_value(4)
    page.toggle(key="sweep-prune").set_value(False).run()
    page.number_input(key="sweep-high-model.dropout").set_value(0.3)
    page.button(key="sweep-start").click().run()  # typed and pressed at once
    assert not page.exception
    searches = Searches(tmp_path / "runs")
    assert max(dimension.high or 0 for dimension in searches.read("Search 1").plan.dimensions[-1:]) == 0.3
    assert searches.names() == ["Search 1"]
    until(lambda: not searches.read("Search 1").busy)
    page.run()
    found = searches.read("Search 1")
    assert not page.exception and found.best is not None and len(found.trials) == 4
    assert "Best so far" in words(page) and len(page.dataframe[0].value) == 4
    assert "search-parallel" in {chart.key for chart in page.get("plotly_chart")}
    page.button(key="sweep-use").click().run()
    assert page.session_state["draft"]["model"]["dropout"] == pytest.approx(found.best.settings["model.dropout"])
    page.button(key="sweep-delete").click().run()
    assert not page.exception and searches.names() == []


def test_what_does_not_fit_is_said_before_it_starts(app: Open) -> None:
    page = app("search", state=SMALL)
    page.number_input(key="sweep-low-model.dropout").set_value(0.4)
    page.number_input(key="sweep-high-model.dropout").set_value(0.1).run()
    assert not page.exception and "from a lower to a higher" in words(page)
    page.multiselect(key="sweep-varied").set_value([]).run()
    assert not page.exception and "choose at least one setting" in words(page).lower()
