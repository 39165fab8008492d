"""A network's pictures as one HTML file that needs nothing else: no network, no server, no other file."""

import html
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
from plotly.offline import get_plotlyjs

from dcn_core.pictures.chapters import Chapter
from dcn_core.pictures.picture import Picture

MOST_ROWS, MOST_COLUMNS = 200, 16
"""Largest table that is written out."""
_TEALS = ["#f1f6f3", "#d9ebe7", "#b9dbd5", "#93c8c0", "#69b1a8", "#41988f", "#1f8179", "#0f6963", "#0a514c", "#063835"]
_TEAL_TO_ORANGE = [
    "#0b524d",
    "#12857d",
    "#5fada6",
    "#a5d0cb",
    "#deedea",
    "#f7e6dc",
    "#f0bf9f",
    "#e3905f",
    "#d9632a",
    "#8f3c12",
]
_SEQUENTIAL, _DIVERGING = ([[n / 9, colour] for n, colour in enumerate(own)] for own in (_TEALS, _TEAL_TO_ORANGE))
_TEMPLATE = go.layout.Template(
    data={
        "heatmap": [{"colorscale": _SEQUENTIAL}],
        "scatter": [{"marker": {"colorscale": _SEQUENTIAL}}],
    },
    layout={
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": "#1d2226"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": ["#12857d", "#d9632a", "#3c5f9e", "#b8860b", "#8c4a7b", "#7a8087", "#5fada6", "#8f3c12", "#87a0cc"],
        "colorscale": {
            "sequential": _SEQUENTIAL,
            "diverging": _DIVERGING,
        },
        "xaxis": {"gridcolor": "#e6e2d8", "zerolinecolor": "#c9c4b8", "automargin": True},
        "yaxis": {"gridcolor": "#e6e2d8", "zerolinecolor": "#c9c4b8", "automargin": True},
    },
)
_STYLE = """
body{margin:0;background:#fcfbf8;color:#1d2226;font:15px/1.5 system-ui,sans-serif}
main{max-width:1040px;margin:0 auto;padding:36px 20px 80px}
h1{font-size:30px;line-height:1.2;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:22px;margin:52px 0 4px}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:18px 0}
a{color:#0f766e;text-decoration:none}
figure{margin:22px 0;padding:18px 20px;border:1px solid #e0dbcf;border-radius:10px;background:#fff}
h3{font-size:16px;margin:0 0 2px}
.said{margin:0 0 10px;max-width:96ch;overflow-wrap:anywhere}
.row{display:flex;flex-wrap:wrap;gap:6px 18px;align-items:baseline;font-size:13.5px}
details{flex:1 1 100%}
details[open]{padding-bottom:8px}
summary,button{cursor:pointer;color:#0f766e;font:inherit;background:none;border:0;padding:0}
.table{overflow:auto;max-height:420px}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:3px 12px 3px 0;border-bottom:1px solid #ece8de;white-space:nowrap}
small{color:#5d646a}
@media print{button,summary,nav{display:none}figure{break-inside:avoid}}
"""
_SCRIPT = """
for (const button of document.querySelectorAll("button[data-format]")) {
  button.onclick = () => {
    const chart = document.getElementById(button.dataset.chart);
    Plotly.downloadImage(chart, {
      format: button.dataset.format, filename: button.dataset.chart, width: chart.clientWidth, height: chart.clientHeight, scale: 2,
    });
  };
}
"""
# No source is allowed but the file itself, so a browser would refuse to fetch even what a mistake asked for.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; connect-src data: blob:"


@contextmanager
def light() -> Iterator[None]:
    """Figures that are made meanwhile have the page's colours."""
    before = pio.templates.default
    pio.templates.default = _TEMPLATE
    try:
        yield
    finally:
        pio.templates.default = before


def page(title: str, about: Iterable[str], chapters: Iterable[Chapter]) -> str:
    """Returns the whole file.

    Args:
        title: The run's name. Plain text.
        about: What the run is, a line each. Plain text.
        chapters: In order; drawn here, in the page's colours.
    """
    with light():
        parts = [(f"chapter-{number}", chapter) for number, chapter in enumerate(chapters)]
        body = "".join(_chapter(name, chapter) for name, chapter in parts)
    links = "".join(f'<a href="#{name}">{html.escape(chapter.title)}</a>' for name, chapter in parts)
    lines = "<br>".join(html.escape(line) for line in about)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style><script>{get_plotlyjs()}</script></head><body><main>"
        f"<h1>{html.escape(title)}</h1><small>{lines}</small><nav>{links}</nav>{body}</main><script>{_SCRIPT}</script></body></html>"
    )


def _chapter(name: str, chapter: Chapter) -> str:
    missing = "".join(
        f'<p class="said">This part could not be computed: {html.escape(text)}</p>' for text in chapter.missing
    )
    drawing = f"<figure>{chapter.drawing}</figure>" if chapter.drawing else ""
    figures = "".join(_figure(f"{name}-{number}", picture) for number, picture in enumerate(chapter.pictures))
    return f'<section id="{name}"><h2>{html.escape(chapter.title)}</h2>{missing}{drawing}{figures}</section>'


def _figure(name: str, picture: Picture) -> str:
    """One picture with all that belongs to it."""
    chart = pio.to_html(
        picture.figure,
        full_html=False,
        include_plotlyjs=False,
        auto_play=False,
        div_id=name,
        config={"displayModeBar": False, "responsive": True},
    )
    saves = "".join(
        f'<button type="button" data-chart="{name}" data-format="{form}">Save as {form.upper()}</button>'
        for form in ("png", "svg")
    )
    return (
        f'<figure><h3>{html.escape(picture.title)}</h3><p class="said">{html.escape(picture.sentence)}</p>'
        f'<div role="img" aria-label="{html.escape(picture.alt)}">{chart}</div><div class="row">{saves}'
        f"<details><summary>How to read it</summary>{html.escape(picture.about)}</details>"
        f'<details><summary>Numbers</summary><div class="table">{_table(picture.numbers)}</div></details></div></figure>'
    )


def _table(numbers: pd.DataFrame) -> str:
    """The table as HTML, cut where it is large, and then said so."""
    shown = numbers.iloc[:MOST_ROWS, :MOST_COLUMNS]
    cut = ""
    if shown.shape != numbers.shape:
        cut = f"<small>{shown.shape[0]:,} of {len(numbers):,} rows and {shown.shape[1]} of {numbers.shape[1]} columns.</small>"
    written = shown.to_html(index=False, border=0, escape=True, na_rep="", float_format=lambda value: f"{value:.5g}")
    return written + cut
