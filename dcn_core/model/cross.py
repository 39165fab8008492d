"""The cross layers of DCN and DCN-V2: each multiplies the input `x0` once more into its features.

Letters are the papers': `x0` the network's input, `x` the layer's input, both `(batch, d)`. Kernels lie as the
equations write them, so `W` is applied as `x @ W.T`: row i belongs to the feature of `x0` that is multiplied, column j
to the feature of `x` that it is crossed with. (The kernel of a Keras `Dense` layer is the transpose.)
"""

from typing import Any

import keras
from keras import ops

from dcn_core.errors import ConfigError
from dcn_core.model.shapes import check_projection_dim

Shape = tuple[int | None, ...]


class CrossLayer(keras.layers.Layer):
    """What the cross layers share: two inputs of one shape, a bias `b` that starts at zero, and the residual `+ x`.

    Args:
        l2: Penalty on the squared kernel weights; the bias has none.
        seed: Seed of the initial kernel.
    """

    def __init__(self, l2: float = 0.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.l2 = l2
        self.seed = seed

    def build(self, x0_shape: Shape, x_shape: Shape) -> None:
        """Creates the kernel and `b` of shape `(d,)`.

        Raises:
            ConfigError: The two inputs do not have the same last dimension.
        """
        if x0_shape[-1] is None or x0_shape[-1] != x_shape[-1]:
            raise ConfigError(
                "a cross layer needs `x0` and `x` with the same known last dimension. "
                f"Received: shapes {tuple(x0_shape)} and {tuple(x_shape)}."
            )
        self.build_kernel(x0_shape[-1])
        self.b = self.add_weight(shape=(x0_shape[-1],), initializer="zeros", name="b")

    def build_kernel(self, d: int) -> None:
        """Creates the weights that the penalty counts."""
        raise NotImplementedError

    def add_kernel(self, name: str, shape: tuple[int, ...], draw: int = 0) -> Any:
        """A weight with Glorot's uniform initial values, and the penalty. `draw` tells several kernels of one layer apart."""
        seed = None if self.seed is None else self.seed + draw
        return self.add_weight(
            shape=shape,
            initializer=keras.initializers.GlorotUniform(seed),
            regularizer=keras.regularizers.L2(self.l2) if self.l2 else None,
            name=name,
        )

    def compute_output_shape(self, x0_shape: Shape, x_shape: Shape) -> Shape:
        """The shape of `x`."""
        return x_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "l2": self.l2, "seed": self.seed}


@keras.saving.register_keras_serializable(package="dcn_playground")
class VectorCross(CrossLayer):
    """Cross layer of DCN (V1): `x0 * (x·w) + b + x`, 2d parameters.

    Eq. (3) of arXiv:1708.05123. The bias stands outside the product. Every feature of `x0` is multiplied by the same
    number `x·w`, so all crosses of a layer share one weight vector.
    """

    def build_kernel(self, d: int) -> None:
        """Creates `w` of shape `(d,)`."""
        self.w = self.add_kernel("w", (d,))

    def call(self, x0: Any, x: Any) -> Any:
        """Returns the crossed features, `(batch, d)`."""
        scale = ops.matmul(x, ops.expand_dims(self.w, -1))  # (batch, 1)
        return x0 * scale + self.b + x


@keras.saving.register_keras_serializable(package="dcn_playground")
class MatrixCross(CrossLayer):
    """Cross layer of DCN-V2 with a full matrix: `x0 * (W x + b) + x`, d² + d parameters.

    Eq. (1) of arXiv:2008.13535. The bias stands inside the product.
    """

    def build_kernel(self, d: int) -> None:
        """Creates `W` of shape `(d, d)`."""
        self.W = self.add_kernel("W", (d, d))

    def call(self, x0: Any, x: Any) -> Any:
        """Returns the crossed features, `(batch, d)`."""
        return x0 * (ops.matmul(x, ops.transpose(self.W)) + self.b) + x


@keras.saving.register_keras_serializable(package="dcn_playground")
class LowRankCross(CrossLayer):
    """Cross layer of DCN-V2 with a matrix of low rank: `x0 * (U (Vᵀ x) + b) + x`, 2dr + d parameters.

    Eq. (2) of arXiv:2008.13535. It is `MatrixCross` with `W = U Vᵀ`.

    Args:
        projection_dim: Rank r of the matrix, between 1 and d - 1.
        l2: Penalty on the squared weights of `U` and `V`.
        seed: Seed of the initial kernel.
    """

    def __init__(self, projection_dim: int, l2: float = 0.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(l2=l2, seed=seed, **kwargs)
        self.projection_dim = projection_dim

    def build_kernel(self, d: int) -> None:
        """Creates `U` and `V` of shape `(d, r)`.

        Raises:
            ConfigError: The rank is not between 1 and d - 1.
        """
        check_projection_dim(self.projection_dim, d)
        self.U = self.add_kernel("U", (d, self.projection_dim))
        self.V = self.add_kernel("V", (d, self.projection_dim), draw=1)

    def call(self, x0: Any, x: Any) -> Any:
        """Returns the crossed features, `(batch, d)`."""
        projected = ops.matmul(x, self.V)  # (batch, r)
        return x0 * (ops.matmul(projected, ops.transpose(self.U)) + self.b) + x

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "projection_dim": self.projection_dim}
