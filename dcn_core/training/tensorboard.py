"""A run's story as TensorBoard reads it. Written record by record: `tf.summary` needs the package tensorboard."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.util import event_pb2


def write_summaries(events: Iterable[Mapping[str, Any]], folder: Path) -> None:
    """Writes event files: losses and scores by epoch, and the training loss within epochs by step.

    Args:
        events: Of a run, in order.
        folder: Made if it is missing. Training and validation get a folder each below it, so that they share a chart.
    """
    found: dict[str, list[Any]] = {
        part: [event_pb2.Event(file_version="brain.Event:2")] for part in ("train", "validation")
    }
    for event in events:
        kind, epoch, step, moment = (event.get(name) for name in ("type", "epoch", "step", "time"))
        losses = {name.removeprefix("train_"): value for name, value in event.items() if name.startswith("train_")}
        if kind == "step" and type(step) is int:
            by_step = {f"{name}_by_step": value for name, value in losses.items()}
            found["train"] += _records(by_step, step, moment)
        elif kind == "epoch" and type(epoch) is int:
            scores = event.get("validation")
            found["train"] += _records(losses, epoch, moment)
            found["validation"] += _records(scores if isinstance(scores, dict) else {}, epoch, moment)
    for part, records in found.items():
        (folder / part).mkdir(parents=True)
        with tf.io.TFRecordWriter(str(folder / part / "events.out.tfevents.0.playground")) as writer:
            for record in records:
                writer.write(record.SerializeToString())


def _records(values: Mapping[str, Any], step: int, moment: Any) -> list[Any]:
    """One record a number."""
    records = []
    for name, value in values.items():
        if type(value) in (int, float):
            record = event_pb2.Event(step=step, wall_time=moment if type(moment) in (int, float) else 0.0)
            record.summary.value.add(tag=name, simple_value=value)
            records.append(record)
    return records
