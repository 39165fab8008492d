"""What a network can be scored by: every metric with its unit and its direction, for lists, charts and comparisons."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

Target = Literal["rating", "like"]
TARGETS: tuple[Target, ...] = get_args(Target)
Direction = Literal["lower", "higher"]


class Metric(NamedTuple):
    """One way to score predictions.

    Attributes:
        name: Key in every table of scores.
        short: On charts and in lists.
        title: In full.
        unit: Of the number; empty where it has none.
        better: Whether lower or higher values are better.
        about: What it says, in one sentence.
        target: What the label is.
    """

    name: str
    short: str
    title: str
    unit: str
    better: Direction
    about: str
    target: Target = "rating"

    def shown(self, value: float) -> str:
        """A value in a line of text, with the metric's name."""
        return f"{self.short} {value:.4f}"

    def is_better(self, value: float, other: float) -> bool:
        """Whether a value is strictly better than another."""
        return value < other if self.better == "lower" else value > other

    @property
    def worst(self) -> float:
        """What every value is better than."""
        return float("inf") if self.better == "lower" else float("-inf")


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("mse", "MSE", "Mean squared error", "stars²", "lower", "Mean of the squared errors."),
        Metric("rmse", "RMSE", "Root mean squared error", "stars", "lower", "Square root of the mean squared error."),
        Metric("mae", "MAE", "Mean absolute error", "stars", "lower", "How far predictions are off on average."),
        Metric(
            "log_loss",
            "Log loss",
            "Log loss",
            "nats",
            "lower",
            "Mean of -ln(probability given to what happened). Always saying 50 % costs 0.693.",
            "like",
        ),
        Metric(
            "auc",
            "AUC",
            "Area under the ROC curve",
            "",
            "higher",
            "Of a positive and a negative example, how often the positive one has the higher probability; ties count half.",
            "like",
        ),
        Metric("accuracy", "Accuracy", "Accuracy", "", "higher", "Share that is on the right side of 50 %.", "like"),
        Metric(
            "brier",
            "Brier",
            "Brier score",
            "",
            "lower",
            "Mean squared difference between the probability and what happened, 0 or 1.",
            "like",
        ),
    )
}
"""Every metric by name; those of one target together, the one that training minimises first."""


def metrics_of(target: Target) -> tuple[Metric, ...]:
    """The metrics of a target, the one that training minimises first."""
    return tuple(metric for metric in METRICS.values() if metric.target == target)


def loss_metric(target: Target) -> Metric:
    """What training minimises: the mean squared error of ratings, the log loss of likes."""
    return metrics_of(target)[0]


def monitored(target: Target, monitor: str) -> Metric:
    """What decides when to stop and which weights to keep; `auto` is what training minimises."""
    return loss_metric(target) if monitor == "auto" else METRICS[monitor]


def loss_words(scores: Mapping[str, Any]) -> str:
    """The loss of a table of scores in words, `MSE 0.8123` or `Log loss 0.3170`; empty if it is of neither target."""
    target = target_of(scores)
    return loss_metric(target).shown(float(scores[loss_metric(target).name])) if target else ""


def target_of(scores: Mapping[str, Any]) -> Target | None:
    """What a table of scores by metric is about; None if it lacks one of the metrics of either target."""
    for target in TARGETS:
        if all(metric.name in scores for metric in metrics_of(target)):
            return target
    return None
