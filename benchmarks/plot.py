"""The README's picture: an epoch of training side by side, as an SVG that follows the reader's light or dark mode."""

from html import escape

from benchmarks.report import seconds
from benchmarks.results import Results, Section

WIDTH, LEFT, RIGHT = 840, 218, 92
BAR, GAP, HEADING = 18, 9, 40
ROWS = ("notebook", "ids-1024", "ids-4096")
STYLE = """
  .paper { fill: #fcfbf8; stroke: #e0dbcf } text { font: 14px system-ui, sans-serif; fill: #1d2226 }
  .title { font-size: 17px; font-weight: 650 } .heading { font-weight: 600 } .quiet { fill: #6a7076 }
  .theirs { fill: #b9b4a6 } .ours { fill: #12857d } .number { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14181a; stroke: #343b40 } text { fill: #e9e6df } .quiet { fill: #9aa1a7 }
    .theirs { fill: #59636a } .ours { fill: #3aa99f }
  }
"""


def picture(results: Results) -> str:
    """Returns the SVG: a group of bars for each of `ROWS`, each group on a scale of its own."""
    parts, y = [], 78.0
    for name in ROWS:
        section = next((each for each in results.sections if each.name == name and each.timings), None)
        if section is not None:
            group, y = _group(section, y)
            parts += group
    subtitle = f"On {results.data}, {results.machine['Cores']} cores. Shorter is better."
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" width="{WIDTH}" height="{y:.0f}" role="img">',
        "<title>Seconds for one epoch of training</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{y - 1:.0f}" rx="10"/>',
        '<text class="title" x="24" y="36">One epoch of training, validation included</text>',
        f'<text class="quiet" x="24" y="58">{escape(subtitle)}</text>',
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"


def _group(section: Section, y: float) -> tuple[list[str], float]:
    """The bars of one comparison, the slowest first, and where the next one begins."""
    timings = sorted(section.timings, key=lambda timing: -timing.median)
    longest = timings[0].median
    parts = [f'<text class="heading" x="24" y="{y + 22:.0f}">{escape(section.title)}</text>']
    y += HEADING
    for timing in timings:
        width = (WIDTH - LEFT - RIGHT) * timing.median / longest
        kind = "ours" if timing.who == "Playground" else "theirs"
        middle = f"{y + BAR - 4.5:.1f}"
        weight = ' font-weight="650"' if kind == "ours" else ""
        parts += [
            f'<text x="{LEFT - 12}" y="{middle}" text-anchor="end"{weight}>{escape(timing.who)}</text>',
            f'<rect class="{kind}" x="{LEFT}" y="{y:.0f}" width="{max(width, 2):.1f}" height="{BAR}" rx="3"/>',
            f'<text class="number" x="{LEFT + max(width, 2) + 9:.1f}" y="{middle}"{weight}>{seconds(timing.median)}</text>',
        ]
        y += BAR + GAP
    return parts, y + 16
