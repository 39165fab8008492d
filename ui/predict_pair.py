"""One user, one movie: the predicted rating with its interval, and what to hold it against."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dcn_core.insight.clusters import clusters
from dcn_core.serving.intervals import GROUPS, LEVELS, Intervals, group_of
from dcn_core.serving.likeness import vectors
from dcn_core.serving.likes import likes_near
from dcn_core.serving.neighbours import Neighbours, neighbours
from ui import insight_parts, texts, verdict
from ui.asking import Asked
from ui.knowledge import PARTS, known_rating
from ui.predict_parts import Question, codes, encoded, side_by_side, within
from ui.predict_store import Model

_UNSEEN = "{}: training never saw this value, so it goes through the unknown index."


@dataclass(frozen=True)
class Known:
    """The real rating of a pair, and the part of the ratings that it is in."""

    rating: float
    part: str


def show(question: Question) -> None:
    """Draws the view."""
    if question.user is None or question.movie is None:
        return
    user, movie = question.user, question.movie
    with st.container(border=True, key="answer"):
        st.html(verdict.question(user, movie))
        level = (
            0.8
            if all(model.likes or not model.same_ratings for model in question.models)
            else st.segmented_control(
                insight_parts.say("How often the real rating is in the interval"),
                LEVELS,
                format_func=lambda share: f"{100 * share:g} %",
                default=0.8,
                required=True,
                key="interval-level",
                persist_state="session",
            )
        )
        for model in side_by_side(question.models):
            _answer(model, user, movie, float(level))


def _answer(model: Model, user: Asked, movie: Asked, level: float) -> None:
    inputs = encoded(model, user, movie)
    raw = float(model.predictor.score(inputs)[0])
    low, high = model.scale
    rating = within(model, raw)
    if not model.same_ratings:
        st.html(verdict.answer(rating, model))
        for name in unknown_features(model, inputs):
            st.caption(_UNSEEN.format(insight_parts.feature(name)))
        return
    known = actual(model, user, movie)
    people, films = users_like(model, user, movie), movies_like(model, user, movie)
    has_users, has_movies = (name in model.dataset.available_features() for name in ("user_id", "movie_id"))
    marks = [
        ("Real rating", known.rating if known else None),
        ("Movie's mean" if has_movies else "Mean", _mean(movie, model.facts.movie_count, model.facts.movie_mean)),
        ("User's mean", _mean(user, model.facts.user_count, model.facts.user_mean) if has_users else None),
        ("Users like this", people.mean),
        ("Movies like this", films.mean),
    ]
    st.html(verdict.answer(rating, model))
    if model.likes:
        _share(model, rating)
    else:
        group = int(group_of(_count(user, model.facts.user_count), _count(movie, model.facts.movie_count)))
        interval = model.intervals.around(rating, group, level, low, high)
        say = model.dataset.nouns.of_source
        known_marks = [(insight_parts.speech().prose(name), say(value)) for name, value in marks if value is not None]
        st.html(verdict.strip(say(rating), (say(interval[0]), say(interval[1])), known_marks, say(low), say(high)))
        st.caption(_said(model, raw, rating, interval, level))
    if has_users and has_movies:
        with st.grid(3, min_column_width=150, gap="small", key=f"against{model.tag}"):
            _metrics(model, user, movie, known, people, films)
    for line in unknown_lines(model, user, movie, inputs):
        st.caption(line)
    if not model.likes:
        with st.popover("How sure is it?", type="tertiary", icon=":material/help:", key=f"sure{model.tag}"):
            for line in explanation(model.intervals, group, level, model.config.data.split):
                insight_parts.note(line)


def _share(model: Model, probability: float) -> None:
    """What came of the validation ratings that were predicted alike."""
    subject = model.subject
    rows = subject.split.validation
    alike = clusters(model.dataset, rows)
    found = likes_near(subject.prediction, subject.data.rating[rows], probability, *alike)
    claim, were = "this user likes it", "likes"
    nouns = model.dataset.nouns
    if nouns.high:
        claim, were = texts.as_text(f"{nouns.rating} is {nouns.high}"), texts.as_text(nouns.high)
    say = insight_parts.speech().prose
    st.caption(
        f"The probability that {claim}. {say(f'Of the {found.count:,} validation ratings predicted most alike')}, {100 * found.share:.0f} % were "
        f"{were}; with 95 % certainty the share of such {say('ratings')} lies between {100 * found.low:.0f} and {100 * found.high:.0f} %."
    )


def actual(model: Model, user: Asked, movie: Asked) -> Known | None:
    """The real rating of a pair that is in the data."""
    if user.row is None or movie.row is None or not {"user_id", "movie_id"} <= set(model.dataset.available_features()):
        return None
    row = known_rating(model.dataset, user.row, movie.row)
    if row is None:
        return None
    part = PARTS[model.facts.part[row]] if model.facts.part[row] >= 0 else "no"
    return Known(float(model.dataset.ratings["rating"].iloc[row]), part)


def users_like(model: Model, user: Asked, movie: Asked) -> Neighbours:
    """The users most like one to this network, among those whose rating of the movie it learned from."""
    own = _own(vectors(model.subject.network, model.predictor.encoder.encode_users(user.table)))
    others, rating = _trained(model, "movie_row", movie.row, "user_row")
    return neighbours(others, rating, model.user_vectors, own, user.row)


def movies_like(model: Model, user: Asked, movie: Asked) -> Neighbours:
    """The movies most like one to this network, among those that the user rated in training."""
    own = _own(vectors(model.subject.network, model.predictor.encoder.encode_movies(movie.table)))
    others, rating = _trained(model, "user_row", user.row, "movie_row")
    return neighbours(others, rating, model.movie_vectors, own, movie.row)


def _own(found: np.ndarray) -> np.ndarray:
    """The vector of the one who was looked up; nothing where the network looks at nothing of users, or of movies."""
    return found[0] if len(found) else np.empty(0)


def _trained(model: Model, column: str, row: int | None, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the other side, and ratings, of the training ratings of one user or movie."""
    ratings = model.dataset.ratings
    if row is None:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    rows = np.flatnonzero((ratings[column].to_numpy() == row) & (model.facts.part == 0))
    return ratings[other].to_numpy()[rows], ratings["rating"].to_numpy()[rows]


def _metrics(
    model: Model, user: Asked, movie: Asked, known: Known | None, people: Neighbours, films: Neighbours
) -> None:
    say = model.dataset.nouns.of_source
    if known is None:
        st.metric(
            insight_parts.speech().prose("Real rating"),
            "none",
            help=insight_parts.speech().prose("This user has not rated this movie."),
        )
    else:
        learned = "from this very rating" if known.part == "training" else "nothing from this rating"
        _metric("Real rating", say(known.rating), f"{known.part} rating", f"The network learned {learned}.", digits=1)
    facts = model.facts
    for label, asked, count, mean in (
        ("This movie's mean", movie, facts.movie_count, facts.movie_mean),
        ("This user's mean", user, facts.user_count, facts.user_mean),
    ):
        own = _mean(asked, count, mean)
        _metric(
            label, None if own is None else say(own), _ratings(_count(asked, count)), "Mean over the training ratings."
        )
    _metric(
        "Users like this gave",
        None if people.mean is None else say(people.mean),
        f"nearest {len(people.rows)} of {people.asked:,}",
        "Mean training rating of this movie by the users whose embeddings are most like this user's.",
    )
    _metric(
        "Movies like this got",
        None if films.mean is None else say(films.mean),
        f"nearest {len(films.rows)} of {films.asked:,}",
        "Mean training rating that this user gave the movies whose embeddings are most like this one's.",
    )


def _metric(label: str, value: float | None, note: str, about: str, digits: int = 2) -> None:
    shown = "none" if value is None else f"{value:.{digits}f}"
    say = insight_parts.speech().prose
    st.metric(say(label), shown, delta=say(note), delta_color="off", delta_arrow="off", help=say(about))


def _ratings(number: int) -> str:
    return f"{number:,} rating{'' if number == 1 else 's'}"


def _count(asked: Asked, counts: np.ndarray) -> int:
    return 0 if asked.row is None else int(counts[asked.row])


def _mean(asked: Asked, counts: np.ndarray, means: np.ndarray) -> float | None:
    return float(means[asked.row]) if asked.row is not None and counts[asked.row] > 0 else None


def _said(model: Model, raw: float, rating: float, interval: tuple[float, float], level: float) -> str:
    low, high = model.scale
    nouns = model.dataset.nouns
    text = f"The network says {raw:.3f}{'' if nouns.scale == 1 else f' {nouns.unit}'}"
    if rating != raw:
        text += f", which is outside the scale of {low:g} to {high:g} and was put within it"
    if nouns.unit == "stars":
        return f"{text}. In {100 * level:g} of 100 such questions the real rating lies between {interval[0]:.1f} and {interval[1]:.1f} stars."
    ends = [verdict.number(nouns.of_source(end)) for end in interval]
    text = f"{text}. In {100 * level:g} of 100 such questions the real {nouns.rating} lies between {ends[0]} and {ends[1]}."
    return texts.as_text(text)


def unknown_lines(model: Model, user: Asked, movie: Asked, inputs: dict[str, np.ndarray]) -> list[str]:
    """What the network does not know of a question, one sentence each."""
    lines = []
    for asked, noun, count in (
        (user, "user", model.facts.user_count),
        (movie, "movie", model.facts.movie_count),
    ):
        if asked.row is None:
            lines.append(
                insight_parts.say(
                    f"Nobody knows this {noun} yet: its id goes through the unknown index, and only what you chose counts."
                )
            )
        elif count[asked.row] == 0:
            lines.append(insight_parts.say(f"Training never saw this {noun}: its id goes through the unknown index."))
    for name in unknown_features(model, inputs):
        lines.append(_UNSEEN.format(insight_parts.feature(name)))
    return lines


def unknown_features(model: Model, inputs: dict[str, np.ndarray]) -> list[str]:
    """Features of user and movie, ids aside, with a value that training never saw. An empty list is no unseen value."""
    features = [found for found in model.predictor.encoder.features if found.level != "rating"]
    names = [found.name for found in features if found.name not in ("user_id", "movie_id")]
    return [name for name in names if 0 in codes(model, name, inputs[name])]


def explanation(found: Intervals, group: int, level: float, split: str) -> list[str]:
    """How the interval was made and whether it holds, one sentence each."""
    number = LEVELS.index(level)
    share = f"{100 * level:g} %"
    which = f"about users and movies that training has {GROUPS[group]}" if found.own[group] else "of all kinds"
    lines = [
        f"Split conformal prediction: of {found.calibrated[group]:,} validation ratings {which}, {share} were within "
        f"{found.distance[group][number]:.2f} stars of their prediction. The interval reaches as far to both sides, within the scale.",
        "The network did not learn from the validation ratings, though they decided which epoch was kept.",
    ]
    if not found.own[group]:
        lines.insert(
            1, f"Too few validation ratings are about what training has {GROUPS[group]}, so all of them were taken."
        )
    if not found.covered:
        return [*lines, "There are no test ratings to check this on."]
    held = f"On the {sum(found.tested):,} test ratings, {100 * found.covered[number]:.1f} % lay in their interval"
    if found.tested[group]:
        held += (
            f"; of those of this kind, {100 * found.covered_by_group[group][number]:.1f} % of {found.tested[group]:,}"
        )
    lines.append(held + ".")
    if split == "time":
        lines.append(
            "The test ratings are newer than the validation ratings, so the promise holds only as far as tastes stay."
        )
    return lines
