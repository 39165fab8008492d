"""The page in one file: nothing is fetched, and names in it are text."""

import re
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest

from dcn_core import study
from dcn_core.errors import RunError
from dcn_core.insight.sections import SECTIONS
from dcn_core.pictures.chapters import Chapter
from dcn_core.pictures.page import MOST_ROWS, page
from dcn_core.pictures.picture import Picture
from dcn_core.report_page import write_page
from dcn_core.runs.status import Status
from tests.test_study import finished

HOSTILE = "<script>alert(1)</script> & <b>bold</b>"


def picture(numbers: pd.DataFrame, text: str = "One.") -> Picture:
    """A bar with the same text everywhere."""
    return Picture("k", text, text, go.Figure(go.Bar(x=["a"], y=[1])), text, text, numbers)


def own(text: str) -> str:
    """The page without Plotly's code."""
    return re.sub(r"<script>.{1000000,}?</script>", "", text, count=1, flags=re.DOTALL)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))


def test_no_text_of_a_user_is_read_as_html() -> None:
    numbers = pd.DataFrame({HOSTILE: [HOSTILE]})
    text = own(page(HOSTILE, [HOSTILE], [Chapter(HOSTILE, [picture(numbers, HOSTILE)], missing=[HOSTILE])]))
    assert "<script>alert" not in text and "<b>bold" not in text
    assert text.count("&lt;script&gt;alert(1)") >= 8


def test_plotly_is_there_once_and_a_large_table_is_cut_and_says_so() -> None:
    text = page("A", [], [Chapter("B", [picture(pd.DataFrame({"n": range(1000)}))] * 2)])
    assert text.count("plotly.js v") == 1
    assert text.count(f"{MOST_ROWS} of 1,000 rows") == 2


def test_making_a_page_leaves_the_colours_of_other_figures_alone() -> None:
    before = pio.templates.default
    page("A", [], [])
    assert pio.templates.default == before


def test_a_run_becomes_one_file_of_all_chapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "SECTIONS", {name: write for name, write in SECTIONS.items() if name != "maps"})
    run, _ = finished(tmp_path / "runs", head="sum", num_cross_layers=1)
    run.update_record(name=HOSTILE)
    for number, error in enumerate((1.0, 0.9), start=1):
        run.append_event({"type": "epoch", "epoch": number, "train_mse": error, "validation": {"mse": error}})
    write_page(run, tmp_path / "page.html")
    text = own((tmp_path / "page.html").read_text())
    for title in (
        "Crosses",
        "Is it real?",
        "Weights",
        "Parts and depth",
        "One rating",
        "Embeddings",
        "Errors",
        "Ladder",
        "How it learned",
    ):
        assert f"<h2>{title}</h2>" in text
    assert "It ran 2 epochs." in text and "interact most" in text and "lead to" in text and "<script>alert" not in text
    assert "#E5ECF6" not in text, "figures in Plotly's own colours"
    assert not re.search(r"(src|href)=[\"'](?!#)", text) and "default-src 'none'" in text
    assert study.read_report(run).missing == ()
    assert [path.name for path in tmp_path.glob("*page*")] == ["page.html"]


def test_a_run_whose_ratings_are_gone_says_so_in_its_page(tmp_path: Path) -> None:
    run, _ = finished(tmp_path / "runs")
    record = run.record()["config"]
    record["data"]["source"] = str(tmp_path / "gone.zip")
    run.update_record(config=record)
    write_page(run, tmp_path / "page.html")
    text = own((tmp_path / "page.html").read_text())
    assert "gone.zip" in text and "<h2>Embeddings</h2>" in text and "<h2>One rating</h2>" not in text


def test_what_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    run, _ = finished(tmp_path / "runs")
    for file in (tmp_path, tmp_path / "none" / "page.html"):
        with pytest.raises(RunError, match="must name a file in a folder that exists"):
            write_page(run, file)
    run.set_status(Status(state="failed"))
    with pytest.raises(RunError, match="only a finished run"):
        write_page(run, tmp_path / "page.html")
