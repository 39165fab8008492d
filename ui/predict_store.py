"""What the predict page keeps of runs and ratings between clicks, shared by all sessions. All of it is bounded."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset
from dcn_core.insight.report import Subject
from dcn_core.runs.store import RunSummary
from dcn_core.serving import intervals, likeness
from dcn_core.serving.predictor import Predictor
from dcn_core.serving.support import counts, pair_counts
from ui import caches
from ui.knowledge import Knowledge


@dataclass(frozen=True, eq=False)
class Model:
    """A finished run to be asked.

    Attributes:
        run: Its place in the list of runs.
        config: Its experiment.
        dataset: The ratings that it was trained on.
        facts: What its training ratings say.
        predictor: Its exported network.
        tag: Ends the keys of what is drawn of it: "" for the run that the page shows, another text for one beside it.
    """

    run: RunSummary
    config: RunConfig
    dataset: Dataset
    facts: Knowledge
    predictor: Predictor
    tag: str = ""

    @property
    def subject(self) -> Subject:
        """Its network, and the ratings as it reads them."""
        return _subject(self.run.id, self.config)

    @property
    def intervals(self) -> intervals.Intervals:
        """How far its predictions are off."""
        return _intervals(self.run.id, self)

    @property
    def user_vectors(self) -> np.ndarray:
        """What its network looks up of each user, `(num_users, e)`."""
        return _vectors(self.run.id, "users", self)

    @property
    def movie_vectors(self) -> np.ndarray:
        """What its network looks up of each movie, `(num_movies, e)`."""
        return _vectors(self.run.id, "movies", self)


def model(run: RunSummary, tag: str = "") -> Model:
    """Opens a finished run.

    Raises:
        PlaygroundError: Its ratings, or a file of it, cannot be read.
    """
    assert run.config is not None
    return Model(
        run,
        run.config,
        caches.dataset(run.config.data),
        caches.knowledge(run.config.data),
        caches.predictor(run.id),
        tag,
    )


@st.cache_resource(show_spinner="Reading the ratings as the network does", max_entries=3)
def _subject(run_id: str, _config: RunConfig) -> Subject:
    run = caches.store().open(run_id)
    return Subject.of(_config, caches.dataset(_config.data), run.encoder(), caches.weights(run_id))


@st.cache_resource(show_spinner="Measuring how far predictions are off", max_entries=16)
def _intervals(run_id: str, _model: Model) -> intervals.Intervals:
    data, scale = _model.dataset, (_model.dataset.rating_min, _model.dataset.rating_max)
    assert data is not None

    def make() -> intervals.Intervals:
        subject = _model.subject
        return intervals.calibrate(_model.predictor.score, subject.data, subject.split, *scale)

    return intervals.kept_intervals(caches.store().open(run_id).path, make)


@st.cache_resource(show_spinner=False, max_entries=6)
def _vectors(run_id: str, side: str, _model: Model) -> np.ndarray:
    data = _model.subject.data
    return likeness.vectors(_model.subject.network, data.user_features if side == "users" else data.movie_features)


@st.cache_resource(show_spinner=False, max_entries=3)
def movie_texts(fingerprint: str, _dataset: Dataset) -> list[str]:
    """Title and genres of each movie in lower case, to search in."""
    titles = caches.titles(fingerprint, _dataset)
    if "genres" not in _dataset.movies:
        return titles
    genres = _dataset.movies["genres"].fillna("").str.lower().str.replace("|", " ")
    return [f"{title} {kinds}" for title, kinds in zip(titles, genres, strict=True)]


def support(model: Model, feature: str) -> np.ndarray:
    """Training ratings of each category of a feature, `(vocabulary,)`."""
    return _support(model.run.id, feature, model)


@st.cache_resource(show_spinner=False, max_entries=64)
def _support(run_id: str, feature: str, _model: Model) -> np.ndarray:
    subject = _model.subject
    return counts(subject.data, feature, _size(_model, feature), subject.split.train)


def pair_support(model: Model, feature: str, other: str) -> np.ndarray:
    """Training ratings of each combination of two features' categories, `(vocabulary, other vocabulary)`."""
    return _pair_support(model.run.id, feature, other, model)


@st.cache_resource(show_spinner="Counting ratings", max_entries=32)
def _pair_support(run_id: str, feature: str, other: str, _model: Model) -> np.ndarray:
    sizes = _size(_model, feature), _size(_model, other)
    subject = _model.subject
    return pair_counts(subject.data, (feature, other), sizes, subject.split.train)


def _size(model: Model, feature: str) -> int:
    return next(spec.vocabulary_size for spec in model.predictor.encoder.specs if spec.name == feature)
