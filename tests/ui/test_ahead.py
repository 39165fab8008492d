"""The library of charts, loaded before it is needed."""

from dcn_core.runs.folder import RunFolder
from tests.ui.conftest import Open
from ui import ahead


def scripts(page):
    """Scripts that a page has the browser run."""
    return [element.value for element in page.get("html") if "<script>" in element.value]


def test_a_finished_run_has_the_browser_load_the_charts_that_this_streamlit_ships(
    app: Open, on_trained: RunFolder
) -> None:
    assert [script.count("static/js/PlotlyChart.") for script in scripts(app())] == [1]


def test_a_page_without_a_finished_run_loads_nothing_ahead(app: Open) -> None:
    assert scripts(app()) == []


def test_another_layout_of_streamlit_costs_time_only(app: Open, on_trained: RunFolder, monkeypatch) -> None:
    monkeypatch.setattr(ahead, "_chart_library", lambda: None)
    page = app()
    assert scripts(page) == [] and not page.exception
