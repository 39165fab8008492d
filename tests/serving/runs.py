"""Finished runs of untrained networks, made in this process: all that asking a model needs."""

from pathlib import Path

import numpy as np

from dcn_core.config.run import parse_config
from dcn_core.data.encoder import Encoder
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import Status
from dcn_core.runs.store import RunStore


def untrained(root: Path, **data: object) -> RunFolder:
    """A run on a small generated world, of a network with its initial weights.

    Args:
        root: The runs folder.
        **data: Settings of the data.
    """
    from dcn_core.model.builder import build_model  # TensorFlow takes seconds, which only those who call this wait for
    from dcn_core.model.export import Exporter

    model = {"embedding_dim": 4, "deep_layer_sizes": [8]}
    config = parse_config({"data": {"num_ratings": 3000, **data}, "model": model})
    dataset = load_dataset(config.data)
    encoder = Encoder.fit(dataset, split_rows(dataset, config.data).train, config.data.features)
    run = RunStore(root).create(config)
    encoder.save(run.path / "encoder.json")
    target = config.data.target
    Exporter().finish(build_model(config.model, encoder.specs, 3.5 if target == "rating" else 0.0, 1, target), run.path)
    run.save_arrays("insight", {"feature_names": np.array(["age"])})
    run.save_result({"run": run.id, "scores": {"validation": {"mse": 1.0, "rmse": 1.0, "mae": 0.8}}})
    run.set_status(Status(state="done"))
    return run
