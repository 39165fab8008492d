"""What all figures of insight share: colours, margins, and how names and numbers are written in them."""

import html
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

from dcn_core.insight.wording import decimal

GREY = "#8b9197"
FIRST, SECOND = "#1f978d", "#dd7140"
"""Teal and orange that stand on the light and on the dark page."""
ROWS = "Feature of x₀ that is multiplied"
COLUMNS = "Feature of x it is crossed with"


def diverging() -> Any:
    """The two-sided colour scale of the template in use: the app's follows its light and dark theme."""
    return _scales().diverging


def under_numbers(signed: bool = False) -> list[list[Any]]:
    """The third of the template's colour scale that is closest to the page's own colour, one-sided or two-sided.

    Plotly writes numbers into cells in one light and one dark grey, and on stronger colours neither can be read.
    """
    low, high = (1 / 3, 2 / 3) if signed else (0.0, 1 / 3)
    scale = diverging() if signed else _scales().sequential
    return [[(place - low) / (high - low), colour] for place, colour in scale if low - 1e-6 <= place <= high + 1e-6]


def colour_bar(top: float, signed: bool) -> dict[str, Any]:
    """A bar above a map, with its ends written at it, from 0 or, if signed, from `-top`."""
    ends = [-top, 0, top] if signed else [0, top]
    bar = {"orientation": "h", "y": 1.01, "yanchor": "bottom", "len": 0.6, "thickness": 8, "outlinewidth": 0}
    return bar | {"tickvals": ends, "ticktext": [written(value, max(2, digits(top)), signed) for value in ends]}


def for_marks() -> list[list[Any]]:
    """The one-sided colour scale of the template in use without its quarter that is close to the page's own colour."""
    scale = [(place, colour) for place, colour in _scales().sequential if place >= 0.25]
    first = scale[0][0]
    return [[(place - first) / (1 - first), colour] for place, colour in scale]


def _scales() -> Any:
    template = pio.templates.default
    return (pio.templates[template] if isinstance(template, str) else template).layout.colorscale


def finish(figure: go.Figure, height: int, **margins: int) -> go.Figure:
    """Height and margins that all have."""
    figure.update_layout(height=height, margin={"l": 8, "r": 12, "t": 12, "b": 8} | margins, dragmode=False)
    return figure


def escaped(names: Sequence[str], most: int = 34) -> list[str]:
    """Names as text that Plotly shows as it is, cut where they are long; different names stay different."""
    short: list[str] = []
    for name in map(str, names):
        cut = name if len(name) <= most else f"{name[: most - 1]}…"
        while cut in short and name not in names[: len(short)]:
            cut += "\u200b"  # invisible: Plotly takes equal labels for one category
        short.append(cut)
    return [html.escape(name) for name in short]


def folded(title: str) -> str:
    """The name of an axis in short lines, for one beside long labels: Plotly would run out of a phone's screen."""
    return "<br>".join(map(html.escape, textwrap.wrap(title, 26)))


def epochs(last: int) -> dict[str, Any]:
    """The axis of the epochs up to the last one: ticks at whole ones only."""
    return {"title": "Epoch", "showgrid": False, "nticks": 8, "dtick": 1 if last <= 8 else None}


def digits(top: float) -> int:
    """Decimals that show the largest number of a picture with two digits that count."""
    return max(0, 1 - int(np.floor(np.log10(top)))) if top > 0 else 0


def written(value: float, digits: int, signed: bool = False) -> str:
    """A number as pictures show it; 0 where its digits are all zero."""
    text = decimal(value, digits, "+" if signed else "-")
    return text if any(sign in "123456789" for sign in text) else "0"


def interval(value: Any, low: Any, high: Any, thickness: float = 2) -> dict[str, Any]:
    """Error bars from `low` to `high` around `value`, `(n,)` each."""
    bars = {"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low}
    return bars | {"thickness": thickness, "width": 0, "color": FIRST}
