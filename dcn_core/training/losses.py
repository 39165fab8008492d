"""What a step minimises, rating by rating, and what it reports."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from dcn_core.config.metrics import Target


class Loss(NamedTuple):
    """Functions from raw outputs and labels, `(batch,)` each, to one number a rating, `(batch,)`.

    Attributes:
        minimised: What the gradient is taken of, before penalties.
        reported: The training error that curves show: the same without label smoothing.
    """

    minimised: Callable[[Any, Any], Any]
    reported: Callable[[Any, Any], Any]


def make_loss(target: Target, label_smoothing: float = 0.0) -> Loss:
    """The squared error of ratings, or the log loss of likes from their log-odds.

    Args:
        target: What the label is.
        label_smoothing: How far likes and dislikes are moved towards one half.
    """
    if target == "rating":
        return Loss(squared_error, squared_error)
    if not label_smoothing:
        return Loss(log_loss, log_loss)
    return Loss(lambda logit, like: log_loss(logit, like * (1 - label_smoothing) + label_smoothing / 2), log_loss)


def squared_error(prediction: Any, rating: Any) -> Any:
    """(prediction - rating)²."""
    return tf.square(prediction - rating)


def log_loss(logit: Any, like: Any) -> Any:
    """-ln of the probability that sigmoid(logit) gives to the label."""
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=like, logits=logit)
