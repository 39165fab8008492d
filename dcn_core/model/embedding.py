"""The embedding layer: from the indices of one feature to one vector per example."""

from typing import Any, Literal

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dcn_playground")
class UniformEmbedding(keras.initializers.Initializer):
    """Uniform initial values between `-scale` and `scale`, with row 0 at zero on request.

    Args:
        scale: Largest initial value. Keras embeddings use 0.05.
        zero_row: Start row 0, the unknown category, at zero: until training sees it, it says nothing.
        seed: The same seed gives the same values.
    """

    def __init__(self, scale: float = 0.05, zero_row: bool = True, seed: int | None = None) -> None:
        self.scale = scale
        self.zero_row = zero_row
        self.seed = seed

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Returns the initial table of `shape` `(vocabulary, e)`."""
        values = keras.initializers.RandomUniform(-self.scale, self.scale, self.seed)(shape, dtype)
        if not self.zero_row:
            return values
        is_row_0 = ops.expand_dims(ops.arange(shape[0]) == 0, -1)  # (vocabulary, 1)
        return ops.where(is_row_0, ops.zeros_like(values), values)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"scale": self.scale, "zero_row": self.zero_row, "seed": self.seed}


@keras.saving.register_keras_serializable(package="dcn_playground")
class FeatureEmbedding(keras.layers.Layer):
    """Turns the category indices of one feature into its embedding vector.

    Takes int32 indices `(batch,)` of a single-valued feature or `(batch, slots)` of a multi-valued one, and returns
    `(batch, embedding_dim)`. The pooled vector is `sum(slot_weights(i) * table[rows(i)])` over the slots.

    - Index 0 is the unknown category; an index that the table does not have reads row 0 as well, never foreign memory.
    - A negative index is an empty slot of a multi-valued feature: it adds nothing and does not count in the mean. With
      `padding="unknown"` it reads row 0 and counts, as in the original notebook. A single value is never empty: negative
      means unknown.
    - Without any filled slot, the vector is zero.

    The lookup is a gather. In a compiled loop, a matrix product with one-hot rows was slower for every single-valued feature
    and faster only for a multi-valued one of about eight rows; a whole training step took the same (docs/log.md). The
    gradient of a gather is sparse: make it dense before the optimiser sees it. A
    training loop with another way for large tables gathers itself and calls `pool`: `layer.pool(vectors, indices)` equals
    `layer(indices)` if `vectors` is `table[layer.rows(indices)]`.

    Args:
        vocabulary_size: Number of rows of the table.
        embedding_dim: Numbers per category.
        pooling: How the vectors of several slots become one.
        padding: Whether empty slots are masked or read row 0.
        scale: Largest initial value of the table.
        zero_row: Start row 0 at zero.
        l2: Penalty on the squared numbers of the whole table, also of rows that the batch does not hold.
        seed: Seed of the initial table.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int,
        pooling: Literal["mean", "sum"] = "mean",
        padding: Literal["mask", "unknown"] = "mask",
        scale: float = 0.05,
        zero_row: bool = True,
        l2: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.embedding_dim = embedding_dim
        self.pooling = pooling
        self.padding = padding
        self.scale = scale
        self.zero_row = zero_row
        self.l2 = l2
        self.seed = seed

    def build(self, indices_shape: tuple[int | None, ...]) -> None:
        """Creates `table` of shape `(vocabulary_size, embedding_dim)`."""
        self.table = self.add_weight(
            shape=(self.vocabulary_size, self.embedding_dim),
            initializer=UniformEmbedding(self.scale, self.zero_row, self.seed),
            regularizer=keras.regularizers.L2(self.l2) if self.l2 else None,
            name="table",
        )

    def rows(self, indices: Any) -> Any:
        """The row of the table that each index reads, always a valid one. Same shape as `indices`."""
        known = ops.logical_and(indices >= 0, indices < self.vocabulary_size)
        return ops.where(known, indices, ops.zeros_like(indices))

    def slot_weights(self, indices: Any) -> Any:
        """The share of each slot in the pooled vector: `(batch, slots)`, zero in a masked slot."""
        filled = ops.ones_like(indices, dtype=self.compute_dtype)
        if self.padding == "mask":
            filled = ops.cast(indices >= 0, self.compute_dtype)
        if self.pooling == "sum":
            return filled
        return filled / ops.maximum(ops.sum(filled, axis=-1, keepdims=True), 1)

    def pool(self, vectors: Any, indices: Any) -> Any:
        """The vector of each example, `(batch, e)`, of its looked-up rows, `(batch, e)` or `(batch, slots, e)`."""
        if len(indices.shape) == 1:
            return vectors
        return ops.sum(vectors * ops.expand_dims(self.slot_weights(indices), -1), axis=-2)

    def call(self, indices: Any) -> Any:
        """Returns the vectors, `(batch, embedding_dim)`."""
        return self.pool(ops.take(self.table, self.rows(indices), axis=0), indices)

    def compute_output_shape(self, indices_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """`(batch, embedding_dim)`."""
        return (indices_shape[0], self.embedding_dim)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        names = ("vocabulary_size", "embedding_dim", "pooling", "padding", "scale", "zero_row", "l2", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="dcn_playground")
class NumberEmbedding(FeatureEmbedding):
    """Turns a number into an embedding scaled by it: row 1 of its table times the number, row 0 where it is missing.

    Takes float32 `(batch,)`, NaN where missing, and returns `(batch, embedding_dim)`.
    """

    def rows(self, indices: Any) -> Any:
        """The row that each number reads: 0 where missing, else 1."""
        return ops.cast(ops.logical_not(ops.isnan(indices)), "int32")

    def pool(self, vectors: Any, indices: Any) -> Any:
        """The vectors `(batch, e)` times their numbers; as they are where the number is missing."""
        return vectors * ops.expand_dims(ops.where(ops.isnan(indices), ops.ones_like(indices), indices), -1)


@keras.saving.register_keras_serializable(package="dcn_playground")
class NumberValue(keras.layers.Layer):
    """A scaled number as it stands in x0, Section 2.1 of arXiv:1708.05123: itself, and the mean, 0, where it is missing.

    Takes float32 `(batch,)`, NaN where missing, and returns `(batch, 1)`.
    """

    def call(self, numbers: Any) -> Any:
        """Returns the numbers, `(batch, 1)`."""
        return ops.expand_dims(ops.where(ops.isnan(numbers), ops.zeros_like(numbers), numbers), -1)

    def compute_output_shape(self, numbers_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """`(batch, 1)`."""
        return (numbers_shape[0], 1)
