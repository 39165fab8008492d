"""The optimiser of a config, as a Keras optimiser, and its learning-rate schedule."""

import math
from typing import Any, Literal

import keras
from keras import ops

from dcn_core.config.train import TrainConfig

Decay = Literal["constant", "linear", "exponential", "cosine"]
LEAST_SHARE = 1e-3
"""Share of the learning rate at which an exponential decay ends at the least: it never reaches 0."""


class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate by step: `peak * warm-up * decay`.

    The warm-up rises linearly, from `1 / warmup_steps` at step 0 to 1 at step `warmup_steps - 1`. The decay falls from 1 at
    the end of the warm-up to `final` after `total_steps`, with s the share of the steps between that are done:

    - linear: `1 - s (1 - final)`
    - exponential: `final ** s`, with `final` at least `LEAST_SHARE`
    - cosine: `final + (1 - final) (1 + cos πs) / 2`

    Args:
        peak: Highest learning rate.
        warmup_steps: Steps of the warm-up; 0 is none.
        total_steps: Steps of the whole training.
        decay: How the rate falls.
        final: Share of the peak that is left at the end.
    """

    def __init__(
        self, peak: float, warmup_steps: int, total_steps: int, decay: Decay = "constant", final: float = 0.0
    ) -> None:
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.decay = decay
        self.final = final

    def __call__(self, step: Any) -> Any:
        """Returns the learning rate of a step, counted from 0."""
        step = ops.cast(step, "float32")
        rate = ops.convert_to_tensor(self.peak, "float32")
        if self.warmup_steps:
            rate = rate * ops.minimum((step + 1) / self.warmup_steps, 1.0)
        if self.decay == "constant":
            return rate
        share = (step - self.warmup_steps) / max(self.total_steps - self.warmup_steps, 1)
        share = ops.clip(share, 0.0, 1.0)
        if self.decay == "exponential":
            return rate * ops.exp(share * math.log(max(self.final, LEAST_SHARE)))
        left = 1.0 - share if self.decay == "linear" else 0.5 * (1.0 + ops.cos(math.pi * share))
        return rate * (self.final + (1.0 - self.final) * left)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        names = ("peak", "warmup_steps", "total_steps", "decay", "final")
        return {name: getattr(self, name) for name in names}


def make_optimizer(config: TrainConfig, total_steps: int) -> keras.optimizers.Optimizer:
    """Returns the optimiser that a config describes, not built yet.

    With `ema_decay` it also keeps the moving average of what it trains. Nothing overwrites the weights with it.
    """
    kinds = {
        "adam": keras.optimizers.Adam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
        "adagrad": keras.optimizers.Adagrad,
    }
    rate: Any = config.learning_rate
    if config.warmup_steps or config.learning_rate_schedule != "constant":
        rate = WarmupSchedule(
            config.learning_rate,
            config.warmup_steps,
            total_steps,
            config.learning_rate_schedule,
            config.final_learning_rate_share,
        )
    return kinds[config.optimizer](
        learning_rate=rate,
        global_clipnorm=config.gradient_clip_norm or None,
        use_ema=config.ema_decay > 0,
        ema_momentum=config.ema_decay or 0.99,
    )


def averaged_weights(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    """The moving averages of the variables that the optimiser was built on, in their order."""
    return [average.value for average in optimizer._model_variables_moving_average]
