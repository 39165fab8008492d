"""A picture and everything that must stand beside it, whoever draws it: a page of the app or a file."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Picture:
    """One figure with what it says, how to read it, and its numbers. All texts are plain: names in them are data.

    Attributes:
        key: Its own on a page, and the name of its files.
        title: A few words.
        sentence: What its numbers say, computed from them.
        figure: Names in it are escaped.
        alt: What it shows, for those who cannot see it.
        about: What it is and what it is not.
        numbers: What is drawn, as a table.
        moves: Whether it can be zoomed ("2d") or turned ("3d"); "" for one that is only looked at.
        raw: Whether its amounts add up to the raw output, of likes their log-odds.
    """

    key: str
    title: str
    sentence: str
    figure: go.Figure
    alt: str
    about: str
    numbers: pd.DataFrame
    moves: Literal["", "2d", "3d"] = ""
    raw: bool = False
