"""Table look-ups whose gradients need no scatter, for loops that XLA compiles.

XLA on a CPU turns the scatter in the gradient of a gather into a serial loop over the rows, so both kinds of table avoid it:

- A small table: `selection.T @ gradient`, with the pooled one-hot rows as `selection`, `(batch, vocabulary)`.
- A large table: sort the batch's row numbers, add up runs of equal ones in `log2(longest run)` passes, and let each row
  of the table fetch the total of its run, found by binary search. Additions happen in a fixed order: results repeat bit
  for bit.

Both give the dense gradient that a scatter would, to rounding.
"""

from typing import Any

import tensorflow as tf

from dcn_core.model.embedding import FeatureEmbedding

ONE_HOT_LIMIT = 256
"""Largest vocabulary whose gradient is a matrix product."""


def lookup(layer: FeatureEmbedding, table: Any, indices: Any, scatter: bool = False) -> Any:
    """Returns what `layer` gives for `indices` if `table` is its table.

    Args:
        layer: Says how indices become rows and how rows are pooled.
        table: `(vocabulary, e)`.
        indices: int32 `(batch,)` or `(batch, slots)`.
        scatter: Take the plain gradient of a large table, which is the fastest outside XLA and on a GPU.

    Returns:
        The vectors, `(batch, e)`.
    """
    if layer.vocabulary_size <= ONE_HOT_LIMIT:
        return _small(layer, table, indices)
    rows = layer.rows(indices)
    vectors = tf.gather(table, rows) if scatter else _large(table, rows)
    return layer.pool(vectors, indices)


def _small(layer: FeatureEmbedding, table: Any, indices: Any) -> Any:
    """Pooled rows of a small table."""
    rows = layer.rows(indices)
    selection = layer.pool(tf.one_hot(rows, layer.vocabulary_size), indices)  # (batch, vocabulary)

    @tf.custom_gradient
    def pooled(table: Any) -> Any:
        vectors = layer.pool(tf.gather(table, rows), indices)  # (batch, e)
        return vectors, lambda gradient: tf.matmul(selection, gradient, transpose_a=True)

    return pooled(table)


def _large(table: Any, rows: Any) -> Any:
    """Rows of a large table, `rows.shape + (e,)`."""

    @tf.custom_gradient
    def gathered(table: Any) -> Any:
        def gradient(upstream: Any) -> Any:
            flat = tf.reshape(upstream, (-1, table.shape[-1]))
            return sum_by_row(flat, tf.reshape(rows, (-1,)), table.shape[0])

        return tf.gather(table, rows), gradient

    return gathered(table)


def sum_by_row(values: Any, rows: Any, num_rows: int) -> Any:
    """Sums the values that belong to the same row: `tf.math.unsorted_segment_sum` without a scatter.

    Args:
        values: `(n, e)`, n known.
        rows: int32 `(n,)`, each between 0 and `num_rows - 1`.
        num_rows: Number of rows of the result.

    Returns:
        `(num_rows, e)`, zero where no value belongs.
    """
    n = values.shape[0]
    key_type = tf.int32 if num_rows * n < 2**31 else tf.int64
    position = tf.range(n)
    keys = tf.sort(tf.cast(rows, key_type) * n + tf.cast(position, key_type))  # one key holds row and position
    order = tf.cast(keys % n, tf.int32)
    sorted_rows = tf.cast(keys // n, tf.int32)
    edges = _count_below(sorted_rows, tf.range(num_rows + 1))  # row r's run is edges[r] to edges[r + 1] - 1
    start, end = edges[:-1], edges[1:]
    longest = tf.reduce_max(end - start)

    def double(reach: Any, totals: Any) -> tuple[Any, Any]:
        """totals[i] sums up to `reach` values of its run that end at i; afterwards up to twice as many."""
        before = tf.maximum(position - reach, 0)
        same_run = (position >= reach) & (tf.gather(sorted_rows, before) == sorted_rows)
        return reach * 2, totals + tf.where(same_run[:, None], tf.gather(totals, before), 0.0)

    _, totals = tf.while_loop(lambda reach, totals: reach < longest, double, (1, tf.gather(values, order)))
    return tf.where((end > start)[:, None], tf.gather(totals, tf.maximum(end - 1, 0)), 0.0)


def _count_below(ascending: Any, bounds: Any) -> Any:
    """How many elements of `ascending` are below each bound, by binary search. (XLA's own `searchsorted` compares all.)"""
    n = ascending.shape[0]
    count = tf.zeros_like(bounds)
    step = 1 << (n.bit_length() - 1)
    while step:
        longer = count + step
        is_below = (longer <= n) & (tf.gather(ascending, tf.minimum(longer, n) - 1) < bounds)
        count = tf.where(is_below, longer, count)
        step //= 2
    return count
