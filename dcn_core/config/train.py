"""How the weights are found: optimiser, schedule, stopping."""

from typing import Literal

from dcn_core.config.fields import Config, setting


class TrainConfig(Config):
    """Training of one run."""

    optimizer: Literal["adam", "rmsprop", "sgd", "adagrad"] = setting(
        "adam",
        label="Optimiser",
        group="Training",
        help="How a gradient becomes a step. Adam is the papers' choice and a safe first one; plain sgd needs a learning rate some "
        "thirty times higher. The original notebook uses RMSprop.",
    )
    learning_rate: float = setting(
        0.001,
        label="Learning rate",
        group="Training",
        help="Size of each step, the first knob to turn. Too high: the loss jumps or diverges. Too low: it crawls. The papers "
        "search between 0.0001 and 0.1.",
        choices=(1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
        gt=0.0,
        le=10.0,
    )
    batch_size: int = setting(
        1024,
        label="Batch size",
        group="Training",
        help="Ratings per step. Larger batches train faster per epoch, smaller ones often generalise better.",
        choices=(64, 128, 256, 512, 1024, 2048, 4096, 8192),
        ge=1,
        le=65_536,
    )
    epochs: int = setting(
        10,
        label="Epochs",
        group="Training",
        help="Most passes over the training ratings. Give it more when validation is still falling at the end: patience stops it "
        "in time anyway.",
        ge=1,
        le=1_000,
    )
    patience: int = setting(
        3,
        label="Patience",
        group="Training",
        help="Epochs without a better validation error before training stops. The best weights are kept.",
        ge=1,
        le=1_000,
    )
    seed: int = setting(
        1,
        label="Seed",
        group="Training",
        help="Seed of the initial weights, the order of the ratings and dropout. The same seed repeats the run.",
        ge=0,
        le=2**31 - 1,
    )
    monitor: Literal["auto", "mse", "mae", "log_loss", "auc", "accuracy", "brier"] = setting(
        "auto",
        label="Watched score",
        group="Training",
        help="The validation score that decides when to stop and which weights to keep. auto: the one that training minimises, "
        "mse for ratings and log_loss for likes.",
        advanced=True,
    )
    learning_rate_schedule: Literal["constant", "linear", "exponential", "cosine"] = setting(
        "constant",
        label="Schedule",
        group="Training",
        help="How the learning rate falls over all epochs, after the warm-up: along a line, by the same factor each step, or along "
        "half a cosine. Steady at the start, small at the end usually ends lower.",
        advanced=True,
    )
    final_learning_rate_share: float = setting(
        0.0,
        label="Final rate",
        group="Training",
        help="Share of the learning rate that is left at the end of a schedule. An exponential one never gets to 0: it ends at a "
        "thousandth or more. Only used with a schedule.",
        step=0.01,
        ge=0.0,
        le=1.0,
        advanced=True,
    )
    warmup_steps: int = setting(
        0,
        label="Warm-up steps",
        group="Training",
        help="Steps over which the learning rate rises from zero. Some hundred help when training jumps at the start, as with large "
        "batches or a high rate.",
        ge=0,
        le=100_000,
        advanced=True,
    )
    gradient_clip_norm: float = setting(
        0.0,
        label="Gradient clip",
        group="Training",
        help="Largest global norm of a gradient; 0 is off. Set it when training diverges although the rate is moderate, as with many "
        "cross layers. The DCN-V2 paper uses 10.",
        ge=0.0,
        le=1_000.0,
        advanced=True,
    )
    ema_decay: float = setting(
        0.0,
        label="Weight averaging",
        group="Training",
        help="Decay of an exponential moving average of the weights, used for validation and kept at the end; 0 is off. "
        "The DCN-V2 paper uses 0.9999, which takes some 10,000 steps to forget the start: 1 / (1 - decay).",
        ge=0.0,
        lt=1.0,
        advanced=True,
    )
    label_smoothing: float = setting(
        0.0,
        label="Label smoothing",
        group="Training",
        help="Moves likes and dislikes this far towards one half in training, so that no probability is driven to 0 or 1. Only "
        "used when likes are predicted; scores use the true labels.",
        step=0.01,
        ge=0.0,
        le=0.5,
        advanced=True,
    )
