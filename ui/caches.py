"""What the server keeps between clicks, shared by all sessions. All of it is bounded."""

import os

import numpy as np
import streamlit as st

from dcn_core.config.data import DataConfig
from dcn_core.config.features import FeatureSpec
from dcn_core.config.run import WHICH_DATA
from dcn_core.config.world import WorldConfig
from dcn_core.data.cache import cache_folder
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder, encode
from dcn_core.data.profile import Profile, profile
from dcn_core.data.sources import GENERATED, asked_rows, load_dataset, stamp
from dcn_core.data.splits import Split, split_rows
from dcn_core.insight.ladder import ladder as insight_ladder
from dcn_core.runs.executor import executor_from_environment
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore, default_runs_path
from dcn_core.runs.supervisor import Supervisor
from dcn_core.serving.predictor import Predictor
from dcn_core.stories import RUNGS
from ui import texts
from ui.exports import Exports
from ui.feed import Feed
from ui.knowledge import Knowledge
from ui.knowledge import knowledge as count_knowledge
from ui.knowledge import ladder as climb
from ui.planting_jobs import Plantings


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The runs of this server."""
    return RunStore(default_runs_path())


@st.cache_resource(show_spinner=False, on_release=Supervisor.close)
def supervisor() -> Supervisor:
    """The one supervisor of this server. It keeps a worker warm unless `PLAYGROUND_WARM_WORKER` is 0, which saves memory.
    `PLAYGROUND_EXECUTOR` says where runs are trained.

    When the server ends, its workers save their checkpoints and leave.
    """
    keep_warm = os.environ.get("PLAYGROUND_WARM_WORKER", "1") != "0"
    return Supervisor(store(), executor=executor_from_environment(store().root.resolve(), keep_warm=keep_warm))


@st.cache_resource(show_spinner=False, on_release=Exports.close)
def exports() -> Exports:
    """What is being exported on this server."""
    return Exports(store())


@st.cache_resource(show_spinner=False, on_release=Plantings.close)
def plantings() -> Plantings:
    """Formulas that networks learn on this server."""
    return Plantings(cache_folder() / "formulas")


@st.cache_resource(show_spinner=False, max_entries=24)
def feed(run_id: str) -> Feed:
    """What is told of a run, read once for all who watch it."""
    return Feed(RunFolder(store().root / run_id))


def dataset(config: DataConfig) -> Dataset:
    """The ratings of a config. Only the fields that choose ratings count.

    Raises:
        DataError: The source cannot be read.
        ConfigError: The operator allows fewer ratings.
    """
    limits = supervisor().limits
    limits.check_rows(asked_rows(config))
    data = _dataset(which_ratings(config), stamp(config))
    limits.check_rows(data.num_ratings)
    return data


def ratings_of(run_id: str, config: DataConfig) -> Dataset:
    """The ratings that a run learned from.

    Raises:
        RunError: Its source holds others now.
        DataError: The source cannot be read.
    """
    data = dataset(config)
    store().open(run_id).check_ratings(data.fingerprint)
    return data


def which_ratings(config: DataConfig) -> str:
    """The fields of a config that choose ratings, as JSON: those of the generated world only where it is meant."""
    names = set(WHICH_DATA) if config.source.startswith(GENERATED) else set(WHICH_DATA) - set(WorldConfig.model_fields)
    return config.model_dump_json(include=names)


@st.cache_resource(show_spinner="Reading the ratings", max_entries=3)
def _dataset(which: str, file: tuple[int, int]) -> Dataset:
    return load_dataset(DataConfig.model_validate_json(which))


@st.cache_resource(show_spinner="Splitting the ratings", max_entries=6)
def _split(fingerprint: str, wanted: tuple[object, ...], _dataset: Dataset, _config: DataConfig) -> Split:
    return split_rows(_dataset, _config)


def which_split(config: DataConfig) -> tuple[object, ...]:
    """All that decides which rows of a data set are in which part, and what their labels are."""
    shares = (config.split, config.validation_fraction, config.test_fraction, config.split_seed)
    return shares if config.target == "rating" else (*shares, config.target, config.like_from, config.dislike_to)


def split(config: DataConfig) -> Split:
    """Training, validation and test rows of a config."""
    data = dataset(config)
    return _split(data.fingerprint, which_split(config), data, config)


def specs(config: DataConfig) -> tuple[FeatureSpec, ...]:
    """Input features of a config, counted on its training rows."""
    known = tuple(name for name in config.features if name in dataset(config).available_features())
    every = _encoder_of(config).specs
    return tuple(spec for spec in every if spec.name in known)


def _encoder_of(config: DataConfig) -> Encoder:
    data = dataset(config)
    return _fitted(data.fingerprint, which_split(config), data, config)


@st.cache_resource(show_spinner="Counting categories", max_entries=6)
def _fitted(fingerprint: str, wanted: tuple[object, ...], _data: Dataset, _config: DataConfig) -> Encoder:
    return Encoder.fit(_data, split(_config).train, _data.available_features())


@st.cache_resource(show_spinner=False, max_entries=8)
def predictor(run_id: str) -> Predictor:
    """The exported network of a finished run."""
    return Predictor.open(store().open(run_id).path)


@st.cache_data(show_spinner=False, max_entries=12)
def predictions(run_id: str, part: str, _config: DataConfig) -> np.ndarray:
    """What a finished run predicts on the validation or test ratings of its config, `(n,)` float32 in stars."""
    data, network = dataset(_config), predictor(run_id)
    return network.score(encode(data, network.encoder).inputs(getattr(split(_config), part)))


@st.cache_resource(show_spinner=False, max_entries=4)
def weights(run_id: str) -> dict[str, np.ndarray]:
    """Named weights of a finished run."""
    return store().open(run_id).weights()


@st.cache_resource(show_spinner=False, max_entries=16)
def insight(run_id: str) -> dict[str, np.ndarray]:
    """What was computed of a finished run's network."""
    return store().open(run_id).insight()


def knowledge(config: DataConfig) -> Knowledge:
    """What the training ratings of a config say without any model."""
    data = dataset(config)
    return _knowledge(data.fingerprint, which_split(config), data, config)


@st.cache_resource(show_spinner=False, max_entries=3)
def _knowledge(fingerprint: str, wanted: tuple[object, ...], _data: Dataset, _config: DataConfig) -> Knowledge:
    return count_knowledge(_data, split(_config))


@st.cache_resource(show_spinner=False, max_entries=3)
def titles(fingerprint: str, _data: Dataset) -> list[str]:
    """Movie titles in lower case, to search in."""
    return [str(title).lower() for title in _data.movies["title"]]


@st.cache_resource(show_spinner=False, max_entries=3)
def user_texts(fingerprint: str, _data: Dataset) -> list[str]:
    """Each user in words: `User 12  ·  Female, 25–34, programmer`."""
    columns = [column.name for column in _data.columns() if column.level == "user" and column.name != "user_id"]
    known = _data.users[columns].astype("object")
    records = known.where(known.notna(), None).to_dict("records") if columns else [{}] * len(_data.users)
    noun = _data.nouns.user[:1].upper() + _data.nouns.user[1:]
    ids = _data.users["name" if "name" in _data.users else "user_id"]
    return [
        "  ·  ".join(filter(None, (f"{noun} {user_id}", texts.describe_user(record, _data.nouns.features))))
        for user_id, record in zip(ids, records, strict=True)
    ]


def profile_of(config: DataConfig) -> Profile:
    """Counts and distributions of a config's ratings."""
    data = dataset(config)
    return _profile(data.fingerprint, data)


@st.cache_resource(show_spinner="Counting", max_entries=4)
def _profile(fingerprint: str, _data: Dataset) -> Profile:
    return profile(_data)


def ladder(config: DataConfig) -> dict[str, float]:
    """The loss of simple predictors on a config's validation ratings."""
    data = dataset(config)
    return _ladder(data.fingerprint, which_split(config), data, config)


@st.cache_resource(show_spinner=False, max_entries=8)
def _ladder(fingerprint: str, wanted: tuple[object, ...], _data: Dataset, _config: DataConfig) -> dict[str, float]:
    return climb(_data, split(_config), _config)


def rungs(config: DataConfig) -> dict[str, float]:
    """MSE on a config's validation ratings of the simple predictors that stories compare with."""
    data = dataset(config)
    return _rungs(data.fingerprint, (which_split(config), config.features), data, config)


@st.cache_resource(show_spinner="Fitting tables on the same ratings", max_entries=8)
def _rungs(fingerprint: str, wanted: tuple[object, ...], _data: Dataset, _config: DataConfig) -> dict[str, float]:
    parts = split(_config)
    encoded = encode(_data, Encoder.fit(_data, parts.train, _data.available_features()), _config)
    frame = insight_ladder(encoded, parts, _config.features, only=RUNGS)
    return dict(zip(frame["rung"], frame["validation_mse"].astype(float), strict=True))
