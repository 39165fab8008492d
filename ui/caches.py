"""What the server keeps between clicks, shared by all sessions. All of it is bounded."""

import numpy as np
import streamlit as st

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FeatureSpec
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import Split, split_rows
from dcn_core.runs.store import RunStore, default_runs_path
from dcn_core.runs.supervisor import Supervisor
from dcn_core.serving.predictor import Predictor


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The runs of this server."""
    return RunStore(default_runs_path())


@st.cache_resource(show_spinner=False, on_release=Supervisor.close)
def supervisor() -> Supervisor:
    """The one supervisor of this server; it keeps a worker warm."""
    return Supervisor(store())


def dataset(config: DataConfig) -> Dataset:
    """The ratings of a config. Only the fields that choose ratings count.

    Raises:
        DataError: The source cannot be read.
    """
    return _dataset(config.source, config.num_ratings, config.world_seed, config.noise)


@st.cache_resource(show_spinner="Reading the ratings", max_entries=3)
def _dataset(source: str, num_ratings: int, world_seed: int, noise: float) -> Dataset:
    return load_dataset(DataConfig(source=source, num_ratings=num_ratings, world_seed=world_seed, noise=noise))


@st.cache_resource(show_spinner="Splitting the ratings", max_entries=6)
def _split(fingerprint: str, _dataset: Dataset, _config: DataConfig, split: str, validation: float, test: float, seed: int) -> Split:
    return split_rows(_dataset, _config)


def split(config: DataConfig) -> Split:
    """Training, validation and test rows of a config."""
    data = dataset(config)
    return _split(
        data.fingerprint, data, config, config.split, config.validation_fraction, config.test_fraction, config.split_seed
    )


def specs(config: DataConfig) -> tuple[FeatureSpec, ...]:
    """Input features of a config, counted on its training rows."""
    known = tuple(name for name in config.features if name in dataset(config).available_features())
    every = _encoder_of(config).specs
    return tuple(spec for spec in every if spec.name in known)


def _encoder_of(config: DataConfig) -> Encoder:
    data = dataset(config)
    wanted = (config.split, config.validation_fraction, config.test_fraction, config.split_seed)
    return _fitted(data.fingerprint, wanted, data, config)


@st.cache_resource(show_spinner="Counting categories", max_entries=6)
def _fitted(fingerprint: str, wanted: tuple[object, ...], _data: Dataset, _config: DataConfig) -> Encoder:
    return Encoder.fit(_data, split(_config).train, _data.available_features())


@st.cache_resource(show_spinner=False, max_entries=8)
def predictor(run_id: str) -> Predictor:
    """The exported network of a finished run."""
    return Predictor.open(store().open(run_id).path)


@st.cache_resource(show_spinner=False, max_entries=4)
def weights(run_id: str) -> dict[str, np.ndarray]:
    """Named weights of a finished run."""
    return store().open(run_id).weights()


@st.cache_resource(show_spinner=False, max_entries=16)
def insight(run_id: str) -> dict[str, np.ndarray]:
    """What was computed of a finished run's network."""
    return store().open(run_id).insight()
