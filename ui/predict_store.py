"""What the predict page keeps of runs and ratings between clicks, shared by all sessions. All of it is bounded."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.labels import label_scale
from dcn_core.insight.report import Subject
from dcn_core.insight.speech import unit_of
from dcn_core.insight.wording import Unit
from dcn_core.runs.store import RunSummary
from dcn_core.serving import audience, fairness, intervals, likeness
from dcn_core.serving.predictor import Predictor
from dcn_core.serving.support import counts, pair_counts
from ui import caches, search
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
    def same_ratings(self) -> bool:
        """Whether its source still holds the ratings that it learned from: else nobody knows which of them it learned."""
        return self.run.learned_from(self.dataset.fingerprint)

    @property
    def likes(self) -> bool:
        """Whether it predicts the probability of a like, not stars."""
        return self.config.data.target == "like"

    @property
    def scale(self) -> tuple[float, float]:
        """Lowest and highest value that it can rightly predict."""
        return label_scale(self.dataset, self.config.data)

    @property
    def unit(self) -> Unit:
        """What its predictions are measured in."""
        return unit_of(self.dataset.nouns, self.config.data.target)

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


@st.cache_resource(show_spinner=False, max_entries=10_000)
def asked_of(run_id: str, _run: RunSummary) -> tuple[object, ...]:
    """Which ratings a run learned from and what it predicts of them, stars or which likes; equal for equal ones.

    Kept because lists of runs are long.
    """
    if _run.config is None:
        return ()
    data = _run.config.data
    likes = (data.like_from, data.dislike_to) if data.target == "like" else ()
    return caches.which_ratings(data), data.target, *likes


@st.cache_resource(show_spinner="Reading the ratings as the network does", max_entries=3)
def _subject(run_id: str, _config: RunConfig) -> Subject:
    run = caches.store().open(run_id)
    return Subject.of(_config, caches.dataset(_config.data), run.encoder(), caches.weights(run_id))


@st.cache_resource(show_spinner="Measuring how far predictions are off", max_entries=16)
def _intervals(run_id: str, _model: Model) -> intervals.Intervals:
    def make() -> intervals.Intervals:
        subject = _model.subject
        return intervals.calibrate(_model.predictor.score, subject.data, subject.split, *_model.scale)

    return intervals.kept_intervals(caches.store().open(run_id).path, _model.dataset.fingerprint, make)


@st.cache_resource(show_spinner=False, max_entries=6)
def _vectors(run_id: str, side: str, _model: Model) -> np.ndarray:
    data = _model.subject.data
    features, table = (
        (data.user_features, _model.dataset.users) if side == "users" else (data.movie_features, _model.dataset.movies)
    )
    if not features:
        return np.zeros((len(table), 0))
    return likeness.vectors(_model.subject.network, features)


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
    return counts(subject.data, subject.network.spec(feature), subject.split.train)


def pair_support(model: Model, feature: str, other: str) -> np.ndarray:
    """Training ratings of each combination of two features' categories, `(vocabulary, other vocabulary)`."""
    return _pair_support(model.run.id, feature, other, model)


@st.cache_resource(show_spinner="Counting ratings", max_entries=32)
def _pair_support(run_id: str, feature: str, other: str, _model: Model) -> np.ndarray:
    subject = _model.subject
    specs = subject.network.spec(feature), subject.network.spec(other)
    return pair_counts(subject.data, specs, subject.split.train)


def background(model: Model, most: int) -> dict[str, np.ndarray]:
    """Features of some validation ratings, always the same."""
    rows = np.random.default_rng(0).permutation(model.subject.split.validation)[:most]
    return model.subject.data.inputs(rows)


@st.cache_resource(show_spinner=False, max_entries=3)
def genres(fingerprint: str, _dataset: Dataset) -> list[str]:
    """All genres of the movies, in order."""
    if "genres" not in _dataset.movies:
        return []
    return sorted({name for kinds in _dataset.movies["genres"].dropna().unique() for name in kinds.split("|") if name})


def taste(model: Model) -> tuple[np.ndarray, list[str]]:
    """The genre that each user has rated more often than others do, among the training ratings; none without genres."""
    return _taste(model.run.id, model)


@st.cache_resource(show_spinner=False, max_entries=4)
def _taste(run_id: str, _model: Model) -> tuple[np.ndarray, list[str]]:
    dataset, data, train = _model.dataset, _model.subject.data, _model.subject.split.train
    if "genres" not in dataset.movies:
        return np.full(len(dataset.users), -1), []
    return audience.taste(data.user_row[train], data.movie_row[train], dataset.movies["genres"], len(dataset.users))


def answers(model: Model, side: str) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """What the network predicts for the best known users (or movies) and a panel of movies (or users).

    Returns:
        Rows of the users (or movies), the predictions `(rows, panel)`, and the panel's encoded features.
    """
    return _answers(model.run.id, side, model)


@st.cache_resource(show_spinner="Asking the network about many pairs", max_entries=4)
def _answers(run_id: str, side: str, _model: Model) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    data, facts = _model.subject.data, _model.facts
    own, other = (data.movie_features, data.user_features)
    counts, asked = (facts.movie_count, facts.user_count)
    if side == "user":
        own, other, counts, asked = other, own, asked, counts
    rows = np.sort(np.argsort(-counts, kind="stable")[: likeness.MOST])
    # Some of the better known half, so that the panel is of different kinds and the network knows all of it.
    known = np.argsort(-asked, kind="stable")[: max(likeness.PANEL, int((asked > 0).sum()) // 2)]
    panel_rows = np.sort(np.random.default_rng(0).permutation(known)[: likeness.PANEL])
    panel = {name: index[panel_rows] for name, index in other.items()}
    found = likeness.responses(_model.predictor.score, {name: index[rows] for name, index in own.items()}, panel)
    return rows, found, panel


def typical(model: Model) -> tuple[int, int] | None:
    """User and movie of the test rating with the median error, of the best known users and movies; None if there is none."""
    if not model.same_ratings or not {"user_id", "movie_id"} <= set(model.dataset.available_features()):
        return None
    return _typical(model.run.id, model)


@st.cache_resource(show_spinner=False, max_entries=16)
def _typical(run_id: str, _model: Model) -> tuple[int, int] | None:
    data, facts, test = _model.subject.data, _model.facts, _model.subject.split.test
    users, movies = data.user_row[test], data.movie_row[test]
    known = np.isin(users, search.best_known(facts.user_count)) & np.isin(movies, search.best_known(facts.movie_count))
    if not known.any():
        return None
    rows = test[known]
    error = np.abs(np.clip(_model.predictor.score(data.inputs(rows)), *_model.scale) - data.rating[rows])
    middle = rows[np.argsort(error, kind="stable")[(len(error) - 1) // 2]]
    return int(data.user_row[middle]), int(data.movie_row[middle])


def swaps(model: Model, feature: str) -> fairness.Swaps:
    """The test ratings (validation ratings where there are none) predicted with every value of a feature."""
    return _swaps(model.run.id, feature, model)


@st.cache_resource(show_spinner="Asking again with every value", max_entries=8)
def _swaps(run_id: str, feature: str, _model: Model) -> fairness.Swaps:
    spec = _model.subject.network.spec(feature)
    return fairness.swap(_model.predictor.score, _model.subject.data, spec, _held_out_rows(_model), *_model.scale)


def held_out(model: Model) -> np.ndarray:
    """Predictions, within the scale, for the test ratings, or the validation ratings where there are none."""
    return _held_out(model.run.id, model)


@st.cache_resource(show_spinner=False, max_entries=4)
def _held_out(run_id: str, _model: Model) -> np.ndarray:
    raw = _model.predictor.score(_model.subject.data.inputs(_held_out_rows(_model)))
    return np.clip(raw, *_model.scale)


def _held_out_rows(model: Model) -> np.ndarray:
    split = model.subject.split
    return split.test if len(split.test) else split.validation
