"""The weights between two features, read category by category: what the products of their embeddings come to."""

import numpy as np

from dcn_core.errors import PredictionError
from dcn_core.insight.interactions import effective_kernel, num_cross_layers
from dcn_core.insight.network import Network
from dcn_core.insight.orders import cross_head
from dcn_core.model.shapes import feature_slices


def has_blocks(network: Network) -> bool:
    """Whether each pair of features has weights of its own."""
    return bool(num_cross_layers(network.config)) and network.config.combination != "token_mean"


def reads_stars(network: Network) -> bool:
    """Whether the head reads the cross part linearly, so that a product is worth so many stars."""
    return network.config.structure in ("parallel", "cross")


def block_values(
    network: Network,
    feature: str,
    other: str,
    number: int,
    rows: np.ndarray,
    columns: np.ndarray,
    gates: np.ndarray | None = None,
) -> np.ndarray:
    """Returns what each combination of two categories comes to in a cross layer, `(A, B)`.

    With embeddings e_a and e_b it is h_i · (e_a * (W_ij e_b)) + h_j · (e_b * (W_ji e_a)) in stars, where h are the head's weights;
    where the head does not read the cross part linearly, the lengths of the two products added. Exact for a first layer
    of kind vector, matrix or low rank; in later ones x is more than the embeddings. Biases and gates are left out.

    Args:
        network: With `has_blocks`.
        feature: Along the rows.
        other: Along the columns, another one.
        number: The layer, counted from 1.
        rows: Indices of A categories of the feature.
        columns: Indices of B categories of the other one.
        gates: Of a mixture, the mean gate of each of the layer's experts: their mean is read.

    Raises:
        PredictionError: The network has no such blocks.
    """
    if not has_blocks(network) or not 1 <= number <= num_cross_layers(network.config):
        raise PredictionError(
            f"a block needs a cross layer and features side by side. Received: layer {number}. Choose another run or layer."
        )
    slices = {str(name): part for name, part in feature_slices(network.config, network.specs).items()}
    kernel, i, j = effective_kernel(network.weights, number, gates), slices[feature], slices[other]
    a, b = network.table(feature)[rows], network.table(other)[columns]
    if reads_stars(network):
        head = cross_head(network)
        joint = head[i][:, None] * kernel[i, j] + (head[j][:, None] * kernel[j, i]).T
        return np.asarray(a @ joint @ b.T)
    return _lengths(a, b @ kernel[i, j].T) + _lengths(b, a @ kernel[j, i].T).T


def _lengths(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """‖left_a * right_b‖ of every a and b, `(A, B)`."""
    return np.sqrt(np.maximum(left.astype(float) ** 2 @ (right.astype(float) ** 2).T, 0))
