"""The optimiser of a config, as a Keras optimiser, and its learning-rate schedule."""

import math
from typing import Any

import keras
from keras import ops

from dcn_core.config.train import TrainConfig


class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate by step: `peak * warm-up * decay`.

    The warm-up rises linearly, from `1 / warmup_steps` at step 0 to 1 at step `warmup_steps - 1`. With `cosine`, the decay
    falls from 1 at the end of the warm-up to 0 after `total_steps` along half a cosine.

    Args:
        peak: Highest learning rate.
        warmup_steps: Steps of the warm-up; 0 is none.
        total_steps: Steps of the whole training.
        cosine: Whether the rate decays.
    """

    def __init__(self, peak: float, warmup_steps: int, total_steps: int, cosine: bool) -> None:
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.cosine = cosine

    def __call__(self, step: Any) -> Any:
        """Returns the learning rate of a step, counted from 0."""
        step = ops.cast(step, "float32")
        rate = ops.convert_to_tensor(self.peak, "float32")
        if self.warmup_steps:
            rate = rate * ops.minimum((step + 1) / self.warmup_steps, 1.0)
        if self.cosine:
            share = (step - self.warmup_steps) / max(self.total_steps - self.warmup_steps, 1)
            rate = rate * 0.5 * (1.0 + ops.cos(math.pi * ops.clip(share, 0.0, 1.0)))
        return rate

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""
        names = ("peak", "warmup_steps", "total_steps", "cosine")
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
        cosine = config.learning_rate_schedule == "cosine"
        rate = WarmupSchedule(config.learning_rate, config.warmup_steps, total_steps, cosine)
    return kinds[config.optimizer](
        learning_rate=rate,
        global_clipnorm=config.gradient_clip_norm or None,
        use_ema=config.ema_decay > 0,
        ema_momentum=config.ema_decay or 0.99,
    )


def averaged_weights(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    """The moving averages of the variables that the optimiser was built on, in their order."""
    return [average.value for average in optimizer._model_variables_moving_average]
