"""What tests with real workers share: small experiments, waiting, and an eye on processes."""

import os
import time
from collections.abc import Callable

import numpy as np

from dcn_core.config.run import RunConfig, override
from dcn_core.runs.folder import RunFolder

SMALL = override(
    RunConfig(),
    [
        "data.num_ratings=3000",
        "model.deep_layer_sizes=[8]",
        "model.embedding_dim=4",
        "train.epochs=2",
        "train.patience=1000",
    ],
)
LONG = override(SMALL, ["train.epochs=1000", "train.batch_size=16"])
DEADLINE_S = 120
THOROUGH = bool(os.environ.get("PLAYGROUND_THOROUGH"))
"""Whether the tests of faults try everything, which takes half an hour, or a sample."""


def wait_for(condition: Callable[[], bool], seconds: float = DEADLINE_S) -> None:
    """Waits until `condition` holds, and fails if it does not come to hold."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def has_trained(run: RunFolder, epochs: int = 1) -> bool:
    """Whether the run has finished so many epochs."""
    return run.status().epoch >= epochs


def is_there(pid: int) -> bool:
    """Whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def same_weights(left: RunFolder, right: RunFolder) -> None:
    """Fails unless two runs ended with the same weights, bit for bit."""
    weights = right.weights()
    assert weights
    for name, expected in weights.items():
        np.testing.assert_array_equal(left.weights()[name], expected, err_msg=name)
