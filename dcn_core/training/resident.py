"""The ratings as tensors that stay in memory, from which compiled programs gather their batches themselves."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import tensorflow as tf

from dcn_core.config.features import FeatureSpec
from dcn_core.data.encoder import EncodedData
from dcn_core.model.background import in_background


class ResidentData:
    """An `EncodedData` in tensors: 12 bytes a rating and what is its own, and the features of users and movies once each.

    Args:
        data: What `encode` returned.
        specs: The features that the model sees.
    """

    def __init__(self, data: EncodedData, specs: Sequence[FeatureSpec]) -> None:
        self._levels = {spec.name: data.level(spec.name) for spec in specs}
        self._features: dict[str, Any] = {}
        for spec in specs:
            kind = tf.float32 if spec.is_number else tf.int32
            self._features[spec.name] = tf.constant(data.features[spec.name], kind)
        self._user_row = tf.constant(data.user_row, tf.int32)
        self._movie_row = tf.constant(data.movie_row, tf.int32)
        self._rating = tf.constant(data.rating, tf.float32)
        self._labels = data.rating

    def labels(self, rows: np.ndarray) -> np.ndarray:
        """The labels of some rows, float32 `(len(rows),)`."""
        return self._labels[rows]

    def batch(self, rows: Any) -> tuple[dict[str, Any], Any]:
        """Returns the inputs by feature, `(batch,)` or `(batch, slots)`, and the labels, `(batch,)`, of some rows."""
        entity = {"user": tf.gather(self._user_row, rows), "movie": tf.gather(self._movie_row, rows), "rating": rows}
        inputs = {name: tf.gather(self._features[name], entity[level]) for name, level in self._levels.items()}
        return inputs, tf.gather(self._rating, rows)


def epoch_order(train_rows: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Returns the training rows in the order in which an epoch visits them: int32, the same for the same seed and epoch."""
    generator = np.random.Generator(np.random.PCG64([seed, epoch]))
    return generator.permutation(train_rows.astype(np.int32, copy=False))


class EpochOrders:
    """The `epoch_order` of each epoch in turn; the next one is made while an epoch is trained.

    Args:
        train_rows: Rows for training.
        seed: Of the training.
        epochs: Most epochs; none is made after them.
    """

    def __init__(self, train_rows: np.ndarray, seed: int, epochs: int) -> None:
        self._rows, self._seed, self._epochs = train_rows, seed, epochs
        self._ahead: dict[int, Future[np.ndarray]] = {}

    def __getitem__(self, epoch: int) -> np.ndarray:
        begun = self._ahead.pop(epoch, None)
        order = begun.result() if begun else epoch_order(self._rows, self._seed, epoch)
        if epoch < self._epochs:
            self._ahead = {epoch + 1: in_background(epoch_order, self._rows, self._seed, epoch + 1)}
        return order
