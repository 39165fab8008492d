"""A finished run that uses as many settings as one run can."""

import pytest

from dcn_core.config.run import parse_config
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.worker import execute

VALUES = {
    "data": {"num_ratings": 1_000},
    "model": {
        "head": "average",
        "embedding_dim": 3,
        "embedding_l2": 1e-4,
        "cross_kind": "mixture",
        "num_cross_layers": 2,
        "projection_dim": 2,
        "num_experts": 2,
        "expert_activation": "tanh",
        "cross_l2": 1e-4,
        "deep_layer_sizes": [4],
        "activation": "gelu",
        "dropout": 0.2,
        "deep_l2": 1e-4,
        "id_dropout": 0.1,
        "user_bias": True,
    },
    "train": {
        "epochs": 2,
        "batch_size": 96,
        "learning_rate": 0.01,
        "learning_rate_schedule": "cosine",
        "warmup_steps": 4,
        "gradient_clip_norm": 5.0,
        "ema_decay": 0.9,
    },
}


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of two epochs on a thousand generated ratings."""
    run = RunStore(tmp_path_factory.mktemp("export") / "runs").create(parse_config(VALUES), "A *run* <b>")
    with run.lock():
        execute(run, lambda: None)
    assert run.status().finished, run.status()
    return run
