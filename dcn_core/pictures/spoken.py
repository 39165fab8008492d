"""Pictures of ratings in stars in the words of a run. What is data in them, names of categories, stays as it is."""

import html
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.insight.speech import Speech
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import folded

_OURS = ("text", "title", "hovertemplate", "prefix")
"""Texts of a figure that are not data, and `name`, which may be either."""


def spoken(picture: Picture, speech: Speech) -> Picture:
    """The picture in these words."""
    if speech.usual:
        return picture

    def prose(text: str) -> str:
        return speech.prose(text, picture.raw)

    features = {name: html.escape(header) for name, header in speech.nouns.features.items()}
    drawn = replace(speech, nouns=replace(speech.nouns, features=features))

    return replace(
        picture,
        title=prose(picture.title),
        sentence=speech.sentence(picture.sentence, picture.raw),
        figure=go.Figure(
            _figure(picture.figure.to_plotly_json(), "", lambda text: drawn.prose(text, picture.raw), drawn.name)
        ),
        alt=prose(picture.alt),
        about=prose(picture.about),
        numbers=spoken_table(picture.numbers, speech),
    )


def _figure(value: Any, key: str, prose: Callable[[str], str], name: Callable[[str], str]) -> Any:
    """A part of a figure's JSON that stands under `key`."""
    if isinstance(value, dict):
        parts = {inner: _figure(part, inner, prose, name) for inner, part in value.items()}
        if (key.startswith("xaxis") or key == "colorbar") and (title := value.get("title", {}).get("text")):
            parts["title"]["text"] = _folded(title, prose)
        return parts
    if isinstance(value, str):
        return prose(value) if key in _OURS else prose(name(value)) if key == "name" else value
    if isinstance(value, list | tuple):
        return [name(part) if isinstance(part, str) else _figure(part, "", prose, name) for part in value]
    if isinstance(value, np.ndarray) and value.dtype.kind in "OUT":
        return np.array(
            [name(part) if isinstance(part, str) else part for part in value.ravel()], dtype=object
        ).reshape(value.shape)
    return value


def _folded(title: str, prose: Callable[[str], str]) -> str:
    """A title for which there is little width, in short lines again where other words make it longer."""
    line = title.replace("<br>", " ")
    said = prose(line)
    return title if said == line else folded(html.unescape(said))


def spoken_table(numbers: pd.DataFrame, speech: Speech) -> pd.DataFrame:
    """The table with its headers, and the features in it, as the source has them; no header twice."""
    headers: dict[Hashable, str] = {}
    for header in map(str, numbers.columns):
        said = speech.column(header)
        if said not in numbers.columns and said not in headers.values():
            headers[header] = said
    features = {
        column: numbers[column].map(lambda value: speech.column(value) if value in speech.nouns.features else value)
        for column in ("feature", "other")
        if column in numbers
    }
    return numbers.assign(**features).rename(columns=headers)
