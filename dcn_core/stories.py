"""Experiments that teach something: each sets the form, says what to expect, and checks a finished run against it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dcn_core.coach import Epoch, advise
from dcn_core.config.run import RunConfig, parse_config
from dcn_core.data.dataset import GroundTruth

Values = dict[str, dict[str, Any]]
MEAN, ADDITIVE, CROSSED = RUNGS = ("mean", "additive tables", "tables with crosses")
"""Simple predictors that stories compare with, by their names in `dcn_core.insight.ladder`."""
CONTENT = ["genres", "gender", "age", "occupation", "year"]
"""Every feature but the ids of single users and movies."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run of a story came to.

    Attributes:
        config: Its experiment.
        state: Of the run, as of `Status`.
        message: Why it failed.
        scores: As of `result.json`, empty where the run did not finish.
        epochs: Its errors by epoch.
        truth: How the generated ratings came about; None for other ratings.
        rungs: Validation errors of simple predictors on the same split, by name.
    """

    config: RunConfig
    state: str
    message: str
    scores: Mapping[str, Mapping[str, float] | None]
    epochs: Sequence[Epoch]
    truth: GroundTruth | None
    rungs: Mapping[str, float]

    def mse(self) -> float | None:
        """The error on ratings that the run never used, else on those that chose its best epoch."""
        score = self.scores.get("test") or self.scores.get("validation")
        return None if score is None else score.get("mse")


class Finding(NamedTuple):
    """Whether it came as expected, and what the numbers say. Plain text."""

    held: bool
    text: str


class Story(NamedTuple):
    """One experiment.

    Attributes:
        title: A question, or a claim.
        tells: What it is about.
        expects: What should happen, and why.
        values: Settings by section; what is not named keeps its default.
        check: Looks at a run of these settings; None where its numbers do not say.
    """

    title: str
    tells: str
    expects: str
    values: Values
    check: Callable[[Outcome], Finding | None]

    def config(self) -> RunConfig:
        """The whole experiment."""
        return parse_config(self.values)


def is_of(story: Story, config: RunConfig) -> bool:
    """Whether a run is one of a story: the same experiment, whatever its seed."""
    own = story.config()
    return (
        own.data == config.data
        and own.model == config.model
        and own.train == config.train.model_copy(update={"seed": own.train.seed})
    )


def _way(outcome: Outcome) -> tuple[float, float, float, float] | None:
    """Validation errors of the network, of tables of single features and of pairs, and how far it came from one to the other."""
    score, rungs = outcome.scores.get("validation"), outcome.rungs
    if score is None or not {ADDITIVE, CROSSED} <= set(rungs):
        return None
    mse, additive, crossed = score["mse"], rungs[ADDITIVE], rungs[CROSSED]
    return mse, additive, crossed, (additive - mse) / (additive - crossed)


def _beats_additive(outcome: Outcome) -> Finding | None:
    if (found := _way(outcome)) is None:
        return None
    mse, additive, crossed, share = found
    beats = "beats" if mse < additive else "does not beat"
    return Finding(
        mse < additive,
        f"With an error of {mse:.4f} the network {beats} a table that adds up single effects, {additive:.4f}. A table with a value for "
        f"every pair of categories has {crossed:.4f}: the network went {max(share, 0):.0%} of that way with far fewer numbers.",
    )


def _stays_behind(outcome: Outcome) -> Finding | None:
    if (found := _way(outcome)) is None:
        return None
    mse, additive, crossed, share = found
    return Finding(
        share < 0.5,
        f"Its error is {mse:.4f}: a table of single effects has {additive:.4f}, one of all pairs {crossed:.4f}, so it went "
        f"{max(share, 0):.0%} of the way. One weight vector a layer gives every feature the same factor; most crosses have no "
        "place in it.",
    )


def _memorises(outcome: Outcome) -> Finding | None:
    if outcome.mse() is None or not outcome.epochs or MEAN not in outcome.rungs:
        return None
    train, validation = outcome.epochs[-1].train, outcome.epochs[-1].validation
    return Finding(
        validation > 1.1 * train,
        f"At the end it is off by {train:.4f} on the ratings that it trained on, and by {validation:.4f} on movies that it never "
        f"saw, where always saying the mean gives {outcome.rungs[MEAN]:.4f}. What it knows of single movies does not carry over.",
    )


def _ceiling(outcome: Outcome) -> Finding | None:
    mse, truth = outcome.mse(), outcome.truth
    if mse is None or truth is None or MEAN not in outcome.rungs:
        return None
    share = (outcome.rungs[MEAN] - mse) / (outcome.rungs[MEAN] - truth.floor_mse)
    return Finding(
        mse > truth.floor_mse,
        f"Always saying the mean gives {outcome.rungs[MEAN]:.4f}, and nothing can get below {truth.floor_mse:.4f}: the rest is noise. The "
        f"network has {mse:.4f}, which is {share:.0%} of the way. The last part costs the most ratings.",
    )


def _falls_over(outcome: Outcome) -> Finding | None:
    diverged = outcome.state == "failed" and "diverged" in outcome.message
    advice = advise(outcome.epochs, outcome.config, diverged)
    if advice is None:
        return None
    first = "It failed. " if diverged else ""
    return Finding(advice.reading in ("diverged", "jumps"), first + advice.text)


STORIES: dict[str, Story] = {
    "cross": Story(
        "Can a cross beat a table?",
        "A table can hold a mean for each genre, each age, each job, and add them up. What two of them do together is not in it. This "
        "network sees the same features, without ids, and has nothing but cross layers.",
        "Its error falls below that of the best table of single effects. How far it comes towards a table of all pairs says how many "
        "of the crosses it found.",
        {
            "data": {"features": CONTENT},
            "model": {"structure": "cross", "num_cross_layers": 2},
        },
        _beats_additive,
    ),
    "v1": Story(
        "V1 cannot learn this",
        "The first DCN has one weight vector in each cross layer. Every feature is multiplied by the same number, so a cross of age "
        "and genre cannot be there without one of job and genre.",
        "With the same features it hardly beats a table of single effects, however long it trains. The full matrices of DCN-V2, in the "
        "story before, do.",
        {
            "data": {"features": CONTENT},
            "model": {"structure": "cross", "cross_kind": "vector", "num_cross_layers": 3},
            "train": {"epochs": 15},
        },
        _stays_behind,
    ),
    "memory": Story(
        "Memorising is not learning: split by movie",
        "With ids among its features a network can remember every movie. Here validation and test hold only movies that training "
        "never saw.",
        "Training goes far below validation: what is remembered of a movie is no help with another one. Split by row, the same "
        "network looks much better.",
        {"data": {"split": "movie"}, "model": {"embedding_l2": 0.0}},
        _memorises,
    ),
    "ceiling": Story(
        "Where is the ceiling?",
        "Part of every rating is noise: the same person would not give the same stars twice. In the generated world it is known how "
        "much that is.",
        "The error stops falling well above zero. It gets close to the floor and never below it.",
        {},
        _ceiling,
    ),
    "deep": Story(
        "Too deep, too fast",
        "Each cross layer multiplies with the input once more, so eight of them are a polynomial of order nine. The learning rate is "
        "thirty times the usual one.",
        "After some good epochs a single step goes wrong and the error explodes, or the numbers overflow. A gradient clip, a lower rate "
        "or fewer layers mend it.",
        {
            "model": {"structure": "cross", "num_cross_layers": 8},
            "train": {"learning_rate": 0.03},
        },
        _falls_over,
    ),
}
"""Every story by a short name."""
