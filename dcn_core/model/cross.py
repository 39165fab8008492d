"""The cross layers of DCN, DCN-V2 and GDCN: each multiplies the input `x0` once more into its features.

Letters are the papers': `x0` the network's input, `x` the layer's input, both `(batch, d)`. Kernels lie as the
equations write them, so `W` is applied as `x @ W.T`: row i belongs to the feature of `x0` that is multiplied, column j
to the feature of `x` that it is crossed with. (The kernel of a Keras `Dense` layer is the transpose.)
"""

import math
from typing import Any

import keras
from keras import ops

from dcn_core.config.model import ExpertActivation, Gate
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
        """A weight with Glorot's uniform initial values, and the penalty. `draw` tells several kernels of one layer apart.

        Each matrix of a stack `(K, rows, columns)` starts as it would by itself: Keras would take the stack for a convolution.
        """
        seed = None if self.seed is None else self.seed + draw
        limit = math.sqrt(6 / sum(shape[-2:]))
        return self.add_weight(
            shape=shape,
            initializer=keras.initializers.RandomUniform(-limit, limit, seed)
            if len(shape) > 2
            else keras.initializers.GlorotUniform(seed),
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


@keras.saving.register_keras_serializable(package="dcn_playground")
class MixtureCross(CrossLayer):
    """Cross layer of DCN-Mix: `Σᵢ Gᵢ(x) Eᵢ(x) + x` with experts `Eᵢ(x) = x0 * (Uᵢ g(Cᵢ g(Vᵢᵀ x)) + b)`.

    Eq. (3) and (4) of arXiv:2008.13535, K (2dr + r² + d) + d parameters. The gates are `softmax(G x)`, which sum to 1, or
    `sigmoid(G x)`, each for itself. One expert with a softmax gate, `C = 1` and g the identity is `LowRankCross`.

    Args:
        num_experts: Number K of experts.
        projection_dim: Rank r of each expert, between 1 and d - 1.
        gate: "softmax" or "sigmoid".
        expert_activation: The function g: "identity" or "tanh".
        l2: Penalty on the squared weights of all but `b`.
        seed: Seed of the initial kernel.
    """

    def __init__(
        self,
        num_experts: int,
        projection_dim: int,
        gate: Gate = "softmax",
        expert_activation: ExpertActivation = "identity",
        l2: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(l2=l2, seed=seed, **kwargs)
        self.num_experts = num_experts
        self.projection_dim = projection_dim
        self.gate = gate
        self.expert_activation = expert_activation

    def build_kernel(self, d: int) -> None:
        """Creates `U` and `V` of shape `(K, d, r)`, `C` of shape `(K, r, r)` and `G` of shape `(K, d)`.

        Raises:
            ConfigError: The rank is not between 1 and d - 1, or there is no expert.
        """
        experts, rank = self.num_experts, self.projection_dim
        check_projection_dim(rank, d)
        if experts < 1:
            raise ConfigError(f"a mixture cross layer needs at least 1 expert. Received: `num_experts={experts}`.")
        self.U = self.add_kernel("U", (experts, d, rank))
        self.V = self.add_kernel("V", (experts, d, rank), draw=1)
        self.C = self.add_kernel("C", (experts, rank, rank), draw=2)
        self.G = self.add_kernel("G", (experts, d), draw=3)

    def call(self, x0: Any, x: Any) -> Any:
        """Returns the crossed features, `(batch, d)`."""
        experts, d, rank = self.U.shape
        activation = ops.tanh if self.expert_activation == "tanh" else lambda values: values
        gates = self.gates(ops.matmul(x, ops.transpose(self.G)))  # (batch, K)
        # All experts side by side in one product each for V and U: the sum over experts is then part of the second.
        inner = ops.matmul(x, ops.reshape(ops.transpose(self.V, (1, 0, 2)), (d, experts * rank)))  # (batch, K r)
        inner = ops.transpose(ops.reshape(activation(inner), (-1, experts, rank)), (1, 0, 2))  # (K, batch, r)
        outer = activation(ops.matmul(inner, ops.transpose(self.C, (0, 2, 1))))  # (K, batch, r)
        weighted = ops.transpose(outer, (1, 0, 2)) * ops.expand_dims(gates, -1)  # (batch, K, r)
        stacked = ops.reshape(ops.transpose(self.U, (0, 2, 1)), (experts * rank, d))
        product = ops.matmul(ops.reshape(weighted, (-1, experts * rank)), stacked)  # (batch, d)
        return x0 * (product + ops.sum(gates, axis=-1, keepdims=True) * self.b) + x

    def gates(self, logits: Any) -> Any:
        """The experts' gates from `G x`, both `(batch, K)`."""
        if self.gate == "sigmoid":
            return ops.sigmoid(logits)
        # A softmax of one is 1, and Keras warns of it.
        return ops.softmax(logits) if self.num_experts > 1 else ops.ones_like(logits)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        names = ("num_experts", "projection_dim", "gate", "expert_activation")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="dcn_playground")
class GatedCross(CrossLayer):
    """Cross layer of GDCN: `x0 * (W x + b) * σ(Wg x) + x`, 2d² + d parameters.

    The gated cross network of arXiv:2311.04635. The gate lets each number of the cross through as far as `x` asks for; it has no bias.
    """

    def build_kernel(self, d: int) -> None:
        """Creates `W` and `Wg` of shape `(d, d)`."""
        self.W = self.add_kernel("W", (d, d))
        self.Wg = self.add_kernel("Wg", (d, d), draw=1)

    def call(self, x0: Any, x: Any) -> Any:
        """Returns the crossed features, `(batch, d)`."""
        gate = ops.sigmoid(ops.matmul(x, ops.transpose(self.Wg)))  # (batch, d)
        return x0 * (ops.matmul(x, ops.transpose(self.W)) + self.b) * gate + x
