"""Each story's check says yes to numbers that are as it expects, and no to others."""

import pytest

from dcn_core.coach import Epoch
from dcn_core.config.run import override
from dcn_core.data.dataset import GroundTruth
from dcn_core.stories import STORIES, Outcome, is_of


def outcome(name: str, mse: float | None = None, epochs: tuple[Epoch, ...] = (), **more: str) -> Outcome:
    truth = GroundTruth((), {}, 0.8, 0.7, {}, None)  # type: ignore[arg-type]
    scores = {} if mse is None else {"validation": {"mse": mse}, "test": {"mse": mse}}
    rungs = {"mean": 1.2, "additive tables": 1.0, "tables with crosses": 0.8}
    state, message = more.get("state", "done"), more.get("message", "")
    return Outcome(STORIES[name].config(), state, message, scores, epochs, truth, rungs)


STEADY = tuple(Epoch(n, 1.0 - n / 20, 1.0 - n / 20) for n in range(1, 5))
APART = tuple(Epoch(n, 1.0 - n / 10, 1.0) for n in range(1, 5))
JUMPING = tuple(Epoch(n, 1.0 + n % 2, 1.0 + n % 2) for n in range(1, 7))


@pytest.mark.parametrize(
    ("yes", "no", "said"),
    [
        (outcome("cross", 0.9), outcome("cross", 1.05), "went 50% of that way"),
        (outcome("v1", 0.95), outcome("v1", 0.82), "25% of the way"),
        (outcome("memory", 1.0, APART), outcome("memory", 0.8, STEADY), "off by 0.6000"),
        (outcome("ceiling", 0.8), outcome("ceiling", 0.6), "80% of the way"),
        (outcome("deep", 1.0, JUMPING), outcome("deep", 1.0, STEADY), "learning rate is too high"),
        (
            outcome("deep", state="failed", message="training diverged."),
            outcome("deep", 1.0, STEADY),
            "It failed. The error overflowed",
        ),
    ],
)
def test_a_check_tells_apart_what_was_expected_and_what_was_not(yes: Outcome, no: Outcome, said: str) -> None:
    story = next(one for one in STORIES.values() if is_of(one, yes.config))
    held, missed = story.check(yes), story.check(no)
    assert held is not None and held.held and said in held.text
    assert missed is not None and not missed.held


@pytest.mark.parametrize("name", STORIES)
def test_a_run_without_numbers_is_not_judged(name: str) -> None:
    assert STORIES[name].check(outcome(name)) is None


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_a_valid_experiment_of_its_own(name: str) -> None:
    story = STORIES[name]
    config = story.config()
    assert [other for other, one in STORIES.items() if is_of(one, config)] == [name]
    assert is_of(story, override(config, ["train.seed=7"]))
    assert not is_of(story, override(config, ["train.patience=9"]))
    assert all(text.endswith(".") for text in (story.tells, story.expects))
