"""What was counted in a data set, kept between clicks and shared by all sessions. All of it is bounded."""

import contextlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.data import DataConfig
from dcn_core.data.category_means import category_means, filled
from dcn_core.data.dataset import Dataset
from dcn_core.data.kept import kept
from dcn_core.data.leakage import Meter, meters
from dcn_core.data.table_crosses import table_crosses
from dcn_core.errors import PlaygroundError
from dcn_core.insight.speech import Speech
from ui import caches


def means_of(config: DataConfig) -> pd.DataFrame:
    """The mean rating of each category of each feature."""
    data = caches.dataset(config)
    return _means(data.fingerprint, data)


@st.cache_resource(show_spinner=False, max_entries=4)
def _means(fingerprint: str, _data: Dataset) -> pd.DataFrame:
    return kept("means", 3, fingerprint, lambda: category_means(_data))


def filled_of(config: DataConfig) -> tuple[np.ndarray, np.ndarray]:
    """How filled the table of users and movies is."""
    data = caches.dataset(config)
    return _filled(data.fingerprint, data)


@st.cache_resource(show_spinner=False, max_entries=4)
def _filled(fingerprint: str, _data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    return filled(_data)


def crosses_of(config: DataConfig) -> pd.DataFrame:
    """Which crosses a table shows."""
    data = caches.dataset(config)
    return _crosses(data.fingerprint, data)


@st.cache_resource(show_spinner="Looking for crosses in tables", max_entries=8)
def _crosses(fingerprint: str, _data: Dataset) -> pd.DataFrame:
    return kept("crosses", 1, fingerprint, lambda: table_crosses(_data))


def speech_of(config: DataConfig) -> Speech:
    """The words of a config's ratings."""
    data = caches.dataset(config)
    return _speech(data.fingerprint, data)


@st.cache_resource(show_spinner=False, max_entries=4)
def _speech(fingerprint: str, _data: Dataset) -> Speech:
    columns = (
        _data.table(column.level)[column.name] for column in _data.columns() if column.name in _data.nouns.features
    )
    kinds = [set(column.cat.categories) for column in columns if isinstance(column.dtype, pd.CategoricalDtype)]
    return Speech.of(_data.nouns, "rating", (str(name) for names in kinds for name in names))


def shared_speech(configs: Sequence[DataConfig]) -> Speech:
    """The words of the one table of one's own that all of these are about, as far as it can be read; else the usual ones."""
    sources = {(config.source, config.table) for config in configs}
    if len(sources) == 1 and configs[0].table is not None:
        with contextlib.suppress(PlaygroundError):
            return speech_of(configs[0])
    return Speech()


def meters_of(config: DataConfig) -> list[Meter]:
    """How much of each held-out part training has not seen, or has seen too early."""
    data = caches.dataset(config)
    return _meters(data.fingerprint, caches.which_split(config), data, config)


@st.cache_resource(show_spinner=False, max_entries=8)
def _meters(fingerprint: str, wanted: tuple[object, ...], _data: Dataset, _config: DataConfig) -> list[Meter]:
    return meters(_data, caches.split(_config))
