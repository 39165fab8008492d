"""Reads a learning curve as somebody with experience would: what happened, and which knob to turn next."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from dcn_core.config.metrics import TARGETS, loss_metric, monitored
from dcn_core.config.run import RunConfig
from dcn_core.insight.wording import short

Reading = Literal["diverged", "jumps", "overfits", "falling", "flat", "good"]
JUMP, RISE, FALL = 0.02, 0.005, 0.002
"""Shares of an error: a step up of training that is a jump, a rise of validation that is overfitting, and a fall in an epoch
that is worth another one."""
_LOSSES = [loss_metric(target).name for target in TARGETS]
LEAST_EPOCHS = 3
"""A curve of fewer points says nothing yet."""


class Epoch(NamedTuple):
    """One epoch of a run: its number, from 1, and the errors of training and validation."""

    number: int
    train: float
    validation: float


class Advice(NamedTuple):
    """What a curve says.

    Attributes:
        reading: What happened.
        epoch: Since when, or when it was best; 0 where that says nothing.
        text: That, and what to do, in plain text.
    """

    reading: Reading
    epoch: int
    text: str


def epochs_of(events: Iterable[Mapping[str, Any]]) -> list[Epoch]:
    """The epochs among a run's events, in order; what is not whole is passed over. An epoch that was told twice counts as told last."""
    found: dict[int, Epoch] = {}
    for event in events:
        if event.get("type") != "epoch":
            continue
        scores, number = event.get("validation"), event.get("epoch")
        for loss in _LOSSES:
            train, validation = event.get(f"train_{loss}"), scores.get(loss) if isinstance(scores, dict) else None
            if type(number) is int and all(type(value) in (int, float) for value in (train, validation)):
                found[number] = Epoch(number, float(train), float(validation))  # type: ignore[arg-type]
    return [found[number] for number in sorted(found)]


def advise(epochs: Sequence[Epoch], config: RunConfig, diverged: bool = False) -> Advice | None:
    """Returns what to make of a run, None where there is too little of it.

    Args:
        epochs: In order.
        config: The run's experiment.
        diverged: Whether it failed because an error overflowed.
    """
    train = config.train
    if diverged or any(not math.isfinite(value) for epoch in epochs for value in epoch[1:]):
        return Advice(
            "diverged",
            0,
            f"The error overflowed: the steps were too large. Lower the learning rate from {short(train.learning_rate)} to "
            f"{short(train.learning_rate / 10)}, or set a gradient clip of 10.",
        )
    if len(epochs) < LEAST_EPOCHS:
        return None
    return _jumps(epochs, config) or _overfits(epochs, config) or _falling(epochs, config) or _rests(epochs, config)


def _jumps(epochs: Sequence[Epoch], config: RunConfig) -> Advice | None:
    steps = [
        (after, after.train / before.train - 1) for before, after in itertools.pairwise(epochs) if before.train > 0
    ]
    ups = [epoch.number for epoch, step in steps if step > JUMP]
    if len(ups) < 2 and not (ups and epochs[-1].train > epochs[0].train):
        return None
    return Advice(
        "jumps",
        ups[0],
        f"The training error itself goes up at times, first in epoch {ups[0]}: the learning rate is too high. Lower it from "
        f"{short(config.train.learning_rate)} to {short(config.train.learning_rate / 3, 2)}, or take a larger batch.",
    )


def _overfits(epochs: Sequence[Epoch], config: RunConfig) -> Advice | None:
    best, last = min(epochs, key=lambda epoch: epoch.validation), epochs[-1]
    rises = last.validation > best.validation * (1 + RISE) and last.number > best.number
    if not (rises and last.train < best.train):
        return None
    ids = [name for name in ("user_id", "movie_id") if name in config.data.features]
    cures = [f"more L2 of embeddings (now {short(config.model.embedding_l2)})" if ids else "a smaller network"]
    if ids:
        cures.append("fewer ids among the features")
    if config.model.structure != "cross" and not config.model.dropout:
        cures.append("some dropout")
    target = config.data.target
    watched = monitored(target, config.train.monitor)
    kept = f"The weights of epoch {best.number} are kept."
    if watched != loss_metric(target):
        kept = f"The weights of the epoch with the best {watched.short} are kept."
    return Advice(
        "overfits",
        best.number + 1,
        f"Validation rises since epoch {best.number + 1} while training still falls: overfitting. Try {_either(cures)}. {kept}",
    )


def _falling(epochs: Sequence[Epoch], config: RunConfig) -> Advice | None:
    before, last = epochs[-2], epochs[-1]
    is_best = last.validation <= min(epoch.validation for epoch in epochs)
    if last.number < config.train.epochs or not is_best or before.validation <= 0:
        return None
    fall = 1 - last.validation / before.validation
    if fall < FALL:
        return None
    return Advice(
        "falling",
        last.number,
        f"Validation is still falling at the end, by {100 * fall:.1f} % in the last epoch: give it more epochs than {config.train.epochs}, "
        "or train this run further.",
    )


def _rests(epochs: Sequence[Epoch], config: RunConfig) -> Advice:
    """Neither falls nor rises: it has found what it can."""
    best = min(epochs, key=lambda epoch: epoch.validation)
    flat = next(epoch for epoch in epochs if epoch.validation <= best.validation * (1 + FALL))
    if epochs[-1].number - flat.number >= 2 and flat.number < best.number:
        return Advice(
            "flat",
            flat.number,
            f"Validation is flat since epoch {flat.number}: more epochs will not help. What may: other features, another network, "
            "or a learning rate that falls at the end.",
        )
    return Advice("good", best.number, f"It ended well: best in epoch {best.number}, and it stopped soon after.")


def _either(things: Sequence[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} or {things[-1]}"
